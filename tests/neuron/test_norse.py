"""The same LIF neuron as Norse's: spikes, potentials, currents and gradients."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import Tensor, nn

from sgcli import surrogate
from sgcli.neuron import NorseLIFNode, Recurrent

pytestmark = [pytest.mark.peer, pytest.mark.filterwarnings("ignore")]

# Norse 1.1.0 has the surrogate 1/(1 + |x|)² whatever its alpha says.
CASES: list[dict[str, float]] = [
    {},
    {"v_th": 0.5, "tau_mem_inv": 250.0, "tau_syn_inv": 120.0},
    {"v_leak": 0.2, "v_reset": -0.3, "v_th": 0.7},
]


def theirs(arguments: dict[str, float]) -> tuple[Any, Any]:
    norse = pytest.importorskip("norse.torch.functional.lif")
    exact = {name: torch.tensor(value, dtype=torch.float64) for name, value in arguments.items()}
    defaults = {
        name: getattr(norse.LIFParameters(), name).double()
        for name in ("tau_syn_inv", "tau_mem_inv", "v_leak", "v_th", "v_reset")
    }
    # Its defaults are float32; 1/5e-3 and 1/1e-2 are whole numbers there too.
    return norse, norse.LIFParameters(**{**defaults, **exact})


def node(arguments: dict[str, float], **more: Any) -> NorseLIFNode:
    return NorseLIFNode(surrogate_function=surrogate.SuperSpike(1.0), **arguments, **more)


def sample(*shape: int) -> Tensor:
    g = torch.Generator().manual_seed(5)
    return torch.randn(shape, generator=g, dtype=torch.float64) * 0.6 + 0.3


def start(norse: Any, p: Any, x: Tensor) -> dict[str, Tensor]:
    return {"v": p.v_leak + torch.zeros_like(x), "i": torch.zeros_like(x)}


@pytest.mark.parametrize("mode", ["s", "m"])
@pytest.mark.parametrize("arguments", CASES)
def test_lif_feed_forward_step(arguments: dict[str, float], mode: str) -> None:
    norse, p = theirs(arguments)
    x, weight = sample(30, 4, 10), sample(30, 4, 10) - 0.3
    leaf, other = x.clone().requires_grad_(), x.clone().requires_grad_()
    ours = node(arguments, step_mode=mode)
    spikes = ours(leaf) if mode == "m" else torch.stack([ours(step) for step in leaf])
    state = norse.LIFFeedForwardState(**start(norse, p, x[0]))
    results = []
    for step in other:
        z, state = norse.lif_feed_forward_step(step, state, p, dt=0.001)
        results.append(z)
    want = torch.stack(results)
    assert 0.02 < want.mean() < 0.9
    assert torch.equal(spikes, want)
    torch.testing.assert_close(ours.v, state.v, rtol=1e-10, atol=1e-10)
    torch.testing.assert_close(
        ours.i * (1 - 0.001 * ours.tau_syn_inv), state.i, rtol=1e-10, atol=1e-10
    )
    ((spikes * weight).sum() + ours.v.square().sum()).backward()
    ((want * weight).sum() + state.v.square().sum()).backward()
    torch.testing.assert_close(leaf.grad, other.grad, rtol=1e-9, atol=1e-10)


@pytest.mark.parametrize("arguments", CASES)
def test_lif_step_is_recurrent_and_detaches_its_reset(arguments: dict[str, float]) -> None:
    norse, p = theirs(arguments)
    x, into, back = sample(20, 4, 6), sample(5, 6), sample(5, 5) - 0.3
    results = []
    feed = nn.Linear(5, 5, bias=False).double()
    with torch.no_grad():
        feed.weight.copy_(back)
    weights = into.clone().requires_grad_()
    ours = Recurrent(node(arguments, detach_reset=True), feed, step_mode="m")
    spikes = ours(nn.functional.linear(x, weights))
    other, recurrent = into.clone().requires_grad_(), back.clone().requires_grad_()
    zero = torch.zeros(4, 5, dtype=torch.float64)
    state = norse.LIFState(z=zero, **start(norse, p, zero))
    for step in x:
        z, state = norse.lif_step(step, state, other, recurrent, p, dt=0.001)
        results.append(z)
    want = torch.stack(results)
    assert 0.02 < want.mean() < 0.9
    assert torch.equal(spikes, want)
    g = sample(20, 4, 5)
    (spikes * g).sum().backward()
    (want * g).sum().backward()
    torch.testing.assert_close(weights.grad, other.grad, rtol=1e-9, atol=1e-9)
    torch.testing.assert_close(feed.weight.grad, recurrent.grad, rtol=1e-9, atol=1e-9)
