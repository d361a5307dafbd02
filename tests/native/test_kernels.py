"""The compiled kernels against torch's own functions and against what they promise."""

from __future__ import annotations

import contextlib
import itertools
import math
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from sgcli import surrogate
from sgcli.definitions import REGISTRY, Shape
from sgcli.native import library, ops, writer
from sgcli.neuron import LIFNode
from tests.strategies import DEFINITIONS, name_of, shapes

pytestmark = pytest.mark.skipif(
    isinstance(library.libraries(), str), reason=f"kernels: {library.libraries()}"
)
NATIVE = [d for d in DEFINITIONS if not writer.reason(d)]
DTYPES = (torch.float32, torch.float64)


def gradient(shape: Shape, x: Tensor) -> Tensor:
    leaf = x.clone().requires_grad_()
    y = surrogate.of(shape.definition)(*shape.values)(leaf)
    return torch.autograd.grad(y.sum(), leaf)[0]


def test_every_entry_whose_gradient_is_not_drawn_has_a_kernel() -> None:
    for definition in DEFINITIONS:
        assert (ops.obstacle(definition) == "") == (not definition.random_gradient)


@given(shapes(), st.integers(0, 2**32 - 1), st.sampled_from(DTYPES))
def test_a_kernel_agrees_with_torch(shape: Shape, seed: int, dtype: torch.dtype) -> None:
    if writer.reason(shape.definition):
        return
    generator = torch.Generator().manual_seed(seed)
    x = 3 * torch.randn(67, generator=generator, dtype=dtype)
    found = gradient(shape, x)
    with library.off():
        wanted = gradient(shape, x)
    # float32 is held to 50 digits by the checks; here the two paths must be of one size.
    tolerance = 2e-5 if dtype == torch.float32 else 1e-12
    scale = float(wanted.abs().max()) + 1e-30
    torch.testing.assert_close(found, wanted, rtol=0, atol=tolerance * scale)


@pytest.mark.parametrize("dtype", DTYPES)
def test_decay_is_within_two_units_and_zero_where_it_is_subnormal(dtype: torch.dtype) -> None:
    least = np.log(float(torch.finfo(dtype).smallest_normal))
    shape = Shape.of(REGISTRY["piecewise_exp"], alpha=2.0)  # exp(-2|x|)
    x = torch.linspace(float(least) / 2 * 0.9999, 0, 1_000_003, dtype=dtype)
    z = (2 * x).double().numpy()
    want = np.exp(z.astype(np.longdouble))
    got = gradient(shape, x).double().numpy().astype(np.longdouble)
    unit = np.spacing(want.astype(x.numpy().dtype)).astype(np.longdouble)
    assert float((np.abs(got - want) / unit).max()) < 2
    below = torch.tensor([float(least) / 2 * 1.0001, -1e30, -float("inf")], dtype=dtype)
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
def test_a_wave_is_exact_however_far_and_whatever_lies_beside(
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
    found = gradient(shape, x)
    with library.off():
        torch.testing.assert_close(found, gradient(shape, x))
    assert found[0] == 1


@pytest.mark.parametrize("definition", NATIVE, ids=name_of)
def test_nan_and_infinities_are_those_of_torch(definition: Any) -> None:
    x = torch.tensor([float("nan"), float("inf"), -float("inf"), -0.0, 3e38, -3e38])
    shape = Shape.of(definition)
    found = gradient(shape, x)
    with library.off():
        wanted = gradient(shape, x)
    torch.testing.assert_close(found, wanted, rtol=1e-5, atol=1e-30, equal_nan=True)


def at_the_threshold(steps: int, columns: int, dtype: torch.dtype, keep: float) -> Tensor:
    """Inputs that put the membrane within a rounding of the threshold again and again."""
    generator = torch.Generator().manual_seed(3)
    x = torch.empty(steps, columns, dtype=dtype)
    v = torch.zeros(columns, dtype=dtype)
    for t in range(steps):
        aimed = 1 - keep * v
        off = torch.randint(-2, 3, (columns,), generator=generator)
        for sign in (-1, 1):
            for _ in range(2):
                moved = torch.nextafter(aimed, torch.full_like(aimed, sign * 9.0))
                aimed = torch.where(off * sign > 0, moved, aimed)
                off = off - sign * (off * sign > 0).long()
        x[t] = aimed
        h = torch.add(x[t], v, alpha=keep)
        v = torch.where(h >= 1, torch.zeros_like(h), h)
    return x


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("hard", [True, False])
def test_the_spikes_of_the_backward_pass_are_those_of_the_forward_pass(
    dtype: torch.dtype, hard: bool
) -> None:
    """With the slope 1 the gradient is a sum over steps that only emitted spikes cut off."""
    steps, columns, keep = 40, 1500, 0.4375
    x = at_the_threshold(steps, columns, dtype, keep)
    v = torch.zeros(columns, dtype=dtype)
    neuron = [keep, 1.0, 0.0, 1.0, 0.0 if hard else 1.0, float(hard), 1.0]
    spikes, _ = ops.sequence(x, v, steps, False, neuron)
    assert 0.2 < float(spikes.mean()) < 0.8
    generator = torch.Generator().manual_seed(4)
    weight = torch.randint(1, 5, (steps, columns), generator=generator).to(dtype)
    found, _ = ops.sequence_gradient(
        weight, None, x, v, steps, False, neuron, "deterministic_pass", []
    )
    later = torch.zeros(columns, dtype=dtype)
    for t in reversed(range(steps)):
        to_h = weight[t] + (later * (1 - spikes[t]) if hard else later)
        assert torch.equal(found[t], to_h)
        later = keep * to_h


@settings(max_examples=30)
@given(st.integers(1, 30), st.integers(1, 5), st.integers(1, 700), st.booleans(), st.booleans())
def test_sequences_of_any_size_agree_with_the_steps(
    steps: int, batch: int, width: int, constant: bool, hard: bool
) -> None:
    generator = torch.Generator().manual_seed(steps)
    size = (batch, width) if constant else (steps, batch, width)
    x = torch.randn(size, generator=generator) + 0.6
    node = LIFNode(
        tau=1.7, v_reset=-0.1 if hard else None, step_mode="m", surrogate_function=surrogate.ATan()
    )

    def run() -> tuple[Tensor, Tensor]:
        node.reset()
        leaf = x.clone().requires_grad_()
        spikes = node.constant_forward(leaf, steps) if constant else node(leaf)
        return spikes.detach(), torch.autograd.grad((spikes**2).sum(), leaf)[0]

    spikes, grad = run()
    with library.off():
        wanted, wanted_grad = run()
    assert torch.equal(spikes, wanted)
    torch.testing.assert_close(grad, wanted_grad, rtol=1e-4, atol=1e-5)


@settings(max_examples=40)
@given(
    st.integers(1, 13),
    st.integers(1, 300),
    st.booleans(),
    st.booleans(),
    st.sampled_from(["spikes", "potential", "both"]),
)
def test_every_gradient_of_a_sequence_is_that_of_the_steps(
    steps: int, width: int, hard: bool, detach: bool, of: str
) -> None:
    """In float64, for an incoming gradient of the spikes, of the last potential, or of both."""
    generator = torch.Generator().manual_seed(width)
    x = torch.randn(steps, width, generator=generator, dtype=torch.float64) + 0.6
    first = torch.rand(width, generator=generator, dtype=torch.float64)
    node = LIFNode(v_reset=0.2 if hard else None, detach_reset=detach, step_mode="m")

    def run() -> tuple[Tensor, ...]:
        leaves = [t.clone().requires_grad_() for t in (x, first)]
        node.reset()
        node.v = leaves[1]
        spikes = node(leaves[0])
        loss = torch.zeros(())
        if of != "potential":
            loss = loss + (spikes * x).sum()
        if of != "spikes":
            loss = loss + (node.v**2).sum()
        return spikes.detach(), *torch.autograd.grad(loss, leaves)

    found = run()
    with library.off():
        wanted = run()
    assert torch.equal(found[0], wanted[0])
    torch.testing.assert_close(found[1:], wanted[1:], rtol=1e-12, atol=1e-12)


def test_threads_change_no_bit() -> None:
    x = torch.randn(20, 3000, generator=torch.Generator().manual_seed(0)) + 0.5
    before = torch.get_num_threads()
    results = []
    try:
        for threads in (1, 2, 3):
            torch.set_num_threads(threads)
            node = LIFNode(step_mode="m")
            leaf = x.clone().requires_grad_()
            spikes = node(leaf)
            results.append((spikes.detach(), *torch.autograd.grad(spikes.sum(), leaf)))
    finally:
        torch.set_num_threads(before)
    for one, other in itertools.pairwise(results):
        assert all(torch.equal(a, b) for a, b in zip(one, other, strict=True))


LARGE = 1 << 21  # float32 numbers of the smallest result that is streamed, where it can be


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", ["rect", "sigmoid", "dspike", "multi_level_spike_count"])
def test_a_result_too_large_for_the_cache_is_that_of_its_parts(
    name: str, dtype: torch.dtype
) -> None:
    generator = torch.Generator().manual_seed(5)
    x, grad = torch.randn(2, LARGE + 45, generator=generator, dtype=dtype)
    params = Shape.of(REGISTRY[name]).values
    parts = list(zip(x[3:].split(99_999), grad[3:].split(99_999), strict=True))
    found = ops.spikes(x[3:], name, params)
    assert torch.equal(found, torch.cat([ops.spikes(a, name, params) for a, _ in parts]))
    found = ops.gradient(grad[3:], x[3:], name, params)
    assert torch.equal(found, torch.cat([ops.gradient(g, a, name, params) for a, g in parts]))


@pytest.mark.parametrize("hard", [True, False])
@pytest.mark.parametrize("columns", [LARGE // 7 // 16 * 16 + 16, LARGE // 7 + 5])
def test_a_sequence_too_large_for_the_cache_is_that_of_its_columns(
    columns: int, hard: bool
) -> None:
    """Rows that begin with a line are streamed, and others are not."""
    steps = 7
    generator = torch.Generator().manual_seed(6)
    x, grad = torch.randn(2, steps, columns, generator=generator)
    v = torch.rand(columns, generator=generator)
    neuron = [0.5, 0.9, 0.1, 1.0, 0.0 if hard else 1.0, float(hard), 0.0]

    def run(columns: slice) -> tuple[Tensor, ...]:
        a, g, first = (t[..., columns].contiguous() for t in (x, grad, v))
        results = ops.sequence(a, first, steps, False, neuron)
        gradients = ops.sequence_gradient(g, None, a, first, steps, False, neuron, "sigmoid", [4.0])
        return (*results, *gradients)

    half = columns // 2 + 1
    parts = zip(run(slice(half)), run(slice(half, None)), strict=True)
    for found, wanted in zip(run(slice(None)), parts, strict=True):
        assert torch.equal(found, torch.cat(wanted, -1))


@pytest.mark.parametrize("on", [True, False])
@pytest.mark.parametrize("module", [LIFNode(step_mode="m"), surrogate.ATan()])
def test_gradients_may_be_batched(module: Any, on: bool) -> None:
    x = torch.randn(4, 3, generator=torch.Generator().manual_seed(1)) + 0.5
    leaf = x.requires_grad_()
    with contextlib.nullcontext() if on else library.off():
        y = module(leaf)
        weights = torch.randn(5, *x.shape)
        found = torch.autograd.grad(y, leaf, weights, retain_graph=True, is_grads_batched=True)[0]
        wanted = [torch.autograd.grad(y, leaf, w, retain_graph=True)[0] for w in weights]
    torch.testing.assert_close(found, torch.stack(wanted))


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
    found = backward(weight, x, 2.0)
    with library.off():
        wanted = backward(weight, x, 2.0)
    torch.testing.assert_close(found, wanted)


def test_tensors_that_are_not_of_one_sequence_are_refused() -> None:
    neuron = [0.5, 0.5, 0.0, 1.0, 0.0, 1.0, 0.0]
    with pytest.raises(ValueError, match="5 steps"):
        ops.sequence(torch.randn(4, 7), torch.zeros(7), 5, False, neuron)
    double = torch.zeros(7, dtype=torch.float64)
    x = torch.randn(5, 7) + 1
    assert torch.equal(
        ops.sequence(x, double, 5, False, neuron)[0],
        ops.sequence(x, double.float(), 5, False, neuron)[0],
    )


@pytest.mark.parametrize("name", [op.__name__ for op in ops.OPS])
def test_ops_keep_what_torch_asks_of_an_op(name: str) -> None:
    """Schema, fake implementation and dispatch, by torch's own checks."""
    x, v = torch.randn(5, 7), torch.zeros(7)
    neuron = [0.5, 0.5, 0.0, 1.0, 0.0, 1.0, 0.0]
    arguments: dict[str, tuple[Any, ...]] = {
        "spikes": (x, "sigmoid", [4.0]),
        "gradient": (torch.randn_like(x), x, "sigmoid", [4.0]),
        "sequence": (x, v, 5, False, neuron),
        "sequence_gradient": (x + 1, None, x, v, 5, False, neuron, "atan", [2.0]),
    }
    torch.library.opcheck(
        getattr(ops.registered(), name).default,
        arguments[name],
        test_utils=("test_schema", "test_faketensor"),
    )


def test_compile_sees_a_sequence_as_one_op() -> None:
    op = ops.registered().sequence

    def spikes(x: Tensor, v: Tensor) -> Tensor:
        return op(x, v, 5, False, [0.5, 0.5, 0.0, 1.0, 0.0, 1.0, 0.0])[0] * 2

    x, v = torch.randn(5, 7) + 1, torch.zeros(7)
    torch._dynamo.reset()
    compiled = torch.compile(spikes, backend="aot_eager", fullgraph=True)
    assert torch.equal(compiled(x, v), spikes(x, v))


def test_the_switch_changes_the_path_and_back() -> None:
    assert library.available()
    with library.off():
        assert not library.available()
        assert ops.obstacle(REGISTRY["sigmoid"]) == "switched off"
    assert library.available()


def allocated(run: Any) -> int:
    """Bytes that tensors took, also those that were given back in between."""
    from torch.profiler import ProfilerActivity, profile

    with profile(activities=[ProfilerActivity.CPU], profile_memory=True) as watched:
        kept = run()
    del kept
    return sum(max(0, event.self_cpu_memory_usage) for event in watched.events())


@pytest.mark.filterwarnings("ignore")
def test_a_sequence_takes_the_memory_of_its_spikes_and_its_gradient() -> None:
    x = torch.randn(50, 20_000, generator=torch.Generator().manual_seed(0)).requires_grad_()
    weight = torch.randn_like(x)
    node = LIFNode(step_mode="m")

    def run() -> Any:
        node.reset()
        spikes = node(x)
        return spikes, torch.autograd.grad(spikes, x, weight)

    run()
    size = 4 * x.numel()
    assert 2 * size <= allocated(run) <= 2.2 * size  # and a few potentials of one step


@pytest.mark.filterwarnings("ignore")
def test_an_operation_takes_the_memory_of_its_two_results() -> None:
    x = torch.randn(1_000_000, generator=torch.Generator().manual_seed(0)).requires_grad_()
    weight = torch.randn_like(x)
    for definition in NATIVE:
        if definition.stochastic:
            continue
        function = surrogate.of(definition)()

        def run(function: Any = function) -> Any:
            y = function(x)
            return y, torch.autograd.grad(y, x, weight)

        run()
        assert allocated(run) <= 2.01 * 4 * x.numel(), definition.name
