"""Leaky neurons and neurons that learn their time constant."""

from __future__ import annotations

import itertools
import math
from typing import Any

import pytest
import torch
from torch import Tensor

from sgcli import surrogate
from sgcli.errors import ParameterError
from sgcli.neuron import Leaky, LIFNode, ParametricLIFNode
from sgcli.neuron.standardise import Standardise


def steps(*x: float) -> Tensor:
    return torch.tensor(x)[:, None]


@pytest.mark.parametrize(
    ("mechanism", "delay", "potentials"),
    [
        ("subtract", True, [0.8, 1.4, 0.7, 1.35]),
        ("zero", True, [0.8, 1.4, 1.0, 1.5]),
        ("none", True, [0.8, 1.4, 1.7, 1.85]),
        ("subtract", False, [0.8, 0.4, 0.2, 0.1]),
        ("zero", False, [0.8, 0.0, 0.0, 0.0]),
    ],
)
def test_the_equations_by_hand(mechanism, delay, potentials):
    node = Leaky(0.5, reset_mechanism=mechanism, reset_delay=delay, store_v_seq=True)
    spikes = node.multi_step_forward(steps(0.8, 1.0, 1.0 * delay, 1.0 * delay)).flatten()
    assert node.v_seq is not None
    assert node.v_seq.flatten().tolist() == pytest.approx(potentials)
    # Without delay the potential is that after the reset.
    want = [float(p > 1) for p in potentials] if delay else [0, 1, 0, 0]
    assert spikes.tolist() == want


def test_it_fires_above_its_threshold_only():
    assert Leaky(0.5)(torch.tensor([1.0])).item() == 0
    assert Leaky(0.5)(torch.tensor([1.0000001])).item() == 1
    assert Leaky(0.5, strict=False)(torch.tensor([1.0])).item() == 1


@pytest.mark.parametrize("dtype", [torch.float64, torch.float32, torch.bfloat16, torch.float16])
@pytest.mark.parametrize("threshold", [1.0, 0.7, 0.0, -0.5])
def test_the_next_number_after_the_threshold_fires_in_every_dtype(dtype, threshold):
    at = torch.tensor([threshold], dtype=dtype)
    above = torch.nextafter(at, torch.full_like(at, math.inf))
    for x, fired in ((at, 0), (above, 1)):
        assert Leaky(0.0, threshold, reset_mechanism="none")(x).item() == fired
        assert Leaky(0.0, threshold, reset_mechanism="none", step_mode="m")(x[None]).item() == fired


def test_an_assigned_mechanism_acts_at_once():
    node = Leaky(0.5, reset_delay=False)
    node.reset_mechanism = "zero"
    node(torch.tensor([1.5]))
    assert node.v.item() == 0
    with pytest.raises(ParameterError):
        node.beta = 2.0


def test_a_trained_beta_stays_between_0_and_1():
    node = Leaky(0.9, learn_beta=True, step_mode="m")
    assert list(node.state_dict()) == ["beta"]
    with torch.no_grad():
        node.beta.fill_(1.5)
    assert torch.equal(node(steps(0.4, 0.4, 0.4)).flatten(), torch.tensor([0.0, 0.0, 1.0]))


@pytest.mark.parametrize(
    ("tau", "decay", "v_reset", "detach"),
    list(itertools.product((1.5, 4.0), (True, False), (None, 0.0, -0.3), (True, False))),
)
def test_a_parametric_neuron_is_the_leaky_one_of_its_tau(tau, decay, v_reset, detach):
    x = torch.randn(12, 5, 4, generator=torch.Generator().manual_seed(0)).double() * 2 + 1
    results = []
    for kind in (ParametricLIFNode, LIFNode):
        node: Any = kind(tau, decay, v_reset=v_reset, detach_reset=detach, step_mode="m").double()
        leaf = x.clone().requires_grad_()
        spikes = node(leaf)
        (spikes.sum() + node.v.square().sum()).backward()
        results.append((spikes.detach(), node.v.detach(), leaf.grad))
    assert 0.05 < results[1][0].mean() < 0.95
    for ours, other in zip(*results, strict=True):
        # The parameter is stored in float32.
        torch.testing.assert_close(ours, other, rtol=1e-5, atol=1e-6)


def test_a_parametric_neuron_learns_its_tau():
    node = ParametricLIFNode(5.0, step_mode="m", surrogate_function=surrogate.ATan())
    assert node.tau == pytest.approx(5.0)
    assert "tau=5.0" in repr(node)
    x = torch.full((10, 20), 1.5)
    optimizer = torch.optim.SGD(node.parameters(), lr=1.0)
    for _ in range(20):
        node.reset()
        optimizer.zero_grad()
        (node(x).mean() - 0.5).square().backward()
        optimizer.step()
    node.reset()
    assert node.tau < 5  # more spikes need a faster membrane
    assert node(x).mean() > 0.2


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: ParametricLIFNode(1.0), "init_tau in (1, inf)"),
        (lambda: Leaky(1.5), "beta in [0, 1]"),
        (lambda: Leaky(0.5, reset_mechanism="soft"), "'zero' (the potential becomes 0)"),
        (lambda: Standardise(3, ParametricLIFNode(), 0.0), "fixed leak"),
    ],
)
def test_a_bad_value_is_refused_with_what_is_allowed(make, words):
    with pytest.raises(ParameterError) as caught:
        make()
    assert words in caught.value.hint
