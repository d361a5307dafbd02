"""A tape gives what the expression that it records gives, bit for bit."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from sgcli.maths import VOCABULARY, tape
from sgcli.maths.torch_ import Torch
from tests.strategies import DETERMINISTIC, name_of, shapes_of

EXTREME = [0.0, -0.0, 1e-30, -1e-30, 1.0, -1.0, 1e30, -1e30, torch.inf, -torch.inf, torch.nan]
X = torch.cat([torch.linspace(-4, 4, 89), torch.tensor(EXTREME)]).double().reshape(4, 25)
OTHER = torch.linspace(-2, 3, 100).double().reshape(4, 25)

Function = Callable[..., Any]


@pytest.fixture(autouse=True)
def several_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Blocks of at most 32 elements, so that the last one is shorter."""
    monkeypatch.setattr(tape, "BLOCK", max(1, 32 // torch.get_num_threads()))


def same(function: Function, dtype: torch.dtype, *tensors: Tensor) -> None:
    inputs = [t.to(dtype) for t in tensors]
    before = [t.clone() for t in inputs]
    recorded = tape.record(function, len(inputs), dtype)
    assert recorded is not None
    result = recorded(*inputs)
    want = function(Torch(inputs[0]), *inputs)
    assert (result.dtype, result.shape) == (want.dtype, want.shape)
    assert identical(result, want)
    assert all(map(identical, inputs, before))


def identical(a: Tensor, b: Tensor) -> bool:
    """Equal, including the sign of a zero."""
    signs = torch.equal(a.signbit() & ~a.isnan(), b.signbit() & ~b.isnan())
    return signs and torch.allclose(a, b, rtol=0, atol=0, equal_nan=True)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("definition", DETERMINISTIC, ids=name_of)
@settings(max_examples=10, deadline=None)
@given(data=st.data())
def test_derivatives_of_the_catalogue(definition, dtype, data):
    values = data.draw(shapes_of(definition)).values
    same(lambda m, x, g: g * definition.derivative(m, x, *values), dtype, X, OTHER)


TWO: dict[str, Function] = {
    "fmod": lambda m, x, y: m.fmod(x, 0.75) + y,
    "wrap": lambda m, x, y: m.wrap(x, 0.75) * y,
    "where": lambda m, x, y: m.where((x < 0) & (y > 1) | (y <= 0), m.where(x >= y, 2, 3), x),
    "minimum": lambda m, x, y: m.minimum(x, y) - m.minimum(x, 0.5),
    "maximum": lambda m, x, y: m.maximum(x, y) - m.maximum(x, 0) + m.maximum(x, 0.5),
    "clip": lambda m, x, y: m.clip(x, -y, 1),
    "sum": lambda m, x, y: m.sum(4, lambda i: m.cospi(i * x) / i**2) * y,
}


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("word", sorted(set(VOCABULARY) - {"pi"}))
def test_every_word_of_the_vocabulary(word, dtype):
    function = TWO.get(word, lambda m, x, y: getattr(m, word)(x * m.pi) + y)
    same(function, dtype, X, OTHER)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize(
    "function",
    [
        lambda m, x: 1 / x + 3 / (1 + x) - x / 3,
        lambda m, x: (2 - x) * (x - 2) * -x,
        lambda m, x: x**2 + x**3 - x**0.5 + x**-1.5 + 2**x,
        lambda m, x: m.exp(m.sqrt(m.pi)) * x + m.log(3.0) + abs(-2) * m.tanh(0.1),
        lambda m, x: x * x,
        lambda m, x: x**2 * (2 - x) + m.where(x < 2, 2, x),
        lambda m, x: (lambda e: e / (1 + e) * (e - m.exp(x)) + m.exp(x))(m.exp(-m.abs(x))),
    ],
)
def test_arithmetic_with_numbers(function, dtype):
    same(function, dtype, X)


def test_the_result_is_written_to_out():
    out = torch.empty_like(X)
    recorded = tape.record(lambda m, x: m.exp(x) - 1, 1, X.dtype)
    assert recorded is not None
    assert recorded(X, out=out) is out
    assert identical(out, torch.exp(X) - 1)


def test_constants_are_on_the_cpu_for_every_default_device():
    with torch.device("meta"):
        result = tape.record(lambda m, x: m.exp(x) - 1, 1, X.dtype)
    assert result is not None
    assert identical(result(X), torch.exp(X) - 1)


C = torch.tensor(3.0)


@pytest.mark.parametrize(
    "function",
    [
        lambda m, x: x,
        lambda m, x: 1.0,
        lambda m, x: m.unheard_of(x),
        lambda m, x: x.abs() * 2,
        lambda m, x: (x == 0) * m.exp(x),
        lambda m, x: (x != 0) * m.exp(x),
        lambda m, x: m.where(m.where(x > 0, x < 1, x < -1), x, 0.5),
        lambda m, x: m.exp(x) * ((x > -1) + (x > 0) + (x > 1)),
        lambda m, x: m.exp(x) * C,
        lambda m, x: m.exp(x) if isinstance(x, Tensor) else m.abs(x),
        lambda m, x: m.fmod(2.0, x),
    ],
)
def test_methods_of_tensors_cannot_be_recorded(function):
    assert tape.record(function, 1, torch.float32) is None


@pytest.mark.parametrize("zero", [0.0, -0.0])
def test_zeros_have_signs(zero):
    same(lambda m, x: m.where(x > 0, x * zero, m.where(x < -1, 0.0, -0.0)), torch.float32, X)


def test_a_shared_part_is_recorded_once():
    """Thirty iterations, whose expression would have 2^30 parts without sharing."""

    def root(m: Any, x: Any) -> Any:
        y = 1 + m.abs(x)
        for _ in range(30):
            y = (y + (1 + x * x) / y) / 2
        return m.minimum(y, 10)

    same(root, torch.float64, X.nan_to_num(1, 1, -1).clamp(-1e9, 1e9))


def test_buffers_are_reused():
    """Sixty consecutive operations need only the memory of their result."""

    def chain(m: Any, x: Any) -> Any:
        for _ in range(20):
            x = m.exp(-m.abs(x))
        return x

    result = tape.record(chain, 1, torch.float32)
    assert result is not None
    assert len(result.operations) == 60
    assert torch.float32 not in result.others
