"""Loops compiled by torch against the plain loops.

The compiled loops are meant for GPUs. The compiler also builds them for the CPU, so that everything
except the device is checked on every machine.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import torch
from torch import Tensor
from torch._subclasses import FakeTensorMode

from sgcli.definitions import REGISTRY, Definition, Shape
from sgcli.neuron import LIFNode, fused, trajectory
from sgcli.neuron.plan import NeuronPlan
from sgcli.neuron.resets import Hard, Multiply, Reset, Soft, Subtract
from sgcli.surrogate import of

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of torch, in torch
KEEP = 0.9
FAST = [d for d in REGISTRY.values() if not d.is_random() and d.forward is Definition.forward]
TIGHT = {"rtol": 1e-4, "atol": 1e-5}


def plan(
    name: str = "atan",
    reset: Reset = Soft(late=False),  # noqa: B008  # it cannot be changed
    detach: bool = True,
    fires_first: bool = False,
) -> NeuronPlan:
    shape = Shape.of(REGISTRY[name])
    return NeuronPlan(0.5, 0.02, reset, 1.0, detach, shape, fires_first)


def everything(
    run: Any, x: Tensor, keep: float | Tensor, neuron_plan: NeuronPlan, steps: int | None
) -> list[Tensor]:
    """Spikes, final state and the gradients of a function of both."""
    x, v = x.clone().requires_grad_(), torch.full(x.shape[-2:], 0.3, requires_grad=True)
    v = v.to(x).detach().requires_grad_()
    spikes, last = run(x, v, keep, neuron_plan, steps)
    g = torch.Generator().manual_seed(1)
    weight = torch.rand(spikes.shape, generator=g).to(x)
    leaves = [t for t in (x, v, keep) if isinstance(t, Tensor)]
    grads = torch.autograd.grad((spikes * weight).sum() + last.square().sum(), leaves)
    return [spikes.detach(), last.detach(), *grads]


def inputs(*shape: int, device: str = "cpu", seed: int = 0) -> Tensor:
    """Currents whose membranes stay away from the threshold: rounding changes no spike."""
    g = torch.Generator().manual_seed(seed)
    return (torch.rand(shape, generator=g, dtype=torch.float64) * 4).float().to(device)


EARLY, HARD = Soft(late=False), Hard(late=False, v_reset=0.1)
CASES = [(EARLY, True, False), (HARD, False, False), (EARLY, False, True), (HARD, True, True)]


def compare(neuron_plan: NeuronPlan, constant: bool, device: str, trained: bool = False) -> None:
    count = fused.CHUNK + 2
    steps = count if constant else None
    x = inputs(4, 8, device=device) if constant else inputs(count, 4, 8, device=device)
    keep = torch.tensor(KEEP, device=device, requires_grad=True) if trained else KEEP
    want = everything(trajectory.run, x, keep, neuron_plan, steps)
    got = everything(fused.run, x, keep, neuron_plan, steps)
    for a, b in zip(got, want, strict=True):
        torch.testing.assert_close(a, b, **TIGHT)
    with torch.no_grad():
        v = torch.full(x.shape[-2:], 0.3, device=device)
        spikes, last = fused.run(x, v, keep, neuron_plan, steps)
    assert torch.equal(spikes, got[0])
    torch.testing.assert_close(last, got[1], **TIGHT)


@pytest.fixture
def _quick(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Omit the last stage of the compiler, which takes ten seconds to load."""
    monkeypatch.setattr(fused, "BACKEND", "aot_eager")
    monkeypatch.setattr(fused, "CHUNK", 3)
    fused._loops.cache_clear()
    yield
    fused._loops.cache_clear()


@pytest.mark.usefixtures("_quick")
@pytest.mark.parametrize("constant", [False, pytest.param(True, marks=pytest.mark.slow)])
def test_longer_than_a_chunk(constant: bool) -> None:
    compare(plan(reset=HARD, detach=False), constant, "cpu")


LATE = [
    (Subtract(), False, False, False),
    *(
        pytest.param(reset, first, constant, trained, marks=pytest.mark.slow)
        for reset in (Reset(), Hard(), Subtract(), Multiply())
        for first, constant, trained in ((False, True, True), (True, False, True), (True,) * 3)
    ),
]


@pytest.mark.usefixtures("_quick")
@pytest.mark.parametrize(("reset", "fires_first", "constant", "trained"), LATE, ids=str)
def test_resets_one_step_late(
    reset: Reset, fires_first: bool, constant: bool, trained: bool
) -> None:
    neuron_plan = plan(reset=reset, detach=False, fires_first=fires_first)
    compare(neuron_plan, constant, "cpu", trained)


@pytest.mark.usefixtures("_quick")
def test_gradients_may_be_batched() -> None:
    x = inputs(5, 2, 3).requires_grad_()
    weights = torch.randn(4, 5, 2, 3, generator=torch.Generator().manual_seed(2))
    results = []
    for run in (fused.run, trajectory.run):
        spikes, _ = run(x, torch.zeros(2, 3), KEEP, plan(reset=Subtract()), None)
        results.append(torch.autograd.grad(spikes, x, weights, is_grads_batched=True)[0])
    torch.testing.assert_close(*results, **TIGHT)


def test_a_rounded_potential_is_not_passed_to_the_next_chunk() -> None:
    """The chunk would reset by a spike that differs from the returned one."""
    with FakeTensorMode():
        for dtype, served in ((torch.bfloat16, False), (torch.float32, True)):
            x = torch.ones(3, dtype=dtype, device="cuda")
            assert fused.serves(x, x, plan(reset=Subtract())) is served
            assert fused.serves(x, x, plan(reset=Subtract(), fires_first=True))
            assert fused.serves(x, x, plan(reset=EARLY))


@pytest.mark.slow
@pytest.mark.usefixtures("_quick")
@pytest.mark.parametrize(("reset", "detach", "constant"), CASES)
def test_resets_and_constant_inputs(reset: Reset, detach: bool, constant: bool) -> None:
    compare(plan(reset=reset, detach=detach), constant, "cpu")


@pytest.mark.slow
@pytest.mark.parametrize(("reset", "detach", "constant"), CASES[1:3])
def test_compiled_to_machine_code(
    reset: Reset, detach: bool, constant: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fused, "CHUNK", 4)
    compare(plan(reset=reset, detach=detach), constant, "cpu")


@pytest.mark.slow
@pytest.mark.usefixtures("_quick")
@pytest.mark.parametrize("definition", FAST, ids=lambda d: d.name)
def test_every_surrogate(definition: Any) -> None:
    """More surrogates than the limit of torch on recompilations of a function."""
    compare(plan(definition.name), False, "cpu")


@pytest.mark.slow
def test_second_derivatives() -> None:
    neuron_plan = plan()

    def penalty(run: Any) -> Tensor:
        x = inputs(5, 2, 3).requires_grad_()
        spikes, _ = run(x, torch.zeros(2, 3), KEEP, neuron_plan, None)
        (grad,) = torch.autograd.grad(spikes.sum(), x, create_graph=True)
        return torch.autograd.grad(grad.square().sum(), x)[0]

    torch.testing.assert_close(penalty(fused.run), penalty(trajectory.run), **TIGHT)


def test_the_cpu_has_kernels_of_its_own() -> None:
    assert not fused.serves(torch.ones(3), torch.ones(3), plan())


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="there is no CUDA device")
@pytest.mark.parametrize("trained", [False, True])
@pytest.mark.parametrize(
    ("reset", "detach", "constant"),
    [*CASES, (Subtract(), False, False), (Hard(), False, True), (Multiply(), False, False)],
)
def test_on_a_gpu(reset: Reset, detach: bool, constant: bool, trained: bool) -> None:
    compare(plan(reset=reset, detach=detach), constant, "cuda", trained)


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="there is no CUDA device")
def test_a_node_on_a_gpu_takes_the_compiled_path(monkeypatch: pytest.MonkeyPatch) -> None:
    taken: list[int] = []
    run = fused.run
    monkeypatch.setattr(fused, "run", lambda *args: taken.append(1) or run(*args))
    node = LIFNode(surrogate_function=of(REGISTRY["atan"])(), step_mode="m").cuda()
    x = inputs(5, 2, 3, device="cuda").requires_grad_()
    node(x).sum().backward()
    assert taken
    assert x.grad is not None
