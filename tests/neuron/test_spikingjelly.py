"""The same neurons as SpikingJelly's: names, order of arguments, values and gradients."""

from __future__ import annotations

import inspect
import itertools
from typing import Any

import pytest
import torch
from torch import Tensor

from sgcli import neuron, surrogate

pytestmark = [
    pytest.mark.peer,
    # Triton is absent on most machines, and SpikingJelly says so when it is imported.
    pytest.mark.filterwarnings("ignore"),
]

CASES = [
    (name, {**common, **extra})
    for common in (
        {"v_reset": v_reset, "detach_reset": detach, "step_mode": mode, "v_threshold": threshold}
        for v_reset, detach, mode, threshold in itertools.product(
            (0.0, None, -0.25), (False, True), "sm", (1.0, 0.7)
        )
    )
    for name, extra in (
        ("IFNode", {}),
        ("LIFNode", {"tau": 2.0, "decay_input": True}),
        ("LIFNode", {"tau": 20.0, "decay_input": False}),
        ("ParametricLIFNode", {"init_tau": 2.0, "decay_input": True}),
        ("ParametricLIFNode", {"init_tau": 20.0, "decay_input": False}),
    )
]


def theirs() -> tuple[Any, Any]:
    pytest.importorskip("spikingjelly")
    from spikingjelly.activation_based import neuron as nodes
    from spikingjelly.activation_based import surrogate as functions

    return nodes, functions


def outputs(node: Any, x: Tensor) -> Tensor:
    output: Tensor = node(x) if node.step_mode == "m" else torch.stack([node(step) for step in x])
    return output


@pytest.mark.parametrize(("name", "arguments"), CASES)
@pytest.mark.parametrize("function", ["Sigmoid", "ATan", "SoftSign", "PiecewiseQuadratic"])
def test_float64_values_and_gradients(name: str, arguments: dict[str, Any], function: str) -> None:
    nodes, functions = theirs()
    g = torch.Generator().manual_seed(7)
    x = torch.randn(12, 40, generator=g, dtype=torch.float64) * 0.8 + 0.4
    weight = torch.randn(12, 40, generator=g, dtype=torch.float64)
    results = []
    for module, surrogates in ((neuron, surrogate), (nodes, functions)):
        node = getattr(module, name)(
            surrogate_function=getattr(surrogates, function)(2.0), **arguments
        )
        node.double()
        leaf = x.clone().requires_grad_()
        spikes = outputs(node, leaf)
        ((spikes * weight).sum() + (node.v**2).sum()).backward()
        learnt = [parameter.grad for parameter in node.parameters()]
        results.append((spikes.detach(), node.v.detach(), leaf.grad, *learnt))
    assert len(results[0]) == (4 if name == "ParametricLIFNode" else 3)
    assert 0.02 < results[0][0].mean() < 0.9
    for ours, other in zip(*results, strict=True):
        torch.testing.assert_close(ours, other, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize(("name", "arguments"), CASES)
def test_float32_spike_for_spike_until_the_membrane_touches_the_threshold(
    name: str, arguments: dict[str, Any]
) -> None:
    nodes, _ = theirs()
    x = torch.randn(50, 500, generator=torch.Generator().manual_seed(3)) * 0.8 + 0.4
    ours = outputs(getattr(neuron, name)(**arguments), x)
    other = outputs(getattr(nodes, name)(**arguments), x)
    # The membrane in float64 tells where a rounding may decide.
    exact = getattr(neuron, name)(**{**arguments, "step_mode": "s"})
    clear = torch.ones(500, dtype=torch.bool)
    compared = 0
    for t in range(50):
        exact.v = exact._state(x[t].double())
        exact.neuronal_charge(x[t].double())
        clear &= (exact.v - exact.v_threshold).abs() >= 1e-5
        exact.neuronal_reset(exact.neuronal_fire())
        assert torch.equal(ours[t][clear], other[t][clear])
        compared += int(clear.sum())
    assert compared > 0.9 * x.numel()


@pytest.mark.parametrize("name", ["IFNode", "LIFNode", "ParametricLIFNode"])
def test_arguments_have_their_names_order_and_defaults(name: str) -> None:
    nodes, _ = theirs()
    ours = inspect.signature(getattr(neuron, name)).parameters
    other = inspect.signature(getattr(nodes, name)).parameters
    assert list(ours) == list(other)[: len(ours)]
    for key in ours:
        if key != "surrogate_function":
            assert ours[key].default == other[key].default
