"""Resets one step after their spike: by kernels, by torch, and step by step."""

from __future__ import annotations

from contextlib import nullcontext
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from sgcli import surrogate
from sgcli.native import library
from sgcli.neuron import CurrentLIFNode, Leaky, LIFNode, delayed_reset, resets
from sgcli.neuron.linear import LinearNode


@st.composite
def makers(draw: Any) -> Any:
    """A function that returns a new node with fixed settings."""
    kwargs: dict[str, Any] = {
        "v_threshold": draw(st.sampled_from([1.0, 0.5, -0.1])),
        "detach_reset": draw(st.booleans()),
        "strict": draw(st.booleans()),
        "step_mode": "m",
    }
    if draw(st.booleans()):
        tau, decay = draw(st.floats(1, 20)), draw(st.booleans())
        kwargs |= {"tau_mem": tau, "decay_input": decay, "reset_mechanism": "subtract"}
        return lambda: CurrentLIFNode(surrogate_function=surrogate.ATan(), **kwargs)
    beta, reset = draw(st.floats(0, 1)), draw(st.sampled_from(["subtract", "none", "zero"]))
    return lambda: Leaky(beta, reset_mechanism=reset, **kwargs)


def outputs(node: LinearNode, x: Tensor, weight: Tensor, path: str) -> list[Tensor]:
    """Spikes, state and gradients of two successive sequences."""
    leaf = x.clone().requires_grad_()
    steps = (lambda part: node.step_by_step(part)) if path == "steps" else node
    spikes = torch.cat([steps(leaf[:4]), steps(leaf[4:])])
    assert isinstance(node.v, Tensor)
    loss = (weight * spikes).sum() + (node.v**2).sum()
    return [spikes.detach(), node.v.detach(), *torch.autograd.grad(loss, leaf)]


@settings(max_examples=60)
@given(makers(), st.integers(0, 2**31))
def test_all_paths_agree(make: Any, seed: int) -> None:
    g = torch.Generator().manual_seed(seed)
    x = torch.randn(11, 2, 30, generator=g, dtype=torch.float64) + 0.4
    weight = torch.randn(11, 2, 30, generator=g, dtype=torch.float64)
    want = outputs(make(), x, weight, "steps")
    scale = 1 + float(want[2].abs().max())
    for path in ("kernel", "torch"):
        if path == "torch":
            with library.off():
                results = outputs(make(), x, weight, path)
        else:
            results = outputs(make(), x, weight, path)
        assert torch.equal(results[0], want[0])
        torch.testing.assert_close(results[1], want[1], rtol=1e-9, atol=1e-9)
        torch.testing.assert_close(results[2], want[2], rtol=1e-9, atol=1e-9 * scale)


def test_resets_that_subtract_have_a_kernel(monkeypatch: pytest.MonkeyPatch) -> None:
    assert resets.equivalent_subtraction(resets.Reset(), 0.0) == 0
    assert resets.equivalent_subtraction(resets.Subtract(by=0.5), 0.25) == 2
    assert resets.equivalent_subtraction(resets.Subtract(), 0.0) is None
    assert resets.equivalent_subtraction(resets.Subtract(), torch.tensor(0.5)) is None
    assert resets.equivalent_subtraction(resets.Multiply(), 0.5) is None
    if not library.available():
        pytest.skip("no kernels here")
    called = []
    run = delayed_reset.native.run
    monkeypatch.setattr(
        delayed_reset.native, "run", lambda *arguments: called.append(1) or run(*arguments)
    )
    Leaky(0.9, step_mode="m")(torch.ones(3, 2))
    CurrentLIFNode(reset_mechanism="subtract", step_mode="m")(torch.ones(3, 2))
    assert len(called) == 2


def test_constant_input_and_float32_spikes() -> None:
    x = torch.randn(500, generator=torch.Generator().manual_seed(3)) * 0.3 + 0.3
    constant = Leaky(0.95, step_mode="m").constant_forward(x, 25)
    single = Leaky(0.95)
    assert torch.equal(constant, torch.stack([single(x) for _ in range(25)]))
    assert 0.05 < constant.mean() < 0.9


@pytest.mark.parametrize("native", [True, False])
def test_an_immediate_reset_shows_a_spike_in_its_step(native: bool) -> None:
    class Early(LIFNode):
        fires_first = True  # it speaks of late resets

    x = torch.randn(7, 50, generator=torch.Generator().manual_seed(0)) + 1
    node = Early(step_mode="m")
    with nullcontext() if native else library.off():
        spikes = node(x)
    node.reset()
    assert torch.equal(spikes, node.step_by_step(x))


@pytest.mark.parametrize(("node", "after"), [(Leaky(0.9), 1.0), (CurrentLIFNode(), 0.0)])
def test_neuronal_reset_is_immediate_for_every_rule(node: LinearNode, after: float) -> None:
    node.v = torch.full((3,), 2.0)
    node.neuronal_reset(torch.ones(3))
    assert torch.equal(node.v, torch.full((3,), after))
