"""The same Leaky as snnTorch's: spikes, membranes and gradients."""

from __future__ import annotations

import itertools
from typing import Any

import pytest
import torch
from torch import Tensor

from sgcli import surrogate
from sgcli.neuron import Leaky

pytestmark = [pytest.mark.peer, pytest.mark.filterwarnings("ignore")]

CASES = [
    {"beta": beta, "reset_mechanism": reset, "threshold": threshold, "reset_delay": delay}
    for beta, reset, threshold, delay in itertools.product(
        (0.95, 0.5, 0.0), ("subtract", "zero", "none"), (1.0, 0.7), (True, False)
    )
]


def sample(steps: int = 20, size: int = 40, seed: int = 7) -> Tensor:
    g = torch.Generator().manual_seed(seed)
    return torch.randn(steps, size, generator=g, dtype=torch.float64) * 0.5 + 0.2


def theirs(x: Tensor, **kwargs: Any) -> tuple[Tensor, Tensor, Any]:
    snntorch = pytest.importorskip("snntorch")
    # Numbers would become tensors of float32, and its own surrogates give spikes of float32.
    exact = {
        name: torch.tensor(kwargs.pop(name), dtype=torch.float64) for name in ("beta", "threshold")
    }
    node = snntorch.Leaky(spike_grad=surrogate.ATan(2.0), **exact, **kwargs)
    mem = torch.zeros_like(x[0])
    spikes, membranes = [], []
    for step in x:
        s, mem = node(step, mem)
        spikes.append(s)
        membranes.append(mem)
    return torch.stack(spikes), torch.stack(membranes), node


def ours(x: Tensor, mode: str, **kwargs: Any) -> tuple[Tensor, Tensor, Leaky]:
    node = Leaky(
        v_threshold=kwargs.pop("threshold"),
        surrogate_function=surrogate.ATan(2.0),
        step_mode=mode,
        store_v_seq=True,
        **kwargs,
    ).double()
    if isinstance(node.beta, Tensor):
        torch.nn.init.constant_(node.beta, kwargs["beta"])
    if mode == "m":
        spikes = node(x)
        assert node.v_seq is not None
        return spikes, node.v_seq, node
    spikes, membranes = [], []
    for step in x:
        spikes.append(node(step))
        assert isinstance(node.v, Tensor)
        membranes.append(node.v)
    return torch.stack(spikes), torch.stack(membranes), node


@pytest.mark.parametrize("kwargs", CASES)
@pytest.mark.parametrize("mode", ["s", "m"])
@pytest.mark.parametrize("learn_beta", [False, True])
def test_float64_values_and_gradients(kwargs: dict[str, Any], mode: str, learn_beta: bool) -> None:
    x, weight = sample(), sample(seed=8)
    if not kwargs["reset_delay"]:
        # Without delay theirs differentiates its reset. A membrane that is still above its
        # threshold after it is reset once more by theirs, in the following step.
        kwargs = {**kwargs, "detach_reset": False}
        x = x.clamp(max=0.99 * (2 - kwargs["beta"]) * kwargs["threshold"])
    results = []
    for run in (theirs, lambda leaf, **k: ours(leaf, mode, **k)):
        arguments = dict(kwargs)
        if run is theirs:
            arguments.pop("detach_reset", None)
        leaf = x.clone().requires_grad_()
        spikes, membranes, node = run(leaf, learn_beta=learn_beta, **arguments)
        loss = (spikes * weight).sum() + (membranes**2 * weight).sum()
        leaves = [leaf, node.beta] if learn_beta else [leaf]
        grads = torch.autograd.grad(loss, leaves)
        results.append([spikes.detach(), membranes.detach(), *grads])
    assert 0.02 < results[0][0].mean() < 0.9
    for want, got in zip(*results, strict=True):
        torch.testing.assert_close(got, want, rtol=1e-10, atol=1e-10)


@pytest.mark.parametrize("reset", ["subtract", "zero", "none"])
def test_a_membrane_at_its_threshold_stays_silent_as_in_snntorch(reset: str) -> None:
    snntorch = pytest.importorskip("snntorch")
    x = torch.tensor([[1.0], [0.25], [0.0], [2.0]])
    node, mem, want = snntorch.Leaky(0.5, reset_mechanism=reset), torch.zeros(1), []
    for step in x:
        s, mem = node(step, mem)
        want.append(s)
    for mode in "sm":
        leaky = Leaky(0.5, reset_mechanism=reset, step_mode=mode)
        got = leaky(x) if mode == "m" else torch.stack([leaky(step) for step in x])
        assert torch.equal(got, torch.stack(want))
    assert torch.equal(got, torch.tensor([[0.0], [0.0], [0.0], [1.0]]))


def test_float32_spikes_without_the_membranes() -> None:
    snntorch = pytest.importorskip("snntorch")
    x = sample(50, 500).float()
    node, mem, spikes = snntorch.Leaky(0.9), torch.zeros(500), []
    margin = []
    for step in x:
        s, mem = node(step, mem)
        spikes.append(s)
        margin.append((mem - 1).abs())
    want = torch.stack(spikes)
    got = Leaky(0.9, step_mode="m")(x)
    # A rounding decides where the membrane touches the threshold, and all after it.
    clear = torch.stack(margin).cummin(0).values > 1e-5
    assert clear.float().mean() > 0.9
    assert torch.equal(got[clear], want[clear])
