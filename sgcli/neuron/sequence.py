"""How a linear neuron runs through a whole sequence: by kernels, compiled loops or torch."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from sgcli.definitions.core import Definition, Shape
from sgcli.neuron import delayed_reset, fused, native, trajectory
from sgcli.neuron.dynamics import Number
from sgcli.neuron.plan import Plan
from sgcli.surrogate import Surrogate, of


def fallback_reason(surrogate_function: Any) -> str:
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


def run(x: Tensor, v: Tensor, keep: Number, plan: Plan, steps: int | None) -> tuple[Tensor, Tensor]:
    """Spikes [T, …] and the state after them; ``steps`` means a constant input ``x`` [...]."""
    if not isinstance(keep, Tensor):
        if native.serves(x, v, plan):
            return native.run(x, v, keep, plan, steps)
        result = delayed_reset.run(x, v, keep, plan, steps)
        if result is not None:
            return result
    if fused.serves(x, v, plan):
        return fused.run(x, v, keep, plan, steps)
    return trajectory.run(x, v, keep, plan, steps)
