"""The kernels of sequences against torch's own steps and against what they promise."""

from __future__ import annotations

import itertools

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from sgcli import surrogate
from sgcli.native import library, ops
from sgcli.neuron import LIFNode
from sgcli.training.run.process import threads
from tests.native import DTYPES, LARGE, needs_kernels

pytestmark = needs_kernels


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


def test_no_columns_take_no_time_and_no_memory() -> None:
    steps, none = 10**12, torch.zeros(0)
    neuron = [0.5, 0.5, 0.0, 1.0, 0.0, 1.0, 0.0]
    spikes = torch.zeros(1, 0).expand(steps, 0)
    assert ops.sequence(none, none, steps, True, neuron)[0].shape == (steps, 0)
    found = ops.sequence_gradient(spikes, none, none, none, steps, True, neuron, "sigmoid", [4.0])
    assert [g.numel() for g in found] == [0, 0]


def test_threads_change_no_bit() -> None:
    x = torch.randn(20, 3000, generator=torch.Generator().manual_seed(0)) + 0.5
    results = []
    for count in (1, 2, 3):
        with threads(count):
            node = LIFNode(step_mode="m")
            leaf = x.clone().requires_grad_()
            spikes = node(leaf)
            results.append((spikes.detach(), *torch.autograd.grad(spikes.sum(), leaf)))
    for one, other in itertools.pairwise(results):
        assert all(torch.equal(a, b) for a, b in zip(one, other, strict=True))


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
