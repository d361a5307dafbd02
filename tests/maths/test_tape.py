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
    """Of 32 elements at most, the last of which is shorter."""
    monkeypatch.setattr(tape, "BLOCK", max(1, 32 // torch.get_num_threads()))


def same(function: Function, dtype: torch.dtype, *given: Tensor) -> None:
    inputs = [t.to(dtype) for t in given]
    before = [t.clone() for t in inputs]
    found = tape.record(function, len(inputs), dtype)(*inputs)
    want = function(Torch(inputs[0]), *inputs)
    assert (found.dtype, found.shape) == (want.dtype, want.shape)
    assert identical(found, want)
    assert all(map(identical, inputs, before))


def identical(one: Tensor, other: Tensor) -> bool:
    """To the sign of a zero."""
    both_nan = one.isnan() & other.isnan()
    return bool((both_nan | (one == other) & (one.signbit() == other.signbit())).all())


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


def test_it_writes_where_it_is_told_to():
    out = torch.empty_like(X)
    assert tape.record(lambda m, x: m.exp(x) - 1, 1, X.dtype)(X, out=out) is out


def test_its_numbers_are_on_the_cpu_whatever_the_default_device_is():
    with torch.device("meta"):
        found = tape.record(lambda m, x: m.exp(x) - 1, 1, X.dtype)
    assert identical(found(X), torch.exp(X) - 1)


@pytest.mark.parametrize("function", [lambda m, x: x, lambda m, x: 1.0])
def test_what_does_nothing_with_x_is_refused(function):
    with pytest.raises(ValueError, match="nothing"):
        tape.record(function, 1, torch.float32)


def test_what_torch_has_no_word_for_is_refused():
    with pytest.raises(KeyError):
        tape.record(lambda m, x: m.unheard_of(x), 1, torch.float32)


def test_buffers_are_used_again():
    """Sixty operations in a row need no memory but that of their result."""

    def chain(m: Any, x: Any) -> Any:
        for _ in range(20):
            x = m.exp(-m.abs(x))
        return x

    found = tape.record(chain, 1, torch.float32)
    assert len(found.operations) == 60
    assert torch.float32 not in found.others
