"""Sequences with resets one step late, synapses and trained leaks, against their steps."""

from __future__ import annotations

import contextlib
import itertools
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor
from torch.autograd import forward_ad

from sgcli import surrogate
from sgcli.definitions import REGISTRY, Definition
from sgcli.native import library
from sgcli.neuron import CurrentLIFNode, IFNode, Leaky, LIFNode, NorseLIFNode, ParametricLIFNode
from sgcli.neuron.base import BaseNode

FAST = [d for d in REGISTRY.values() if not d.is_random() and d.forward is Definition.forward]
NODES: list[tuple[Any, dict[str, Any]]] = [
    *(
        (Leaky, {"beta": 0.8, "reset_mechanism": m, "reset_delay": d, "learn_beta": b})
        for m, d, b in itertools.product(("subtract", "zero", "none"), (False, True), (False, True))
    ),
    *((CurrentLIFNode, {"tau_mem": 4, "reset_mechanism": m}) for m in ("multiply", "subtract")),
    (NorseLIFNode, {"tau_mem_inv": 300.0, "v_leak": 0.1, "v_reset": -0.2}),
    (ParametricLIFNode, {"init_tau": 3.0, "v_reset": -0.2}),
    (ParametricLIFNode, {"init_tau": 3.0, "decay_input": False, "v_reset": None}),
    (LIFNode, {"tau": 3.0, "v_reset": -0.2}),
    (IFNode, {"v_reset": None}),
]
IDS = [f"{n.__name__}-{'-'.join(map(str, k.values()))}" for n, k in NODES]


def everything(node: BaseNode, x: Tensor, weight: Tensor, run: str) -> dict[str, Tensor]:
    """Spikes, potentials, and the first and second derivatives of a function of both."""
    node.reset()
    node.zero_grad()
    leaf = x.clone().requires_grad_()
    node.store_v_seq = True
    if run == "steps":
        spikes = node.step_by_step(leaf if x.ndim == weight.ndim else [leaf] * len(weight))
    elif x.ndim == weight.ndim:
        spikes = node.multi_step_forward(leaf)
    else:
        spikes = node.constant_forward(leaf, len(weight))
    assert isinstance(node.v, Tensor)
    assert node.v_seq is not None
    assert torch.equal(node.v, node.v_seq[-1])
    loss = (weight * spikes).sum() + (node.v**2).sum() + (weight * node.v_seq**2).sum()
    wanted = [leaf, *node.parameters()]
    first = torch.autograd.grad(loss, wanted, create_graph=True)
    second = torch.autograd.grad(sum((g**2).sum() for g in first), wanted)  # type: ignore[arg-type]
    names = [f"{order} {k}" for order in ("first", "second") for k in range(len(wanted))]
    results = {"spikes": spikes, "potentials": node.v_seq}
    results |= dict(zip(names, [*first, *second], strict=True))
    return {name: tensor.detach() for name, tensor in results.items()}


def check(node: BaseNode, steps: int, seed: int, constant: bool) -> None:
    node = node.double()
    g = torch.Generator().manual_seed(seed)
    shape = (5, 3) if constant else (steps, 5, 3)
    x = torch.randn(shape, generator=g, dtype=torch.float64) * 2 + 1
    weight = torch.randn(steps, 5, 3, generator=g, dtype=torch.float64)
    assert node.fallback_reason() == ""
    got, want = (everything(node, x, weight, run) for run in ("whole", "steps"))
    assert torch.equal(got["spikes"], want["spikes"])
    assert got.keys() == want.keys()
    for name in want:
        scale = 1 + float(want[name].abs().max())
        torch.testing.assert_close(got[name], want[name], rtol=1e-9, atol=1e-11 * scale)


@pytest.mark.parametrize("detach_reset", [False, True])
@pytest.mark.parametrize(("node", "arguments"), NODES, ids=IDS)
def test_a_sequence_equals_its_steps(
    node: Any, arguments: dict[str, Any], detach_reset: bool
) -> None:
    layer = node(**arguments, detach_reset=detach_reset, surrogate_function=surrogate.ATan())
    check(layer, 6, 0, False)
    check(layer, 6, 1, True)


@settings(max_examples=25, deadline=None)
@given(
    st.sampled_from(NODES),
    st.sampled_from(FAST),
    st.booleans(),
    st.integers(1, 7),
    st.integers(0, 2**32 - 1),
    st.booleans(),
)
def test_with_any_surrogate(
    case: Any, definition: Any, detach_reset: bool, steps: int, seed: int, constant: bool
) -> None:
    function = surrogate.of(definition)()
    layer = case[0](**case[1], detach_reset=detach_reset, surrogate_function=function)
    # With a delayed input the results of the first step do not depend on it.
    check(layer, steps + getattr(layer, "delayed", False), seed, constant)


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16, torch.float16])
@pytest.mark.parametrize(("node", "arguments"), NODES, ids=IDS)
def test_spikes_are_the_same_bits_in_every_dtype(
    node: Any, arguments: dict[str, Any], dtype: torch.dtype
) -> None:
    x = (torch.randn(20, 64, generator=torch.Generator().manual_seed(0)) * 3 + 1).to(dtype)
    layer = node(**arguments)
    whole = layer.multi_step_forward(x.clone().requires_grad_())
    layer.reset()
    assert whole.dtype is dtype
    assert 0.01 < whole.float().mean() < 0.99
    assert torch.equal(whole, layer.step_by_step(x))


@pytest.mark.parametrize("steps", [1, 2, 5])
@pytest.mark.parametrize(("node", "arguments"), NODES, ids=IDS)
def test_without_gradient_results_are_equal_and_no_sequence_is_saved(
    node: Any, arguments: dict[str, Any], steps: int
) -> None:
    x = torch.randn(steps, 64, generator=torch.Generator().manual_seed(0)) * 3 + 1
    results = []
    with torch.no_grad(), library.off():
        for run in ("multi_step_forward", "step_by_step"):
            layer = node(**arguments)
            results.append((getattr(layer, run)(x), layer.v))
            assert layer.v.untyped_storage().nbytes() == layer.v.nbytes
    assert torch.equal(results[0][0], results[1][0])
    assert torch.equal(results[0][1], results[1][1])


@pytest.mark.parametrize(("node", "arguments"), NODES, ids=IDS)
def test_the_state_continues_in_the_next_sequence(node: Any, arguments: dict[str, Any]) -> None:
    x = torch.randn(12, 7, generator=torch.Generator().manual_seed(1)) * 2 + 1
    one, two = (node(**arguments, step_mode="m") for _ in range(2))
    leaf, other = x.clone().requires_grad_(), x.clone().requires_grad_()
    spikes = one(leaf)
    split = torch.cat([two(other[:5]), two(other[5:])])
    assert torch.equal(spikes, split)
    weight = torch.randn(12, 7)
    (spikes * weight).sum().backward()
    (split * weight).sum().backward()
    torch.testing.assert_close(leaf.grad, other.grad)
    two.detach()
    assert all(not v.requires_grad for v in vars(two).values() if isinstance(v, Tensor))
    two.reset()
    assert torch.equal(two(x), spikes)


@pytest.mark.parametrize(("node", "arguments"), NODES, ids=IDS)
def test_vmap_and_gradients_per_sample(node: Any, arguments: dict[str, Any]) -> None:
    x = torch.randn(6, 8, 5) * 2 + 1

    def loss(sample: Tensor) -> Tensor:
        spikes: Tensor = node(**arguments, step_mode="m")(sample)
        return spikes.sum()

    each = torch.func.vmap(torch.func.grad(loss), in_dims=1, out_dims=1)(x)
    leaf = x.clone().requires_grad_()
    node(**arguments, step_mode="m")(leaf).sum().backward()
    torch.testing.assert_close(each, leaf.grad)


@pytest.mark.parametrize(("node", "arguments"), NODES, ids=IDS)
def test_the_primitives_have_the_gradients_of_finite_differences(
    node: Any, arguments: dict[str, Any]
) -> None:
    layer = node(**arguments, surrogate_function=surrogate.Sigmoid(2.0, spiking=False)).double()
    layer.detach_reset = False
    names = [name for name, _ in layer.named_parameters()]
    x = torch.randn(4, 3, dtype=torch.float64, requires_grad=True)

    def outputs(x: Tensor, *values: Tensor) -> Tensor:
        layer.reset()
        parameters = dict(zip(names, values, strict=True))
        output: Tensor = torch.func.functional_call(layer, parameters, (x,))
        return output

    layer.step_mode = "m"
    assert torch.autograd.gradcheck(outputs, (x, *layer.parameters()))


COMPILED = [
    pytest.param(*case, id=name, marks=[] if case[0] is NorseLIFNode else [pytest.mark.slow])
    for name, case in zip(IDS, NODES, strict=True)
]


@pytest.mark.parametrize(("node", "arguments"), COMPILED)
def test_compiled_in_one_graph(node: Any, arguments: dict[str, Any]) -> None:
    torch._dynamo.reset()  # type: ignore[no-untyped-call]  # it gives up after eight classes
    x = torch.randn(4, 3, generator=torch.Generator().manual_seed(2)) * 2 + 1
    results = []
    for compile in (False, True):
        layer: Any = node(**arguments, surrogate_function=surrogate.ATan(), step_mode="m")
        run = torch.compile(layer, backend="aot_eager", fullgraph=True) if compile else layer
        leaf = x.clone().requires_grad_()
        spikes = run(leaf)
        spikes.sum().backward()
        results.append((spikes.detach(), leaf.grad))
    assert torch.equal(results[0][0], results[1][0])
    torch.testing.assert_close(results[0][1], results[1][1])


@pytest.mark.parametrize("native", [True, False])
@pytest.mark.parametrize(("kind", "arguments"), NODES, ids=IDS)
def test_gradients_may_be_batched(kind: Any, arguments: dict[str, Any], native: bool) -> None:
    generator = torch.Generator().manual_seed(1)
    x = (torch.randn(4, 3, generator=generator, dtype=torch.float64) + 0.5).requires_grad_()
    weights = torch.randn(5, 4, 3, generator=generator, dtype=torch.float64)
    node = kind(step_mode="m", **arguments).double()
    with contextlib.nullcontext() if native else library.off():
        spikes = node(x)
        results = torch.autograd.grad(spikes, x, weights, retain_graph=True, is_grads_batched=True)[
            0
        ]
        wanted = [torch.autograd.grad(spikes, x, w, retain_graph=True)[0] for w in weights]
    torch.testing.assert_close(results, torch.stack(wanted))


# What torch says of itself.
@pytest.mark.filterwarnings("ignore:.*torch.jit.script:DeprecationWarning")
@pytest.mark.parametrize("native", [True, False])
@pytest.mark.parametrize(("kind", "arguments"), NODES, ids=IDS)
def test_gradients_have_forward_mode_derivatives(
    kind: Any, arguments: dict[str, Any], native: bool
) -> None:
    """The backward pass is linear: the tangent of a gradient is the gradient of the tangent."""
    x = (torch.randn(4, 3, dtype=torch.float64) + 0.5).requires_grad_()
    weight, tangent = torch.randn(2, 4, 3, dtype=torch.float64)
    node = kind(step_mode="m", **arguments).double()
    with contextlib.nullcontext() if native else library.off():
        spikes = node(x)
        wanted = torch.autograd.grad(spikes, x, tangent, retain_graph=True)[0]
        with forward_ad.dual_level():
            dual = forward_ad.make_dual(weight, tangent)
            results = forward_ad.unpack_dual(torch.autograd.grad(spikes, x, dual)[0]).tangent
    torch.testing.assert_close(results, wanted)


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_the_gradient_of_a_float32_leak_is_summed_in_float32(dtype: torch.dtype) -> None:
    """In half precision the sum over neurons would overflow or lose digits."""
    results = []
    for half in (dtype, torch.float32):
        node = Leaky(0.9, reset_mechanism="none", step_mode="m")
        node.beta = torch.nn.Parameter(torch.full((4,), 0.9))
        x = torch.rand(4, 4096, 4, generator=torch.Generator().manual_seed(0)).to(dtype).to(half)
        node(x).backward(torch.full_like(x, 32))
        results.append(node.beta.grad)
    torch.testing.assert_close(*results, rtol=0.03, atol=0)
