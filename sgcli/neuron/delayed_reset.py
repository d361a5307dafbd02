"""Sequences with resets one step after the spike, by the kernels of immediate resets.

A delayed reset that subtracts ``by`` equals an immediate one that subtracts ``by``/keep, because
keep · v − by · s = keep · (v − by/keep · s).
"""

from __future__ import annotations

from dataclasses import replace

import torch
from torch import Tensor

from sgcli.neuron import dynamics, native
from sgcli.neuron.plan import NeuronPlan
from sgcli.neuron.resets import Soft, equivalent_subtraction
from sgcli.neuron.trajectory import spikes_of


def run(
    x: Tensor, v: Tensor, keep: float, plan: NeuronPlan, steps: int | None
) -> tuple[Tensor, Tensor] | None:
    """Spikes [T, …] and the final potential before its reset; None if no kernel applies.

    ``v`` is the initial potential, also before its reset. An input with ``steps`` is constant
    [...].
    """
    amount = equivalent_subtraction(plan.reset, keep)
    if amount is None:
        return None
    immediate = replace(plan, reset=Soft(amount, late=False), fires_first=False)
    if not native.serves(x, v, immediate):
        return None
    if plan.fires_first:
        return _run_firing_first(
            x if steps is None else x.expand(steps, *x.shape), v, keep, immediate
        )
    spikes, after = native.run(x, _lower(v, spikes_of(v, plan), immediate), keep, immediate, steps)
    return spikes, _lower(after, -spikes[-1], immediate)


def _run_firing_first(x: Tensor, v: Tensor, keep: float, plan: NeuronPlan) -> tuple[Tensor, Tensor]:
    """As :func:`run`, for steps that return the spikes of their initial potential."""
    currents = plan.current(x)
    # The first of these charges an empty membrane to the initial potential.
    shifted = torch.cat([v[None], currents[:-1]])
    free = replace(plan, gain=1.0, drive=0.0)
    spikes, after = native.run(shifted, torch.zeros_like(v), keep, free, None)
    return spikes, dynamics.leak(keep, currents[-1], after)


def _lower(v: Tensor, spikes: Tensor, plan: NeuronPlan) -> Tensor:
    return plan.reset.after(v, plan.reset_spikes(spikes))
