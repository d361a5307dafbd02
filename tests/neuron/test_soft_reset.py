"""A soft reset that subtracts another amount than the threshold: kernel, torch, steps by hand."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from sgcli.definitions import REGISTRY
from sgcli.definitions.core import Shape
from sgcli.native import library
from sgcli.neuron import LIFNode, sequence
from sgcli.neuron.plan import NeuronPlan
from sgcli.neuron.resets import Soft
from sgcli.surrogate import of

ATAN = of(REGISTRY["atan"])()


def by_hand(x: Tensor, v: Tensor, keep: float, plan: NeuronPlan) -> tuple[Tensor, Tensor]:
    assert isinstance(plan.reset, Soft)
    spikes = []
    for step in x:
        h = keep * v + plan.gain * step + plan.drive
        s = ATAN(h - plan.fires_at)
        v = h - plan.reset.by * (s.detach() if plan.detach_reset else s)
        spikes.append(s)
    return torch.stack(spikes), v


def derivatives(out: tuple[Tensor, Tensor], leaves: list[Tensor]) -> list[Tensor]:
    spikes, last = out
    weight = torch.linspace(-1, 2, spikes.numel(), dtype=spikes.dtype).view_as(spikes)
    loss = (weight * spikes).sum() + (last**2).sum()
    return [spikes.detach(), last.detach(), *torch.autograd.grad(loss, leaves)]


@given(
    st.floats(0.1, 1),
    st.floats(-1, 3),
    st.booleans(),
    st.booleans(),
    st.integers(0, 2**31),
)
def test_kernel_and_torch_equal_single_steps(
    keep: float, taken: float, detach: bool, kernels: bool, seed: int
) -> None:
    shape = Shape(ATAN.definition, tuple(ATAN._sg_params.values()))
    plan = NeuronPlan(0.7, 0.1, Soft(late=False, by=taken), 0.8, detach, shape)
    g = torch.Generator().manual_seed(seed)
    x = torch.randn(9, 2, 40, generator=g, dtype=torch.float64) + 0.5
    v = torch.randn(2, 40, generator=g, dtype=torch.float64)
    results = []
    for run in (by_hand, lambda *args: sequence.run(*args, None)):
        leaves = [x.clone().requires_grad_(), v.clone().requires_grad_()]
        if kernels:
            results.append(derivatives(run(*leaves, keep, plan), leaves))
        else:
            with library.off():
                results.append(derivatives(run(*leaves, keep, plan), leaves))
    scale = 1 + float(max(f.abs().max() for f in results[0]))
    for want, got in zip(*results, strict=True):
        torch.testing.assert_close(got, want, rtol=1e-12, atol=1e-12 * scale)


@pytest.mark.parametrize("v_threshold", [1.0, 0.3])
def test_a_node_subtracts_its_threshold(v_threshold: float) -> None:
    node = LIFNode(v_threshold=v_threshold, v_reset=None)
    x = torch.full((3,), 10.0)
    spikes = node(x)
    assert torch.equal(node.v, x / node.tau - v_threshold * spikes)
