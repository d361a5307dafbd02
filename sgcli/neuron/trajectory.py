"""Whole sequences of a linear neuron with any reset and a leak that may be trained.

The gradient of such a neuron is a linear filter that runs backwards in time: what a potential
receives is its own share plus ∂(next potential)/∂(potential) times what the next one receives. All
those factors are worked out at once; only the filter itself goes step by step.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor
from torch.autograd import Function

from sgcli.definitions.core import Shape
from sgcli.neuron.dynamics import Number
from sgcli.neuron.resets import Reset
from sgcli.neuron.sequence import _last as last
from sgcli.surrogate import of
from sgcli.surrogate._compute import HALVES, gradient


@dataclass(frozen=True)
class Course:
    """What is the same at every step.

    ``fires_at`` is the lowest potential that spikes; with ``fires_first`` a step gives the spikes
    of the potential that it begins with.
    """

    reset: Reset
    fires_at: float
    detach_reset: bool
    shape: Shape
    fires_first: bool = False


def run(
    x: Tensor, v: Tensor, keep: Number, course: Course, steps: int | None
) -> tuple[Tensor, Tensor]:
    """Spikes [T, …], and the potentials [T + 1, …] before their reset from ``v`` on.

    ``x`` are currents [T, …], or one [...] for all of ``steps``.
    """
    spikes, h = Trajectory.apply(x, v, keep, course, steps)  # type: ignore[no-untyped-call]
    return spikes, h


class Trajectory(Function):
    """(x, v, keep, course, steps) → spikes [T, …] and potentials [T + 1, …]."""

    @staticmethod
    def forward(
        x: Tensor, v: Tensor, keep: Number, course: Course, steps: int | None
    ) -> tuple[Tensor, Tensor]:
        count = len(x) if steps is None else steps
        h = v.new_empty((count + 1, *v.shape))
        spikes = v.new_empty((count, *v.shape))
        h[0] = v
        fired = _fires(v, course) if course.reset.late else torch.zeros_like(v)
        for t in range(count):
            x_t = x[t] if steps is None else x
            if course.fires_first:
                spikes[t] = fired
            course.reset.follow(x_t, keep, h[t], fired, out=h[t + 1])
            fired = _fires(h[t + 1], course, None if course.fires_first else spikes[t])
        return spikes, h

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Any, ...], output: tuple[Tensor, Tensor]) -> None:
        x, _, keep, ctx.course, ctx.steps = inputs
        ctx.keep = None if isinstance(keep, Tensor) else keep
        reads = ctx.course.reset.reads_current and not ctx.course.detach_reset
        ctx.save_for_backward(
            output[1], keep if isinstance(keep, Tensor) else None, x if reads else None
        )
        ctx.set_materialize_grads(False)

    @staticmethod
    def backward(
        ctx: Any, grad_spikes: Tensor | None, grad_h: Tensor | None
    ) -> tuple[Tensor | None, Tensor | None, Tensor | None, None, None]:
        h, keep, x = ctx.saved_tensors
        if grad_spikes is None and grad_h is None:
            return None, None, None, None, None
        course: Course = ctx.course
        keep = ctx.keep if keep is None else keep
        spikes = _spikes_before(h, course)
        received = _filter(
            _own(h, course, grad_spikes, grad_h), _factors(h, spikes, x, keep, course)
        )
        grad_x = grad_keep = None
        if ctx.needs_input_grad[0]:
            passed = course.reset.passed(spikes)
            grad_x = received[1:] if passed is None else received[1:] * passed
            grad_x = grad_x if ctx.steps is None else grad_x.sum(0)
        if ctx.needs_input_grad[2]:
            kept = course.reset.kept(h[:-1], spikes)
            grad_keep = (received[1:] * kept).sum_to_size(keep.shape).to(keep.dtype)
        return grad_x, received[0], grad_keep, None, None

    @staticmethod
    def vmap(
        info: Any,
        in_dims: tuple[Any, ...],
        x: Tensor,
        v: Tensor,
        keep: Number,
        course: Course,
        steps: int | None,
    ) -> tuple[tuple[Tensor, Tensor], tuple[int, int]]:
        """Neurons do not see each other: the new dimension becomes the last of the layer."""
        x, v = last(x, in_dims[0], info.batch_size), last(v, in_dims[1], info.batch_size)
        if isinstance(keep, Tensor) and (in_dims[2] is not None or keep.ndim):
            keep = last(keep, in_dims[2], info.batch_size)
        spikes, h = run(x, v, keep, course, steps)
        return (spikes, h), (spikes.ndim - 1, h.ndim - 1)


def _fires(h: Tensor, course: Course, out: Tensor | None = None) -> Tensor:
    out = torch.empty_like(h) if out is None else out
    if h.dtype in HALVES:
        # As a step does it: comparing with fires_at itself would round it first.
        return torch.ge(h - course.fires_at, 0, out=out)
    return torch.ge(h, course.fires_at, out=out)


def _spikes_before(h: Tensor, course: Course) -> Tensor:
    """The spikes [T, …] that each step resets by; a state after its reset has none."""
    distance = h[:-1] - course.fires_at
    if torch.is_grad_enabled() and not course.detach_reset:
        shape = course.shape
        spikes: Tensor = of(shape.definition)(*shape.values)(distance)
    else:
        spikes = (distance >= 0).to(h.dtype)
    return spikes if course.reset.late else torch.cat([torch.zeros_like(spikes[:1]), spikes[1:]])


def _own(h: Tensor, course: Course, grad_spikes: Tensor | None, grad_h: Tensor | None) -> Tensor:
    """What each potential [T + 1, …] receives but for the next one."""
    if grad_spikes is None:
        assert grad_h is not None
        return grad_h
    shown = h[:-1] if course.fires_first else h[1:]
    own = _through(grad_spikes, shown, course)
    none = torch.zeros_like(own[:1])
    own = torch.cat([own, none] if course.fires_first else [none, own])
    return own if grad_h is None else own + grad_h


def _factors(h: Tensor, spikes: Tensor, x: Tensor | None, keep: Number, course: Course) -> Number:
    """∂(next potential)/∂(potential), [T, …] or the same at each step."""
    reset, before = course.reset, h[:-1]
    by_potential = reset.by_potential(keep, spikes)
    if course.detach_reset:
        return by_potential
    by_spike = reset.by_spike(before if x is None else x, keep, before)
    if by_spike is None:
        return by_potential
    through = _through(by_spike, before, course)
    if not reset.late:
        through = torch.cat([torch.zeros_like(through[:1]), through[1:]])
    return by_potential + through


def _through(grad: Tensor, h: Tensor, course: Course) -> Tensor:
    shape = course.shape
    return gradient(shape.definition, grad, h - course.fires_at, shape.values)


def _filter(own: Tensor, factors: Number) -> Tensor:
    """received[t] = own[t] + factors[t] · received[t + 1]; out of place if it is differentiated."""
    same = not isinstance(factors, Tensor) or factors.ndim < own.ndim
    later = own[-1]
    if torch.is_grad_enabled():
        found = [later]
        for t in reversed(range(len(own) - 1)):
            later = own[t] + (factors if same else factors[t]) * later  # type: ignore[index]
            found.append(later)
        return torch.stack(found[::-1])
    received = torch.empty_like(own)
    received[-1] = later
    for t in reversed(range(len(own) - 1)):
        factor: Any = factors if same else factors[t]  # type: ignore[index]
        if isinstance(factor, Tensor):
            torch.addcmul(own[t], received[t + 1], factor, out=received[t])
        else:
            torch.add(own[t], received[t + 1], alpha=factor, out=received[t])
    return received
