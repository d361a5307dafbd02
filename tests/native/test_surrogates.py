"""The elementwise kernels against torch's own functions and against what they promise."""

from __future__ import annotations

import itertools
import math
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from sgcli import surrogate
from sgcli.definitions import REGISTRY, Shape
from sgcli.native import library, ops, writer
from sgcli.training.run.process import threads
from tests.native import DTYPES, LARGE, NATIVE, needs_kernels
from tests.strategies import DEFINITIONS, name_of, shapes

pytestmark = needs_kernels


def gradient(shape: Shape, x: Tensor) -> Tensor:
    leaf = x.clone().requires_grad_()
    y = surrogate.of(shape.definition)(*shape.values)(leaf)
    return torch.autograd.grad(y.sum(), leaf)[0]


def test_every_entry_with_a_deterministic_gradient_has_a_kernel() -> None:
    for definition in DEFINITIONS:
        assert (ops.fallback_reason(definition) == "") == (not definition.random_gradient)


@given(shapes(), st.integers(0, 2**32 - 1), st.sampled_from(DTYPES))
def test_a_kernel_agrees_with_torch(shape: Shape, seed: int, dtype: torch.dtype) -> None:
    if writer.reason(shape.definition):
        return
    generator = torch.Generator().manual_seed(seed)
    x = 3 * torch.randn(67, generator=generator, dtype=dtype)
    result = gradient(shape, x)
    with library.off():
        wanted = gradient(shape, x)
    # float32 is held to 50 digits by the checks; here the two paths must be of one size.
    tolerance = 2e-5 if dtype == torch.float32 else 1e-12
    scale = float(wanted.abs().max()) + 1e-30
    torch.testing.assert_close(result, wanted, rtol=0, atol=tolerance * scale)


@pytest.mark.parametrize("definition", NATIVE, ids=name_of)
def test_threads_change_no_bit(definition: Any) -> None:
    x = 3 * torch.randn(100_003, generator=torch.Generator().manual_seed(0))
    results, spikes = [], []
    for count in (1, 2, 3):
        with threads(count):
            results.append(gradient(Shape.of(definition), x))
            spikes.append(x if definition.stochastic else surrogate.of(definition)()(x))
    assert all(torch.equal(*pair) for pair in itertools.pairwise(results))
    assert all(torch.equal(*pair) for pair in itertools.pairwise(spikes))


@pytest.mark.parametrize("dtype", DTYPES)
def test_decay_is_within_two_units_down_to_the_smallest_subnormal(dtype: torch.dtype) -> None:
    least = np.log(float(torch.finfo(dtype).smallest_normal) * torch.finfo(dtype).eps)
    shape = Shape.of(REGISTRY["piecewise_exp"], alpha=2.0)  # exp(-2|x|)
    x = torch.linspace(float(least) / 2 * 0.9999, 0, 1_000_003, dtype=dtype)
    z = (2 * x).double().numpy()
    want = np.exp(z.astype(np.longdouble))
    got = gradient(shape, x).double().numpy().astype(np.longdouble)
    unit = np.spacing(want.astype(x.numpy().dtype)).astype(np.longdouble)
    assert float((np.abs(got - want) / unit).max()) < 2
    below = torch.tensor([float(least) / 2 * 1.01, -1e30, -float("inf")], dtype=dtype)
    assert not gradient(shape, below).any()


@pytest.mark.parametrize("dtype", DTYPES)
def test_log1p_is_right_from_the_smallest_to_the_largest_number(dtype: torch.dtype) -> None:
    shape = Shape.of(REGISTRY["q_pseudo_spike"], alpha=1.0625)  # (1 + 32|x|) ** -1.0625
    finfo = torch.finfo(dtype)
    sizes = np.geomspace(finfo.smallest_normal, finfo.max / 40, 100_001)
    x = torch.tensor(sizes, dtype=dtype)
    truth = np.exp(-1.0625 * np.log1p(32 * x.numpy().astype(np.longdouble)))
    got = gradient(shape, x).numpy().astype(np.longdouble)
    kept = truth > finfo.smallest_normal * 2
    # An error of the logarithm counts as often as the gradient has powers of e.
    allowed = finfo.eps * (4 + 2 * np.abs(np.log(truth)))
    assert (np.abs(got / truth - 1) <= allowed)[kept].all()
    assert kept.mean() > 0.9


@pytest.mark.parametrize(("dtype", "tolerance"), [(torch.float32, 3e-6), (torch.float64, 5e-15)])
@pytest.mark.parametrize("far", [1.0, 2.0**20, 2.0**27, 2.0**30, 2.0**60])
def test_a_wave_is_exact_far_away_and_beside_any_other_number(
    far: float, dtype: torch.dtype, tolerance: float
) -> None:
    generator = torch.Generator().manual_seed(2)
    x = far * torch.randn(5000, generator=generator, dtype=dtype)
    x[::1000] = 0.25  # blocks of one and of both kinds
    x[:1200] /= far
    period = 1.7
    shape = Shape.of(REGISTRY["squarewave_fourier_series"], n=1, T_period=period)
    own = torch.tensor(period, dtype=dtype).item()
    want = [4 / period * math.cos(2 * math.pi * math.remainder(v, own) / own) for v in x]
    np.testing.assert_allclose(gradient(shape, x).double(), want, atol=tolerance)


@pytest.mark.parametrize("period", [1e-37, 1e-30, 1e30, 3e38])
def test_a_period_may_be_as_long_or_short_as_numbers_are(period: float) -> None:
    shape = Shape.of(REGISTRY["periodic_exponential"], w=period, v_threshold=period)
    x = torch.tensor([0.0, 0.2, 0.5, 0.8, 1.0, 2.3]).double().mul(period).float()
    x = x[x.isfinite()]
    result = gradient(shape, x)
    with library.off():
        torch.testing.assert_close(result, gradient(shape, x))
    assert result[0] == 1


@pytest.mark.parametrize("definition", NATIVE, ids=name_of)
def test_nan_and_infinities_are_those_of_torch(definition: Any) -> None:
    x = torch.tensor([float("nan"), float("inf"), -float("inf"), -0.0, 3e38, -3e38])
    shape = Shape.of(definition)
    result = gradient(shape, x)
    with library.off():
        wanted = gradient(shape, x)
    torch.testing.assert_close(result, wanted, rtol=1e-5, atol=1e-30, equal_nan=True)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", ["rect", "sigmoid", "dspike", "multi_level_spike_count"])
def test_a_result_too_large_for_the_cache_is_that_of_its_parts(
    name: str, dtype: torch.dtype
) -> None:
    generator = torch.Generator().manual_seed(5)
    x, grad = torch.randn(2, LARGE + 45, generator=generator, dtype=dtype)
    params = Shape.of(REGISTRY[name]).values
    parts = list(zip(x[3:].split(99_999), grad[3:].split(99_999), strict=True))
    result = ops.spikes(x[3:], name, params)
    assert torch.equal(result, torch.cat([ops.spikes(a, name, params) for a, _ in parts]))
    result = ops.gradient(grad[3:], x[3:], name, params)
    assert torch.equal(result, torch.cat([ops.gradient(g, a, name, params) for a, g in parts]))


def test_any_strides_do() -> None:
    x = torch.randn(6, 40, 30, generator=torch.Generator().manual_seed(0))
    views = (x.transpose(0, 1), x[:, ::2], x.transpose(1, 2), x[0].expand(6, 40, 30))
    for view in views:
        for weight in (torch.ones(()).expand(view.shape), torch.randn_like(view).contiguous()):
            grads = []
            for given_x in (view, view.contiguous()):
                leaf = given_x.detach().requires_grad_()
                y = surrogate.Sigmoid()(leaf)
                grads.append(torch.autograd.grad(y, leaf, weight)[0])
            assert torch.equal(*grads)


@torch.no_grad()
@pytest.mark.parametrize("x_dtype", DTYPES)
@pytest.mark.parametrize("dtype", [*DTYPES, torch.float16])
@pytest.mark.parametrize("size", [(6,), (), (1,), (3, 6)])
def test_an_incoming_gradient_of_any_dtype_and_shape_is_that_of_torch(
    x_dtype: torch.dtype, dtype: torch.dtype, size: tuple[int, ...]
) -> None:
    generator = torch.Generator().manual_seed(0)
    x = torch.randn(6, generator=generator, dtype=x_dtype)
    weight = torch.randn(size, generator=generator).to(dtype)
    backward = surrogate.of(REGISTRY["atan"]).backward
    result = backward(weight, x, 2.0)
    with library.off():
        wanted = backward(weight, x, 2.0)
    torch.testing.assert_close(result, wanted)
