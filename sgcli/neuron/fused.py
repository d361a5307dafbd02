"""Whole sequences on a GPU: the loops over the steps, compiled by torch in chunks of steps.

The texts that are compiled are those of :mod:`sgcli.neuron.sequence`. A compiled step may round
once where the plain one rounds twice, so that membranes differ in their last digit.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from types import FunctionType
from typing import Any

import torch
from torch import Tensor
from torch._C._functorch import is_functorch_wrapped_tensor

from sgcli.neuron import dynamics, sequence
from sgcli.neuron.plan import Plan
from sgcli.surrogate._apply import apply

CHUNK = 16  # steps; the time to compile grows with them faster than what they save
BACKEND = "inductor"  # of torch.compile: Triton on a GPU


def serves(x: Tensor, v: Tensor) -> bool:
    """Whether sequences of such inputs are compiled."""
    return (
        x.device.type == "cuda"
        and x.dtype == v.dtype
        and not torch.compiler.is_compiling()
        and not is_functorch_wrapped_tensor(x)
        and not is_functorch_wrapped_tensor(v)
    )


def run(x: Tensor, v: Tensor, plan: Plan, steps: int | None) -> tuple[Tensor, Tensor]:
    """Spikes [T, …] and the state after them; ``steps`` means a constant input ``x`` [...]."""
    count = len(x) if steps is None else steps
    found = []
    for start in range(0, count, CHUNK):
        length = min(CHUNK, count - start)
        part = x[start : start + length] if steps is None else x
        spikes, v = _chunk(part, v, plan, None if steps is None else length)
        found.append(spikes)
    return (found[0] if len(found) == 1 else torch.cat(found)), v


def _chunk(x: Tensor, v: Tensor, plan: Plan, steps: int | None) -> tuple[Tensor, Tensor]:
    if not (torch.is_grad_enabled() and (x.requires_grad or v.requires_grad)):
        spikes, _, v = _compiled(plan).forward(x.detach(), v.detach(), plan, steps, False)
        return spikes, v
    spikes, h = apply(FusedSequence, x, v, plan, steps)
    last = spikes[-1].detach() if plan.detach_reset else spikes[-1]
    target = dynamics.reset_value(plan.v_reset, h)
    return spikes, dynamics.reset(h[-1], last, plan.lowering, target)


class FusedSequence(sequence.Sequence):
    """(x, v, plan, steps) → spikes and membrane before reset, both [T, …], by compiled loops."""

    @staticmethod
    def forward(x: Tensor, v: Tensor, plan: Plan, steps: int | None) -> tuple[Tensor, Tensor]:
        # Detached: the compiler warns of the gradient of an input that is no leaf.
        spikes, h, _ = _compiled(plan).forward(x.detach(), v.detach(), plan, steps, True)
        return spikes, h

    @staticmethod
    def backward(
        ctx: Any, grad_spikes: Tensor | None, grad_h: Tensor | None
    ) -> tuple[Tensor | None, Tensor | None, None, None]:
        spikes, h = ctx.saved_tensors
        given = grad_spikes, grad_h
        if torch.is_grad_enabled():
            # What is to be differentiated again goes by torch's own functions.
            grads = sequence._backward(ctx.plan, ctx.steps, spikes, h, *given)
        else:
            backward = _compiled(ctx.plan).backward
            grads = backward(ctx.plan, ctx.steps, spikes.detach(), h.detach(), *given)
        return grads[0], grads[1], None, None


class _Compiled:
    """The two loops for one neuron; they are compiled when they are first called."""

    def __init__(self) -> None:
        self.forward = _compile(sequence._steps)
        self.backward = _compile(sequence._backward)


@lru_cache(maxsize=256)
def _compiled(plan: Plan) -> _Compiled:
    return _Compiled()


def _compile(function: Any) -> Callable[..., Any]:
    # torch counts recompilations by code object, and gives up after a few: each plan has its own.
    own = FunctionType(
        function.__code__.replace(), function.__globals__, function.__name__, function.__defaults__
    )
    compiled: Callable[..., Any] = torch.compile(own, fullgraph=True, backend=BACKEND)
    return compiled
