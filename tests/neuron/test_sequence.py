"""Whole sequences against the steps one by one."""

from __future__ import annotations

from contextlib import nullcontext
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from sgcli import surrogate
from sgcli.definitions import REGISTRY, Definition
from sgcli.native import library
from sgcli.neuron import IFNode, LIFNode
from sgcli.neuron.lif import LinearNode

FAST = [d for d in REGISTRY.values() if not d.is_random() and d.forward is Definition.forward]


class StepIF(IFNode):
    """The same neuron without the fast path, because it overrides a step."""

    def neuronal_fire(self) -> Tensor:
        return super().neuronal_fire()


class StepLIF(LIFNode):
    def neuronal_fire(self) -> Tensor:
        return super().neuronal_fire()


@st.composite
def nodes(draw: Any) -> tuple[LinearNode, LinearNode]:
    """A fast and a stepwise node with the same settings."""
    definition = draw(st.sampled_from(FAST))
    values = {
        k: draw(st.integers(*map(int, p.typical)) if p.integer else st.floats(*p.typical))
        for k, p in definition.params.items()
    }
    kwargs: dict[str, Any] = {
        "v_threshold": draw(st.sampled_from([1.0, 0.5, 1.1])),
        "v_reset": draw(st.sampled_from([None, 0.0, -0.3])),
        "detach_reset": draw(st.booleans()),
        "step_mode": "m",
    }
    fast, slow = IFNode, StepIF
    if draw(st.booleans()):
        kwargs |= {"tau": draw(st.floats(1, 20)), "decay_input": draw(st.booleans())}
        fast, slow = LIFNode, StepLIF
    module = surrogate.of(definition)
    return tuple(  # type: ignore[return-value]
        kind(surrogate_function=module(**values), **kwargs) for kind in (fast, slow)
    )


def gradients(
    node: LinearNode, x: Tensor, weight: Tensor, steps: int | None = None
) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Spikes, final state, and first and second derivatives of a function of both."""
    node.reset()
    leaf = x.clone().requires_grad_()
    spikes = node(leaf) if steps is None else node.constant_forward(leaf, steps)
    assert isinstance(node.v, Tensor)
    loss = (weight * spikes).sum() + (node.v**2).sum()
    (first,) = torch.autograd.grad(loss, leaf, create_graph=True)
    (second,) = torch.autograd.grad((first**2).sum(), leaf, retain_graph=True)
    return spikes.detach(), node.v.detach(), first.detach(), second


def test_deterministic_entries_run_whole_sequences() -> None:
    assert len(FAST) >= 18
    for definition in FAST:
        assert LIFNode(surrogate_function=surrogate.of(definition)()).fallback_reason() == ""


@settings(max_examples=60, deadline=None)
@given(nodes(), st.integers(1, 8), st.integers(0, 2**32 - 1), st.booleans())
def test_a_sequence_equals_its_steps(
    pair: tuple[LinearNode, LinearNode], steps: int, seed: int, constant: bool
) -> None:
    fast, slow = pair
    assert not fast.fallback_reason()
    assert slow.fallback_reason()
    g = torch.Generator().manual_seed(seed)
    x = torch.randn((5, 3) if constant else (steps, 5, 3), generator=g, dtype=torch.float64)
    weight = torch.randn(steps, 5, 3, generator=g, dtype=torch.float64)
    got = gradients(fast, x, weight, steps if constant else None)
    want = gradients(slow, x, weight, steps if constant else None)
    assert torch.equal(got[0], want[0])
    assert torch.equal(got[1], want[1])
    scale = 1 + want[2].abs().max()
    torch.testing.assert_close(got[2], want[2], rtol=1e-12, atol=1e-12 * float(scale))
    scale = 1 + want[3].abs().max()
    torch.testing.assert_close(got[3], want[3], rtol=1e-10, atol=1e-10 * float(scale))


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16, torch.float16])
@pytest.mark.parametrize("v_reset", [None, 0.0, -0.3])
def test_spikes_are_the_same_bits_in_every_dtype(dtype: torch.dtype, v_reset: float | None) -> None:
    x = (torch.randn(20, 64, generator=torch.Generator().manual_seed(0)) + 0.7).to(dtype)
    spikes = [
        node(tau=3.0, v_threshold=1.1, v_reset=v_reset, step_mode="m")(x.clone().requires_grad_())
        for node in (LIFNode, StepLIF)
    ]
    assert spikes[0].dtype is dtype
    assert 0 < spikes[0].float().mean() < 1
    assert torch.equal(*spikes)


def test_the_state_continues_in_the_next_sequence() -> None:
    x = torch.randn(12, 7, generator=torch.Generator().manual_seed(1)) + 0.5
    whole, parts = LIFNode(step_mode="m"), LIFNode(step_mode="m")
    leaf, other = x.clone().requires_grad_(), x.clone().requires_grad_()
    spikes = whole(leaf)
    split = torch.cat([parts(other[:5]), parts(other[5:])])
    assert torch.equal(spikes, split)
    spikes.sum().backward()
    split.sum().backward()
    assert leaf.grad is not None
    torch.testing.assert_close(leaf.grad, other.grad)


def test_without_gradient_the_spikes_are_the_same() -> None:
    x = torch.randn(9, 6)
    node = LIFNode(step_mode="m")
    with torch.no_grad():
        spikes = node(x)
    assert spikes.grad_fn is None
    node.reset()
    assert torch.equal(spikes, node(x.requires_grad_()))


@pytest.mark.parametrize("native", [True, False])
def test_one_tensor_besides_the_spikes_is_saved_for_backward(native: bool) -> None:
    saved: list[Tensor] = []

    def pack(tensor: Tensor) -> Tensor:
        saved.append(tensor)
        return tensor

    node = LIFNode(step_mode="m")
    x = torch.randn(30, 4, 5, requires_grad=True)
    hooks = torch.autograd.graph.saved_tensors_hooks(pack, lambda t: t)
    with hooks, nullcontext() if native else library.off():
        spikes = node(x)
    long = [t for t in saved if t.numel() >= x.numel() and t.data_ptr() != spikes.data_ptr()]
    assert len(long) == 1


def test_vmap_over_a_new_dimension() -> None:
    x = torch.randn(6, 8, 5)

    def spikes(sample: Tensor) -> Tensor:
        output: Tensor = LIFNode(step_mode="m")(sample)
        return output

    mapped = torch.func.vmap(spikes, in_dims=1, out_dims=1)(x)
    assert torch.equal(mapped, LIFNode(step_mode="m")(x))

    def loss(sample: Tensor) -> Tensor:
        return spikes(sample).sum()

    each = torch.func.vmap(torch.func.grad(loss), in_dims=1, out_dims=1)(x)
    leaf = x.clone().requires_grad_()
    LIFNode(step_mode="m")(leaf).sum().backward()
    torch.testing.assert_close(each, leaf.grad)


@pytest.mark.parametrize(
    "function",
    [
        surrogate.Sigmoid(learnable=True),
        surrogate.PoissonPass(),
        surrogate.Sigmoid(spiking=False),
        surrogate.sigmoid.apply,
    ],
)
def test_step_by_step_sequences_have_a_reason(function: Any) -> None:
    node = LIFNode(surrogate_function=function, step_mode="m")
    assert node.fallback_reason()
    x = torch.randn(4, 3, requires_grad=True)
    node(x).sum().backward()
    assert x.grad is not None
    assert x.grad.abs().sum() > 0


def test_a_trainable_alpha_is_trained_through_the_sequence() -> None:
    function = surrogate.Sigmoid(learnable=True)
    node = LIFNode(surrogate_function=function, step_mode="m")
    node(torch.randn(5, 10)).sum().backward()
    assert function.raw_alpha.grad.abs() > 0


@pytest.mark.parametrize("mode", ["s", "m"])
def test_compiled_in_one_graph(mode: str) -> None:
    x = torch.randn(4, 3, generator=torch.Generator().manual_seed(2)) + 0.5
    results = []
    for compile in (False, True):
        node: Any = LIFNode(surrogate_function=surrogate.ATan(), step_mode=mode)
        run = torch.compile(node, backend="aot_eager", fullgraph=True) if compile else node
        leaf = x.clone().requires_grad_()
        spikes = run(leaf)
        spikes.sum().backward()
        results.append((spikes.detach(), leaf.grad))
    assert torch.equal(results[0][0], results[1][0])
    torch.testing.assert_close(results[0][1], results[1][1])
