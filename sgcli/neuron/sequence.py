"""Whole sequences of a linear neuron in one autograd function, which keeps the membrane only.

Forward and gradient are those of the steps one by one; second derivatives work too.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor
from torch._C._functorch import is_functorch_wrapped_tensor
from torch.autograd import Function

from sgcli.definitions.core import Definition, Shape
from sgcli.native.registration import to_last
from sgcli.neuron import dynamics, native
from sgcli.neuron.plan import Plan as Plan
from sgcli.surrogate import Surrogate, of
from sgcli.surrogate._apply import apply, may_write
from sgcli.surrogate._compute import HALVES, gradient


def obstacle(surrogate_function: Any) -> str:
    """Why a sequence must go step by step with this surrogate; empty if it need not."""
    if not isinstance(surrogate_function, Surrogate):
        return "its surrogate is not one of sgcli's"
    definition = surrogate_function.definition
    if type(surrogate_function) is not of(definition):
        return "its surrogate is a subclass, which may do more"
    if definition.random_gradient:
        return f"{definition.name} draws its gradient, from a generator that steps know of"
    if definition.stochastic or definition.forward is not Definition.forward:
        return f"{definition.name} has a forward pass of its own"
    if not surrogate_function.spiking:
        return "spiking=False is differentiated by autograd"
    if not all(isinstance(p, (int, float)) for p in surrogate_function._sg_params.values()):
        return "its shape parameters are tensors or trainable"
    if surrogate_function._forward_hooks or surrogate_function._forward_pre_hooks:
        return "its surrogate has hooks, which want every step"
    if torch.compiler.is_compiling():
        return "torch.compile fuses the steps itself"
    return ""


def shape_of(surrogate_function: Surrogate) -> Shape:
    """The shape that a surrogate module has now."""
    return Shape(surrogate_function.definition, tuple(surrogate_function._sg_params.values()))


def run(x: Tensor, v: Tensor, plan: Plan, steps: int | None) -> tuple[Tensor, Tensor]:
    """Spikes [T, …] and the state after them; ``steps`` means a constant input ``x`` [...]."""
    if native.serves(x, v, plan):
        return native.run(x, v, plan, steps)
    if x.is_cuda:
        from sgcli.neuron import fused

        if fused.serves(x, v):
            return fused.run(x, v, plan, steps)
    return reference(x, v, plan, steps)


def reference(x: Tensor, v: Tensor, plan: Plan, steps: int | None) -> tuple[Tensor, Tensor]:
    """The same by torch's own functions, for every device and dtype."""
    differentiated = torch.is_grad_enabled() and (x.requires_grad or v.requires_grad)
    if differentiated or is_functorch_wrapped_tensor(x) or is_functorch_wrapped_tensor(v):
        spikes, h = apply(Sequence, x, v, plan, steps)
        last = spikes[-1].detach() if plan.detach_reset else spikes[-1]
        target = dynamics.reset_value(plan.v_reset, h)
        return spikes, dynamics.reset(h[-1], last, plan.lowering, target)
    spikes, _, v = _steps(x, v, plan, steps, keep=False)
    return spikes, v


def _steps(
    x: Tensor, v: Tensor, plan: Plan, steps: int | None, keep: bool
) -> tuple[Tensor, Tensor, Tensor]:
    """Spikes, membrane before reset (of all steps if ``keep``) and the state after the last."""
    count = len(x) if steps is None else steps
    spikes = x.new_empty((count, *v.shape))
    h = torch.empty_like(spikes if keep else spikes[:1])
    target = dynamics.reset_value(plan.v_reset, v)
    v, half = v.clone(), v.dtype in HALVES
    for t in range(count):
        h_t = dynamics.charge(plan.linear, x[t] if steps is None else x, v, out=h[t if keep else 0])
        if half:
            # As a step does it: comparing with v_threshold itself would round it first.
            torch.ge(h_t - plan.v_threshold, 0, out=spikes[t])
        else:
            torch.ge(h_t, plan.v_threshold, out=spikes[t])
        dynamics.reset(h_t, spikes[t], plan.lowering, target, out=v)
    return spikes, h, v


class Sequence(Function):
    """(x, v, plan, steps) → spikes and membrane before reset, both [T, …]."""

    @staticmethod
    def forward(x: Tensor, v: Tensor, plan: Plan, steps: int | None) -> tuple[Tensor, Tensor]:
        return _steps(x, v, plan, steps, keep=True)[:2]

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Any, ...], output: tuple[Tensor, Tensor]) -> None:
        _, _, ctx.plan, ctx.steps = inputs
        ctx.save_for_backward(*output)
        ctx.set_materialize_grads(False)

    @staticmethod
    def backward(
        ctx: Any, grad_spikes: Tensor | None, grad_h: Tensor | None
    ) -> tuple[Tensor | None, Tensor | None, None, None]:
        spikes, h = ctx.saved_tensors
        grad_x, grad_v = _backward(ctx.plan, ctx.steps, spikes, h, grad_spikes, grad_h)
        return grad_x, grad_v, None, None

    @staticmethod
    def vmap(
        info: Any, in_dims: tuple[Any, ...], x: Tensor, v: Tensor, plan: Plan, steps: int | None
    ) -> tuple[tuple[Tensor, Tensor], tuple[int, int]]:
        """Neurons do not see each other: the new dimension becomes the last of the layer."""
        x, v = to_last(x, in_dims[0], info.batch_size), to_last(v, in_dims[1], info.batch_size)
        spikes, h = apply(Sequence, x, v, plan, steps)
        return (spikes, h), (spikes.ndim - 1, h.ndim - 1)


def _backward(
    plan: Plan,
    steps: int | None,
    spikes: Tensor,
    h: Tensor,
    grad_spikes: Tensor | None,
    grad_h: Tensor | None,
) -> tuple[Tensor | None, Tensor | None]:
    """Backwards through time, out of place where it may be differentiated again or batched."""
    if grad_spikes is None and grad_h is None:
        return None, None
    keep, gain = plan.linear.keep, plan.linear.gain
    target = dynamics.reset_value(plan.v_reset, h)
    later: Tensor | None = None  # gradient of the membrane H one step later
    parts: list[Tensor] = []
    whole = torch.empty_like(h) if may_write(h, grad_spikes, grad_h) else None
    total: Tensor | None = None
    for t in reversed(range(len(h))):
        to_spike = None if grad_spikes is None else grad_spikes[t]
        if later is not None and not plan.detach_reset:
            if to_spike is None:
                to_spike = torch.zeros_like(later)
            if target is None:
                to_spike = torch.add(to_spike, later, alpha=-plan.lowering * keep)
            elif plan.v_reset == 0:  # an operation less for the usual reset
                to_spike = torch.addcmul(to_spike, later, h[t], value=-keep)
            else:
                to_spike = torch.addcmul(to_spike, later, target - h[t], value=keep)
        to_h = None if grad_h is None else grad_h[t]
        if to_spike is not None:
            distance = h[t] - plan.v_threshold
            by_spike = gradient(plan.shape.definition, to_spike, distance, plan.shape.values)
            to_h = by_spike if to_h is None else to_h + by_spike
        assert to_h is not None
        if later is not None:
            to_h = torch.add(to_h, later, alpha=keep)
            if target is not None:
                s_t = spikes[t].detach() if plan.detach_reset else spikes[t]
                to_h = torch.addcmul(to_h, later, s_t, value=-keep)
        later = to_h
        if steps is not None:
            total = to_h if total is None else total + to_h
        elif whole is None:
            parts.append(gain * to_h)
        else:
            torch.mul(to_h, gain, out=whole[t])
    assert later is not None
    if total is not None:
        return gain * total, keep * later
    return (torch.stack(parts[::-1]) if whole is None else whole), keep * later
