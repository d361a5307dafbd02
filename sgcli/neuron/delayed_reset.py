"""Resets that come one step after their spike, by the kernels of those that come with it.

keep · v − by · s is keep · (v − by/keep · s): a spike that takes more at once leaves the same.
"""

from __future__ import annotations

from dataclasses import replace

import torch
from torch import Tensor

from sgcli.neuron import dynamics, native
from sgcli.neuron.plan import Plan
from sgcli.neuron.resets import Soft, taken_at_once
from sgcli.neuron.trajectory import spikes_of


def run(
    x: Tensor, v: Tensor, keep: float, plan: Plan, steps: int | None
) -> tuple[Tensor, Tensor] | None:
    """Spikes [T, …] and the potential after them, before its reset; None without such a kernel.

    ``v`` is a potential before its reset too, ``steps`` means a constant input ``x`` [...].
    """
    taken = taken_at_once(plan.reset, keep)
    if taken is None:
        return None
    at_once = replace(plan, reset=Soft(taken, late=False), fires_first=False)
    if not native.serves(x, v, at_once):
        return None
    if plan.fires_first:
        return _shown(x if steps is None else x.expand(steps, *x.shape), v, keep, at_once)
    spikes, after = native.run(x, _lower(v, spikes_of(v, plan), at_once), keep, at_once, steps)
    return spikes, _lower(after, -spikes[-1], at_once)


def _shown(x: Tensor, v: Tensor, keep: float, plan: Plan) -> tuple[Tensor, Tensor]:
    """The same where a step gives the spikes of the potential that it begins with."""
    currents = plan.current(x)
    # The first of these leads from nothing to the potential at the start.
    before = torch.cat([v[None], currents[:-1]])
    free = replace(plan, gain=1.0, drive=0.0)
    spikes, after = native.run(before, torch.zeros_like(v), keep, free, None)
    return spikes, dynamics.leak(keep, currents[-1], after)


def _lower(v: Tensor, spikes: Tensor, plan: Plan) -> Tensor:
    return plan.reset.after(v, plan.resetting(spikes))
