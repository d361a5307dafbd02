"""Standardised currents: the free membrane has the mean and the deviation that were asked for."""

from __future__ import annotations

from typing import Any

import pytest
import torch

from sgcli.neuron import IFNode, LIFNode
from sgcli.neuron.standardise import Standardise

NODES: list[Any] = [
    LIFNode(tau=2.0),
    LIFNode(tau=3.0, decay_input=False, v_threshold=0.7),
    LIFNode(tau=2.0, v_reset=-0.3),
    LIFNode(tau=2.0, v_reset=None),
    IFNode(v_threshold=1.5),
]


def free(standard: Standardise, node: Any, current: torch.Tensor) -> torch.Tensor:
    """The membrane potentials of a node that never fires."""
    linear, v, results = node.linear(), torch.full_like(current[0], standard.start), []
    for x in current:
        v = linear.keep * v + linear.gain * x + linear.drive
        results.append(v)
    return torch.stack(results)


@pytest.mark.parametrize("node", NODES, ids=repr)
@pytest.mark.parametrize("time", [1, 5])
@pytest.mark.parametrize("mu", [-0.5, 1.0])
def test_the_free_membrane_has_the_mean_and_the_deviation(node, time, mu):
    g = torch.Generator().manual_seed(0)
    current = torch.randn(time, 4000, 3, generator=g, dtype=torch.float64) * 7 + 3
    standard = Standardise(3, node, mu).double()
    h = free(standard, node, standard(current, time)) - node.v_threshold
    assert torch.allclose(h.mean(1), torch.tensor(mu).double(), atol=0.06)
    assert h.mean((0, 1)).tolist() == pytest.approx([mu] * 3, abs=0.03)
    centred = h - mu
    assert centred.square().mean((0, 1)).sqrt().tolist() == pytest.approx([1] * 3, abs=1e-9)


@pytest.mark.parametrize("time", [1, 4])
def test_scale_and_shift_of_the_current_do_not_matter(time):
    current = torch.randn(64, 5, dtype=torch.float64)
    standardised = [
        Standardise(5, LIFNode(), -0.5).double()(c, time) for c in (current, 9 - 5 * current)
    ]
    offset = standardised[0].mean(1, keepdim=True)
    assert torch.allclose(standardised[0] - offset, -(standardised[1] - offset))


def test_the_gradient_takes_the_statistics_as_constant():
    current = torch.randn(1, 50, 2, requires_grad=True)
    standard = Standardise(2, LIFNode(tau=2.0), 0.0)
    standard(current, 1).sum().backward()
    want = 2.0 / current.detach().std((0, 1), correction=0)
    assert torch.allclose(current.grad, want.expand_as(current))


def test_evaluation_uses_the_running_means_of_the_training():
    g = torch.Generator().manual_seed(0)
    standard = Standardise(4, LIFNode(), -0.5)
    batches = [torch.randn(200, 4, generator=g) * 2 + 5 for _ in range(30)]
    first = standard(batches[0], 1)
    standard.eval()
    assert torch.allclose(standard(batches[0], 1), first)  # of one batch they are its own
    standard.train()
    for batch in batches:
        standard(batch, 1)
    standard.eval()
    alone = torch.stack([standard(x[None], 1)[0, 0] for x in batches[0]])
    assert torch.equal(alone, standard(batches[0], 1)[0])
    assert standard.mean.tolist() == pytest.approx([5] * 4, abs=0.2)
    assert standard.deviation.tolist() == pytest.approx([1] * 4, abs=0.1)  # gain 1/2, deviation 2


def test_a_layer_without_spikes_stays_finite():
    standard = Standardise(3, LIFNode(), -0.5)
    assert torch.isfinite(standard(torch.zeros(10, 3), 2)).all()
