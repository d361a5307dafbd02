"""Resets that come one step after their spike, by the kernels of those that come with it.

keep · v − by · s is keep · (v − by/keep · s): a spike that takes more at once leaves the same.
"""

from __future__ import annotations

import torch
from torch import Tensor

from sgcli.neuron import dynamics, native, resets
from sgcli.neuron.dynamics import Linear
from sgcli.neuron.plan import Plan
from sgcli.neuron.trajectory import Course
from sgcli.surrogate import of


def run(
    x: Tensor, v: Tensor, linear: Linear, course: Course, steps: int | None
) -> tuple[Tensor, Tensor] | None:
    """Spikes [T, …] and the potential after them, before its reset; None without such a kernel.

    ``v`` is a potential before its reset too, ``steps`` means a constant input ``x`` [...].
    """
    taken = resets.taken_at_once(course.reset, linear.keep)
    if taken is None:
        return None
    plan = Plan(linear, course.fires_at, None, course.detach_reset, course.shape, taken)
    if not native.serves(x, v, plan):
        return None
    if course.fires_first:
        return _shown(x if steps is None else x.expand(steps, *x.shape), v, plan)
    spikes, after = native.run(x, _reset(v, _fire(v, plan), plan), plan, steps)
    return spikes, _reset(after, spikes[-1], plan, -1)


def _shown(x: Tensor, v: Tensor, plan: Plan) -> tuple[Tensor, Tensor]:
    """The same where a step gives the spikes of the potential that it begins with."""
    currents = dynamics.current(plan.linear, x)
    # The first of these leads from nothing to the potential at the start.
    before = torch.cat([v[None], currents[:-1]])
    free = Linear(plan.linear.keep)
    plan = Plan(free, plan.v_threshold, None, plan.detach_reset, plan.shape, plan.taken)
    spikes, after = native.run(before, torch.zeros_like(v), plan, None)
    return spikes, dynamics.leak(free.keep, currents[-1], after)


def _fire(v: Tensor, plan: Plan) -> Tensor:
    shape = plan.shape
    return of(shape.definition).spiking_function(v - plan.v_threshold, *shape.values)


def _reset(v: Tensor, spikes: Tensor, plan: Plan, sign: int = 1) -> Tensor:
    s = spikes.detach() if plan.detach_reset else spikes
    return torch.sub(v, s, alpha=sign * plan.lowering)
