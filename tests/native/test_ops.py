"""The kernels as ops of torch: what they keep, how they are switched, what memory they take."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import Tensor

from sgcli import surrogate
from sgcli.definitions import REGISTRY
from sgcli.native import library, ops
from sgcli.neuron import LIFNode
from tests.native import NATIVE, needs_kernels

pytestmark = needs_kernels


@pytest.mark.parametrize("name", [op.__name__ for op in ops.OPS])
def test_ops_pass_the_checks_of_torch(name: str) -> None:
    """Schema, fake implementation and dispatch, by torch's own checks."""
    x, v = torch.randn(5, 7), torch.zeros(7)
    neuron = [0.5, 0.5, 0.0, 1.0, 0.0, 1.0, 0.0]
    arguments: dict[str, tuple[Any, ...]] = {
        "spikes": (x, "sigmoid", [4.0]),
        "gradient": (torch.randn_like(x), x, "sigmoid", [4.0]),
        "sequence": (x, v, 5, False, neuron),
        "sequence_gradient": (x + 1, None, x, v, 5, False, neuron, "atan", [2.0]),
    }
    torch.library.opcheck(
        getattr(ops.registered(), name).default,
        arguments[name],
        test_utils=("test_schema", "test_faketensor"),
    )


def test_compile_sees_a_sequence_as_one_op() -> None:
    op = ops.registered().sequence

    def spikes(x: Tensor, v: Tensor) -> Tensor:
        return op(x, v, 5, False, [0.5, 0.5, 0.0, 1.0, 0.0, 1.0, 0.0])[0] * 2

    x, v = torch.randn(5, 7) + 1, torch.zeros(7)
    torch._dynamo.reset()
    compiled = torch.compile(spikes, backend="aot_eager", fullgraph=True)
    assert torch.equal(compiled(x, v), spikes(x, v))


def test_the_switch_changes_the_path_and_back() -> None:
    assert library.available()
    with library.off():
        assert not library.available()
        assert ops.fallback_reason(REGISTRY["sigmoid"]) == "switched off"
    assert library.available()


def allocated(run: Any) -> int:
    """The bytes that tensors allocated, freed ones included."""
    from torch.profiler import ProfilerActivity, profile

    with profile(activities=[ProfilerActivity.CPU], profile_memory=True) as watched:
        kept = run()
    del kept
    return sum(max(0, event.self_cpu_memory_usage) for event in watched.events())


@pytest.mark.filterwarnings("ignore")
def test_a_sequence_takes_the_memory_of_its_spikes_and_its_gradient() -> None:
    x = torch.randn(50, 20_000, generator=torch.Generator().manual_seed(0)).requires_grad_()
    weight = torch.randn_like(x)
    node = LIFNode(step_mode="m")

    def run() -> Any:
        node.reset()
        spikes = node(x)
        return spikes, torch.autograd.grad(spikes, x, weight)

    run()
    size = 4 * x.numel()
    assert 2 * size <= allocated(run) <= 2.2 * size  # and a few potentials of one step


@pytest.mark.filterwarnings("ignore")
def test_an_operation_takes_the_memory_of_its_two_results() -> None:
    x = torch.randn(1_000_000, generator=torch.Generator().manual_seed(0)).requires_grad_()
    weight = torch.randn_like(x)
    for definition in NATIVE:
        if definition.stochastic:
            continue
        function = surrogate.of(definition)()

        def run(function: Any = function) -> Any:
            y = function(x)
            return y, torch.autograd.grad(y, x, weight)

        run()
        assert allocated(run) <= 2.01 * 4 * x.numel(), definition.name
