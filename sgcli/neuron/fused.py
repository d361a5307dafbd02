"""Whole sequences on a GPU: the loops over the steps, compiled by torch in chunks.

The loops are those of :mod:`sgcli.neuron.trajectory`. A compiled step may round once instead of
twice, so potentials can differ in the last digit.
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
from sgcli.neuron.plan import NeuronPlan
from sgcli.neuron.trajectory import LoopPair, Saved
from sgcli.surrogate._apply import may_write
from sgcli.surrogate._compute import HALVES

CHUNK = 16  # steps per chunk; longer chunks cost more compile time than they save
BACKEND = "inductor"  # of torch.compile: Triton on a GPU


def serves(x: Tensor, v: Tensor, plan: NeuronPlan) -> bool:
    """Whether the sequence is compiled."""
    # The next chunk would derive its spikes from the rounded potential; they might differ.
    rounded = x.dtype in HALVES and plan.reset.late and not plan.fires_first
    return (
        x.device.type == "cuda"
        and x.dtype == v.dtype
        and not rounded
        and not torch.compiler.is_compiling()
        and not is_functorch_wrapped_tensor(x)
        and not is_functorch_wrapped_tensor(v)
    )


def run(
    x: Tensor, v: Tensor, keep: Number, plan: NeuronPlan, steps: int | None
) -> tuple[Tensor, Tensor]:
    """Spikes [T, …] and the final state; an input with ``steps`` is constant [...]."""
    loops = _loops(plan, None if isinstance(keep, Tensor) else keep)
    count = len(x) if steps is None else steps
    chunks = []
    for start in range(0, count, CHUNK):
        length = min(CHUNK, count - start)
        part = x[start : start + length] if steps is None else x
        spikes, v = trajectory.run(part, v, keep, plan, None if steps is None else length, loops)
        chunks.append(spikes)
    return (chunks[0] if len(chunks) == 1 else torch.cat(chunks)), v


@lru_cache(maxsize=256)
def _loops(plan: NeuronPlan, keep: float | None) -> LoopPair:
    """The loops of a neuron, compiled at their first call."""
    forward_loop, backward_loop = (
        _compile(trajectory.forward_loop),
        _compile(trajectory.backward_loop),
    )

    def forward(x: Tensor, v: Tensor, keep: Number, *settings: Any) -> Any:
        # Detached, because the compiler warns about gradients of non-leaf inputs.
        return forward_loop(*map(_detached, (x, v, keep)), *settings)

    def backward(saved: Saved, *grads: Any) -> Any:
        if not may_write(*(g for g in grads if isinstance(g, Tensor))):
            # torch's own functions compute gradients that are batched or differentiated again.
            return trajectory.backward_loop(saved, *grads)
        detached = {name: _detached(value) for name, value in vars(saved).items()}
        return backward_loop(Saved(**detached), *grads)

    return LoopPair(forward, backward)


def _detached(value: Any) -> Any:
    return value.detach() if isinstance(value, Tensor) else value


def _compile(function: Any) -> Callable[..., Any]:
    # torch limits the recompilations of a code object, so each plan gets its own copy.
    copy = FunctionType(
        function.__code__.replace(), function.__globals__, function.__name__, function.__defaults__
    )
    compiled: Callable[..., Any] = torch.compile(copy, fullgraph=True, backend=BACKEND)
    return compiled
