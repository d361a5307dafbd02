"""Current-based neurons against the loops of the papers and tutorials that they come from."""

from __future__ import annotations

import math
from typing import Any

import pytest
import torch
from torch import Tensor

from sgcli import surrogate
from sgcli.errors import ParameterError
from sgcli.neuron import CurrentLIFNode, LeakyIntegrator, NorseLIFNode, detach_net

SLOPE = surrogate.SoftSign(2.0)


def spikes_of(u: Tensor) -> Tensor:
    """Θ(u) with Θ(0) = 0 and the gradient of the surrogate."""
    output: Tensor = SLOPE(u)
    return output - (u == 0).to(u)


def zenke(x: Tensor, tau_mem: float, tau_syn: float, detach: bool) -> tuple[Tensor, Tensor]:
    """The loop of Zenke & Vogels 2021 for weighted inputs: spikes, and U after each step."""
    beta, alpha = math.exp(-1 / tau_mem), math.exp(-1 / tau_syn)
    u = i = torch.zeros_like(x[0])
    spikes, potentials = [], []
    for x_n in x:
        s = spikes_of(u - 1)
        reset = s.detach() if detach else s
        u, i = (beta * u + (1 - beta) * i) * (1 - reset), alpha * i + x_n
        spikes.append(s)
        potentials.append(u)
    return torch.stack(spikes), torch.stack(potentials)


def spytorch(x: Tensor, tau_mem: float, tau_syn: float, detach: bool) -> tuple[Tensor, Tensor]:
    """The loop of the first tutorial of spytorch, with a soft reset."""
    beta, alpha = math.exp(-1 / tau_mem), math.exp(-1 / tau_syn)
    mem = syn = torch.zeros_like(x[0])
    spikes, potentials = [], []
    for h in x:
        out = spikes_of(mem - 1)
        rst = out.detach() if detach else out
        mem, syn = beta * mem + syn - rst, alpha * syn + h
        spikes.append(out)
        potentials.append(mem)
    return torch.stack(spikes), torch.stack(potentials)


# The loop, the neuron, and the size of inputs under which it fires now and then.
LOOPS: list[tuple[Any, dict[str, Any], float]] = [
    (zenke, {"decay_input": True, "reset_mechanism": "multiply"}, 1.0),
    (spytorch, {"decay_input": False, "reset_mechanism": "subtract"}, 0.1),
]


@pytest.mark.parametrize("detach", [False, True])
@pytest.mark.parametrize("mode", ["s", "m"])
@pytest.mark.parametrize(("loop", "arguments", "size"), LOOPS)
def test_the_published_loops(loop, arguments, size, mode, detach):
    g = torch.Generator().manual_seed(0)
    x = size * (torch.randn(40, 6, 5, generator=g, dtype=torch.float64) + 0.8)
    weight = torch.randn(40, 6, 5, generator=g, dtype=torch.float64)
    leaf, other = x.clone().requires_grad_(), x.clone().requires_grad_()
    node = CurrentLIFNode(
        10.0, 5.0, surrogate_function=SLOPE, detach_reset=detach, store_v_seq=True, **arguments
    )
    got = node.multi_step_forward(leaf) if mode == "m" else node.step_by_step(leaf)
    want, potentials = loop(other, 10.0, 5.0, detach)
    assert 0.02 < want.mean() < 0.6
    assert torch.equal(got, want)
    torch.testing.assert_close(node.v_seq, potentials, rtol=1e-10, atol=1e-12)
    ((got * weight).sum() + (node.v_seq * weight).sum()).backward()
    ((want * weight).sum() + (potentials * weight).sum()).backward()
    torch.testing.assert_close(leaf.grad, other.grad, rtol=1e-9, atol=1e-9)


def test_an_input_reaches_the_spikes_two_steps_later():
    x = torch.zeros(5, 1)
    x[0] = 100.0
    assert CurrentLIFNode(step_mode="m")(x).flatten().tolist()[:3] == [0, 0, 1]
    assert NorseLIFNode(step_mode="m")(x).flatten().tolist()[:1] == [1]


def test_the_multiplied_reset_loses_the_current_of_the_step():
    node = CurrentLIFNode(tau_mem=10, tau_syn=5)
    node.v, node.i = torch.tensor([2.0]), torch.tensor([3.0])
    assert node(torch.tensor([0.5])).item() == 1
    assert node.v.item() == 0
    assert node.i.item() == pytest.approx(3 * math.exp(-0.2) + 0.5)


def test_a_membrane_at_its_threshold_fires_unless_strict():
    for strict in (True, False):
        node = CurrentLIFNode(strict=strict)
        node.v = torch.tensor([1.0])
        assert node(torch.zeros(1)).item() == (0 if strict else 1)


def test_without_spikes_a_neuron_is_the_integrator():
    x = torch.randn(9, 4, dtype=torch.float64) * 0.1
    node = CurrentLIFNode(7.0, 3.0, v_threshold=1e6, step_mode="m", store_v_seq=True)
    node(x)
    free = LeakyIntegrator(7.0, 3.0, late=True, step_mode="m")
    first = free(x)
    torch.testing.assert_close(node.v_seq[:-1], first[1:])


def test_norses_neuron_starts_at_v_leak_and_is_reset_to_v_reset():
    node = NorseLIFNode(v_leak=0.4, v_reset=-0.3, store_v_seq=True, step_mode="m")
    node(torch.zeros(5, 2))
    assert torch.allclose(node.v_seq, torch.tensor(0.4))
    node.reset()
    node(torch.full((1, 2), 50.0))
    assert torch.equal(node.v, torch.full((2,), -0.3))
    detach_net(node)
    node.reset()
    assert (node.v, node.i) == (0.4, 0.0)


@pytest.mark.parametrize(
    ("node", "arguments", "words"),
    [
        (CurrentLIFNode, {"tau_mem": 0.5}, "tau_mem in [1, inf)"),
        (CurrentLIFNode, {"tau_syn": math.nan}, "tau_syn in [1, inf)"),
        (CurrentLIFNode, {"reset_mechanism": "zero"}, "'multiply' (U is multiplied by 1 − S"),
        (NorseLIFNode, {"tau_mem_inv": 2000.0}, "tau_mem_inv is at most 1/dt"),
        (NorseLIFNode, {"dt": 0.0}, "dt in (0, inf)"),
        (NorseLIFNode, {"v_leak": math.inf}, "v_leak in (-inf, inf)"),
    ],
)
def test_a_bad_value_is_refused_with_what_is_allowed(node, arguments, words):
    with pytest.raises(ParameterError) as caught:
        node(**arguments)
    assert words in caught.value.hint
