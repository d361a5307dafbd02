"""Whole sequences by torch's own functions, for every device, dtype and reset and a trained leak.

The backward pass needs the spikes and the potentials before their reset. Spikes and gradients equal
those of single steps, second derivatives included.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

import torch
from torch import Tensor
from torch._C._functorch import is_functorch_wrapped_tensor
from torch.autograd import Function

from sgcli.native.registration import to_last
from sgcli.neuron.dynamics import Number
from sgcli.neuron.plan import NeuronPlan
from sgcli.neuron.resets import Reset, Step
from sgcli.surrogate import of
from sgcli.surrogate._apply import apply, may_write
from sgcli.surrogate._compute import HALVES, gradient


def run(
    x: Tensor,
    v: Tensor,
    keep: Number,
    plan: NeuronPlan,
    steps: int | None,
    loops: LoopPair | None = None,
) -> tuple[Tensor, Tensor]:
    """Spikes [T, …] and the final state; an input with ``steps`` is constant [...]."""
    loops = loops or PLAIN
    if _differentiated(x, v, keep):
        spikes, h = apply(Trajectory, x, v, keep, plan, steps, loops)
    else:
        spikes, h = loops.forward_loop(x, v, keep, plan, steps, False)
    # A state that is a view of h would keep all of h in memory.
    last = h[-1].clone() if plan.reset.late else h[-1]
    return spikes, state(last, spikes[-1], plan)


def run_with_states(
    x: Tensor, v: Tensor, keep: Number, plan: NeuronPlan, steps: int | None
) -> tuple[Tensor, Tensor]:
    """Spikes and the states after every step, both [T, …]."""
    spikes, h = apply(Trajectory, x, v, keep, plan, steps, PLAIN)
    return spikes, state(h[1:], spikes, plan)


def state(h: Tensor, spikes: Tensor, plan: NeuronPlan) -> Tensor:
    """The states after steps with the potentials ``h`` and ``spikes``."""
    return h if plan.reset.late else plan.reset.after(h, plan.reset_spikes(spikes))


def _differentiated(*inputs: Number) -> bool:
    """Whether autograd or a transform of torch.func may need the intermediate potentials."""
    tensors = [t for t in inputs if isinstance(t, Tensor)]
    recorded = torch.is_grad_enabled() and any(t.requires_grad for t in tensors)
    return recorded or any(map(is_functorch_wrapped_tensor, tensors))


class Trajectory(Function):
    """(x, v, keep, plan, steps, loops) → spikes [T, …] and the potentials [T + 1, …].

    The first potential is ``v``; the others are those before a reset.
    """

    @staticmethod
    def forward(
        x: Tensor, v: Tensor, keep: Number, plan: NeuronPlan, steps: int | None, loops: LoopPair
    ) -> tuple[Tensor, Tensor]:
        return loops.forward_loop(x, v, keep, plan, steps, True)

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Any, ...], output: tuple[Tensor, Tensor]) -> None:
        x, _, keep, ctx.plan, ctx.steps, ctx.loops = inputs
        reads = ctx.plan.reset.reads_current and not ctx.plan.detach_reset
        tensors = (keep if isinstance(keep, Tensor) else None, x if reads else None)
        ctx.save_for_backward(*output, *tensors)
        ctx.number = None if isinstance(keep, Tensor) else keep
        ctx.set_materialize_grads(False)

    @staticmethod
    def backward(
        ctx: Any, grad_spikes: Tensor | None, grad_h: Tensor | None
    ) -> tuple[Tensor | None, ...]:
        grads: tuple[Tensor | None, ...] = (None, None, None)
        if grad_spikes is not None or grad_h is not None:
            spikes, h, keep, x = ctx.saved_tensors
            keep, trained = ctx.number if keep is None else keep, ctx.needs_input_grad[2]
            saved = Saved(keep, ctx.plan, ctx.steps, spikes, h, x)
            grads = ctx.loops.backward_loop(saved, grad_spikes, grad_h, trained)
        return *grads, None, None, None

    @staticmethod
    def vmap(
        info: Any, in_dims: tuple[Any, ...], x: Tensor, v: Tensor, keep: Number, *settings: Any
    ) -> tuple[tuple[Tensor, Tensor], tuple[int, int]]:
        """The mapped dimension becomes the last one: it adds independent neurons to the layer."""
        x, v = to_last(x, in_dims[0], info.batch_size), to_last(v, in_dims[1], info.batch_size)
        if isinstance(keep, Tensor) and (in_dims[2] is not None or keep.ndim):
            keep = to_last(keep, in_dims[2], info.batch_size)
        spikes, h = apply(Trajectory, x, v, keep, *settings)
        return (spikes, h), (spikes.ndim - 1, h.ndim - 1)


@dataclass(frozen=True)
class Saved:
    """The values of a sequence that the backward pass needs."""

    keep: Number
    plan: NeuronPlan
    steps: int | None
    spikes: Tensor
    h: Tensor
    x: Tensor | None  # the input, if the reset reads it


class Buffers(NamedTuple):
    """The buffers of a step in the backward pass; None allocates new tensors."""

    later: Tensor | None = None
    to_x: Tensor | None = None
    through_leak: Tensor | None = None
    to_s: Tensor | None = None
    distance: Tensor | None = None


def forward_loop(
    x: Tensor, v: Tensor, keep: Number, plan: NeuronPlan, steps: int | None, whole: bool = True
) -> tuple[Tensor, Tensor]:
    """Spikes and potentials; unless ``whole``, only the last potential."""
    count = len(x) if steps is None else steps
    rows = count + 1 if whole else 2
    h, spikes = v.new_empty((rows, *v.shape)), v.new_empty((count, *v.shape))
    h[0] = v
    buffers = torch.empty_like(v)
    rule, fired = _first_reset(plan), _fires(v, plan) if plan.reset.late else v
    constant = None if steps is None else plan.current(x)
    potentials, inputs = h.unbind(), x.unbind() if constant is None else ()
    for t, output in enumerate(spikes.unbind()):
        current = plan.current(inputs[t], buffers) if constant is None else constant
        previous, after = potentials[t % rows], potentials[(t + 1) % rows]
        if plan.fires_first:
            output.copy_(fired)
        rule.follow(current, keep, previous, fired, out=after)
        fired = _fires(after, plan, None if plan.fires_first else output)
        rule = plan.reset
    return spikes, h if whole else h[count % rows][None]


def _first_reset(plan: NeuronPlan) -> Reset:
    """The reset of the first step: none if the initial state is a potential after its reset."""
    return plan.reset if plan.reset.late else Reset()


def _fires(h: Tensor, plan: NeuronPlan, out: Tensor | None = None) -> Tensor:
    out = torch.empty_like(h) if out is None else out
    if h.dtype in HALVES:
        # As in single steps; a comparison with fires_at would round it to the dtype first.
        return torch.ge(h - plan.fires_at, 0, out=out)
    return torch.ge(h, plan.fires_at, out=out)


def backward_loop(
    saved: Saved, grad_spikes: Tensor | None, grad_h: Tensor | None, trained: bool
) -> tuple[Tensor, Tensor, Tensor | None]:
    """The gradients of x, of the initial v and of ``keep``, by backpropagation through time.

    It works out of place if the gradients are batched or may be differentiated again.
    """
    keep, plan, spikes, h, x = saved.keep, saved.plan, saved.spikes, saved.h, saved.x
    count, constant = len(spikes), saved.steps is not None
    later: Tensor | None = None  # the gradient of the next potential
    total: Tensor | None = None  # the gradient of a constant x
    parts: list[Tensor] = []
    writes = may_write(h, grad_spikes, grad_h)
    places = torch.empty_like(spikes) if writes and not constant else None
    # A few reused buffers stay in the cache. A leak of another dtype would need others.
    fixed = writes and not (isinstance(keep, Tensor) and keep.dtype != h.dtype)
    buffers = Buffers(*[torch.empty_like(h[0]) for _ in Buffers._fields]) if fixed else Buffers()
    potentials, reset_spikes = h.unbind(), plan.reset_spikes(spikes).unbind()
    to_keep: Number = 0.0
    for t in reversed(range(count + 1)):
        h_t = potentials[t]
        step = t if plan.fires_first else t - 1  # the step that returns the spikes of h_t
        to_v = None if grad_h is None else grad_h[t]
        to_s = grad_spikes[step] if grad_spikes is not None and 0 <= step < count else None
        if later is not None:
            rule = plan.reset if t else _first_reset(plan)
            if step >= 0:
                s = reset_spikes[step]
            else:
                s = plan.reset_spikes(spikes_of(h_t, plan)) if plan.reset.late else h_t
            to_x = rule.to_current(later, s, buffers.to_x)
            through_leak = torch.mul(to_x, keep, out=buffers.through_leak)
            if not plan.detach_reset:
                current = None if x is None else plan.current(x if constant else x[t])
                to_s = rule.to_spike(
                    to_s, Step(later, through_leak, current, keep, h_t), buffers.to_s
                )
            if trained and isinstance(keep, Tensor):
                to_keep = to_keep + (to_x * rule.after(h_t, s)).sum_to_size(keep.shape).to(keep)
            if constant:
                total = to_x.clone() if total is None else total + to_x
            elif places is None:
                parts.append(plan.gain * to_x)
            else:
                torch.mul(to_x, plan.gain, out=places[t])
            through_leak = rule.to_potential(through_leak, s, buffers.through_leak)
            to_v = (
                through_leak
                if to_v is None
                else torch.add(to_v, through_leak, out=buffers.through_leak)
            )
        if to_s is not None:
            distance = torch.sub(h_t, plan.fires_at, out=buffers.distance)
            shape = plan.shape
            by_s = gradient(shape.definition, to_s, distance, shape.values, out=buffers.later)
            later = by_s if to_v is None else torch.add(by_s, to_v, out=buffers.later)
        else:
            later = torch.zeros_like(h_t) if to_v is None else to_v.clone()
    assert later is not None
    if total is not None:
        grad_x = plan.gain * total
    else:
        grad_x = torch.stack(parts[::-1]) if places is None else places
    return grad_x, later, to_keep if isinstance(to_keep, Tensor) else None


@dataclass(frozen=True)
class LoopPair:
    """The forward and backward loops over the steps, plain or compiled."""

    forward_loop: Callable[..., tuple[Tensor, Tensor]]
    backward_loop: Callable[..., tuple[Tensor, Tensor, Tensor | None]]


PLAIN = LoopPair(forward_loop, backward_loop)


def spikes_of(h: Tensor, plan: NeuronPlan) -> Tensor:
    """The spikes of potentials, differentiable by autograd."""
    shape = plan.shape
    spikes: Tensor = of(shape.definition).spiking_function(h - plan.fires_at, *shape.values)
    return spikes
