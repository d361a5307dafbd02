"""Whole sequences of a linear neuron with any reset and a leak that may be trained.

Kept are the potentials before their reset and the spikes. Forward and gradient are those of the
steps one by one; second derivatives work too.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor
from torch.autograd import Function

from sgcli.definitions.core import Shape
from sgcli.native.registration import to_last
from sgcli.neuron.dynamics import Number
from sgcli.neuron.resets import Reset
from sgcli.surrogate import of
from sgcli.surrogate._apply import apply, may_write
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
    spikes, h = apply(Trajectory, x, v, keep, course, steps)
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
        x, _, keep, course, steps = inputs
        reads = course.reset.reads_current and not course.detach_reset
        tensors = (keep if isinstance(keep, Tensor) else None, x if reads else None)
        ctx.save_for_backward(*output, *tensors)
        ctx.number = None if isinstance(keep, Tensor) else keep
        ctx.course, ctx.steps = course, steps
        ctx.set_materialize_grads(False)

    @staticmethod
    def backward(
        ctx: Any, grad_spikes: Tensor | None, grad_h: Tensor | None
    ) -> tuple[Tensor | None, Tensor | None, Tensor | None, None, None]:
        spikes, h, keep, x = ctx.saved_tensors
        if grad_spikes is None and grad_h is None:
            return None, None, None, None, None
        passed = Passed(ctx.course, ctx.number if keep is None else keep, spikes, h, x, ctx.steps)
        return *passed.back(grad_spikes, grad_h, ctx.needs_input_grad[2]), None, None

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
        x, v = to_last(x, in_dims[0], info.batch_size), to_last(v, in_dims[1], info.batch_size)
        if isinstance(keep, Tensor) and (in_dims[2] is not None or keep.ndim):
            keep = to_last(keep, in_dims[2], info.batch_size)
        spikes, h = run(x, v, keep, course, steps)
        return (spikes, h), (spikes.ndim - 1, h.ndim - 1)


def _fires(h: Tensor, course: Course, out: Tensor | None = None) -> Tensor:
    out = torch.empty_like(h) if out is None else out
    if h.dtype in HALVES:
        # As a step does it: comparing with fires_at itself would round it first.
        return torch.ge(h - course.fires_at, 0, out=out)
    return torch.ge(h, course.fires_at, out=out)


@dataclass(frozen=True)
class Passed:
    """A sequence that has been run."""

    course: Course
    keep: Number
    spikes: Tensor
    h: Tensor
    x: Tensor | None  # where the reset reads it
    steps: int | None

    def back(
        self, grad_spikes: Tensor | None, grad_h: Tensor | None, trained: bool
    ) -> tuple[Tensor, Tensor, Tensor | None]:
        """The gradients of x, of the first v and of ``keep``, backwards through time.

        Out of place where it may be differentiated again or batched.
        """
        reset, keep, h = self.course.reset, self.keep, self.h
        count = len(h) - 1
        later: Tensor | None = None  # what the next potential receives
        parts: list[Tensor] = []
        whole = torch.empty_like(h[1:]) if may_write(h, grad_spikes, grad_h) else None
        to_keep: Number = 0.0
        for t in reversed(range(count + 1)):
            to_v, s = None if grad_h is None else grad_h[t], self._spikes_of(t)
            shown = t if self.course.fires_first else t - 1
            to_s = grad_spikes[shown] if grad_spikes is not None and 0 <= shown < count else None
            if later is not None:
                to_x, kept = reset.pull(later, keep, s)
                to_v = _sum(to_v, kept)
                if not (self.course.detach_reset or (t == 0 and not reset.late)):
                    to_s = _sum(to_s, reset.pull_spike(later, self._current(t), keep, h[t]))
                if trained and isinstance(keep, Tensor):
                    to_keep = to_keep + (to_x * reset.kept(h[t], s)).sum_to_size(keep.shape)
                if whole is None:
                    parts.append(to_x)
                else:
                    whole[t] = to_x
            if to_s is not None:
                to_v = _sum(_through(to_s, h[t], self.course), to_v)
            later = torch.zeros_like(h[t]) if to_v is None else to_v
        assert later is not None
        grad_x = torch.stack(parts[::-1]) if whole is None else whole
        grad_keep = to_keep.to(keep) if isinstance(to_keep, Tensor) else None  # type: ignore[arg-type]
        return (grad_x if self.steps is None else grad_x.sum(0)), later, grad_keep

    def _spikes_of(self, t: int) -> Tensor:
        """The spikes of the potential h[t], by which the next step resets."""
        shown = t if self.course.fires_first else t - 1
        if 0 <= shown < len(self.spikes):
            s = self.spikes[shown]
        elif self.course.reset.late:
            shape = self.course.shape
            function = of(shape.definition).spiking_function
            s = function(self.h[t] - self.course.fires_at, *shape.values)
        else:
            s = torch.zeros_like(self.h[t])  # a state after its reset
        return s.detach() if self.course.detach_reset else s

    def _current(self, t: int) -> Tensor:
        if self.x is None:
            return self.h[t]  # not read
        return self.x[t] if self.steps is None else self.x


def _sum(one: Tensor | None, other: Tensor | None) -> Tensor | None:
    if one is None or other is None:
        return other if one is None else one
    return one + other


def _through(grad: Tensor, h: Tensor, course: Course) -> Tensor:
    shape = course.shape
    return gradient(shape.definition, grad, h - course.fires_at, shape.values)
