"""Whole sequences by the compiled kernels, which save only the input for the backward pass."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor
from torch.autograd import Function

from sgcli.native import ops
from sgcli.neuron import trajectory
from sgcli.neuron.plan import NeuronPlan
from sgcli.neuron.resets import Hard, Soft
from sgcli.surrogate._apply import apply


def serves(x: Tensor, v: Tensor, plan: NeuronPlan) -> bool:
    """Whether a kernel can run the sequence, provided that the leak is a number."""
    return (
        isinstance(plan.reset, Hard | Soft)
        and not (plan.reset.late or plan.fires_first)
        and x.dtype == v.dtype
        and ops.serves(plan.shape.definition, x, plan.shape.values)
    )


def run(
    x: Tensor, v: Tensor, keep: float, plan: NeuronPlan, steps: int | None
) -> tuple[Tensor, Tensor]:
    """Spikes [T, …] and the final state; an input with ``steps`` is constant [...]."""
    spikes, last = apply(NativeSequence, x, v, keep, plan, steps)
    return spikes, last


def _settings(
    x: Tensor, keep: float, plan: NeuronPlan, steps: int | None
) -> tuple[int, bool, list[float]]:
    reset = plan.reset
    assert isinstance(reset, Hard | Soft)
    hard = isinstance(reset, Hard)
    value = reset.v_reset if isinstance(reset, Hard) else reset.by
    neuron = [keep, plan.gain, plan.drive, plan.fires_at, value]
    flags = [float(hard), float(plan.detach_reset)]
    return (len(x) if steps is None else steps), steps is not None, neuron + flags


class NativeSequence(Function):
    """(x, v, keep, plan, steps) → spikes [T, …] and the final potential."""

    generate_vmap_rule = True

    @staticmethod
    def forward(
        x: Tensor, v: Tensor, keep: float, plan: NeuronPlan, steps: int | None
    ) -> tuple[Tensor, Tensor]:
        call = ops.of(ops.sequence, x, v)
        outputs: tuple[Tensor, Tensor] = call(x, v, *_settings(x, keep, plan, steps))
        return outputs

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Any, ...], output: tuple[Tensor, Tensor]) -> None:
        x, v, ctx.keep, ctx.plan, ctx.steps = inputs
        ctx.save_for_backward(x, v)
        ctx.set_materialize_grads(False)

    @staticmethod
    def backward(
        ctx: Any, grad_spikes: Tensor | None, grad_v: Tensor | None
    ) -> tuple[Tensor | None, Tensor | None, None, None, None]:
        x, v = ctx.saved_tensors
        if grad_spikes is None and grad_v is None:
            return None, None, None, None, None
        grads: tuple[Tensor, Tensor]
        if torch.is_grad_enabled() or ops.forwards():
            grads = _differentiable(x, v, ctx.keep, ctx.plan, ctx.steps, grad_spikes, grad_v)
        else:
            shape = ctx.plan.shape
            call = ops.of(ops.sequence_gradient, x, v, grad_spikes, grad_v)
            grads = call(
                grad_spikes,
                grad_v,
                x,
                v,
                *_settings(x, ctx.keep, ctx.plan, ctx.steps),
                shape.name,
                [float(p) for p in shape.values],
            )
        return grads[0], grads[1], None, None, None


def _differentiable(
    x: Tensor,
    v: Tensor,
    keep: float,
    plan: NeuronPlan,
    steps: int | None,
    grad_spikes: Tensor | None,
    grad_v: Tensor | None,
) -> tuple[Tensor, Tensor]:
    """The gradients by torch's own functions, for second derivatives."""

    def outputs(x: Tensor, v: Tensor) -> tuple[Tensor, Tensor]:
        return trajectory.run(x, v, keep, plan, steps)

    (spikes, last), pull = torch.func.vjp(outputs, x, v)[:2]
    grads = (
        torch.zeros_like(spikes) if grad_spikes is None else grad_spikes,
        torch.zeros_like(last) if grad_v is None else grad_v,
    )
    pulled: tuple[Tensor, Tensor] = pull(grads)
    return pulled
