"""Whole sequences on a GPU: the loops over the steps, compiled by torch in chunks of steps.

The texts that are compiled are those of :mod:`sgcli.neuron.trajectory`. A compiled step may round
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

from sgcli.neuron import trajectory
from sgcli.neuron.dynamics import Number
from sgcli.neuron.plan import Plan
from sgcli.neuron.trajectory import LoopPair, Saved
from sgcli.surrogate._apply import may_write
from sgcli.surrogate._compute import HALVES

CHUNK = 16  # steps; the time to compile grows with them faster than what they save
BACKEND = "inductor"  # of torch.compile: Triton on a GPU


def serves(x: Tensor, v: Tensor, plan: Plan) -> bool:
    """Whether sequences of such inputs are compiled."""
    # The next chunk would take other spikes from a rounded potential than this one has shown.
    rounded = x.dtype in HALVES and plan.reset.late and not plan.fires_first
    return (
        x.device.type == "cuda"
        and x.dtype == v.dtype
        and not rounded
        and not torch.compiler.is_compiling()
        and not is_functorch_wrapped_tensor(x)
        and not is_functorch_wrapped_tensor(v)
    )


def run(x: Tensor, v: Tensor, keep: Number, plan: Plan, steps: int | None) -> tuple[Tensor, Tensor]:
    """Spikes [T, …] and the state after them; ``steps`` means a constant input ``x`` [...]."""
    loops = _loops(plan, None if isinstance(keep, Tensor) else keep)
    count = len(x) if steps is None else steps
    result = []
    for start in range(0, count, CHUNK):
        length = min(CHUNK, count - start)
        part = x[start : start + length] if steps is None else x
        spikes, v = trajectory.run(part, v, keep, plan, None if steps is None else length, loops)
        result.append(spikes)
    return (result[0] if len(result) == 1 else torch.cat(result)), v


@lru_cache(maxsize=256)
def _loops(plan: Plan, keep: float | None) -> LoopPair:
    """The loops for one neuron; they are compiled when they are first called."""
    forward_loop, backward_loop = (
        _compile(trajectory.forward_loop),
        _compile(trajectory.backward_loop),
    )

    def forward(x: Tensor, v: Tensor, keep: Number, *how: Any) -> Any:
        # Detached: the compiler warns of the gradient of an input that is no leaf.
        return forward_loop(*map(_detached, (x, v, keep)), *how)

    def backward(saved: Saved, *grads: Any) -> Any:
        if not may_write(*(g for g in grads if isinstance(g, Tensor))):
            # What is to be differentiated again or is batched goes by torch's own functions.
            return trajectory.backward_loop(saved, *grads)
        kept = {name: _detached(value) for name, value in vars(saved).items()}
        return backward_loop(Saved(**kept), *grads)

    return LoopPair(forward, backward)


def _detached(value: Any) -> Any:
    return value.detach() if isinstance(value, Tensor) else value


def _compile(function: Any) -> Callable[..., Any]:
    # torch counts recompilations by code object, and gives up after a few: each plan has its own.
    own = FunctionType(
        function.__code__.replace(), function.__globals__, function.__name__, function.__defaults__
    )
    compiled: Callable[..., Any] = torch.compile(own, fullgraph=True, backend=BACKEND)
    return compiled
