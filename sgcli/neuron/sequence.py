"""Whole sequences of linear neurons: by kernels, compiled loops or torch."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from sgcli.definitions.core import Definition, Shape
from sgcli.neuron import delayed_reset, fused, native, trajectory
from sgcli.neuron.dynamics import Number
from sgcli.neuron.plan import NeuronPlan
from sgcli.surrogate import Surrogate, of


def fallback_reason(surrogate_function: Any) -> str:
    """Why sequences run step by step with this surrogate; "" if they run as a whole."""
    if not isinstance(surrogate_function, Surrogate):
        return "its surrogate is not one of sgcli's"
    definition = surrogate_function.definition
    if type(surrogate_function) is not of(definition):
        return "its surrogate is a subclass, which may override methods"
    if definition.random_gradient:
        return f"{definition.name} draws its gradient in every step"
    if definition.stochastic or definition.forward is not Definition.forward:
        return f"{definition.name} has a forward pass of its own"
    if not surrogate_function.spiking:
        return "autograd differentiates spiking=False"
    if not all(isinstance(p, (int, float)) for p in surrogate_function._sg_params.values()):
        return "its shape parameters are tensors or trainable"
    if surrogate_function._forward_hooks or surrogate_function._forward_pre_hooks:
        return "its surrogate has hooks, which run in every step"
    if torch.compiler.is_compiling():
        return "torch.compile fuses the steps"
    return ""


def shape_of(surrogate_function: Surrogate) -> Shape:
    """The shape with the current parameters of a surrogate module."""
    return Shape(surrogate_function.definition, tuple(surrogate_function._sg_params.values()))


def run(
    x: Tensor, v: Tensor, keep: Number, plan: NeuronPlan, steps: int | None
) -> tuple[Tensor, Tensor]:
    """Spikes [T, …] and the final state; an input with ``steps`` is constant [...]."""
    if not isinstance(keep, Tensor):
        if native.serves(x, v, plan):
            return native.run(x, v, keep, plan, steps)
        outputs = delayed_reset.run(x, v, keep, plan, steps)
        if outputs is not None:
            return outputs
    if fused.serves(x, v, plan):
        return fused.run(x, v, keep, plan, steps)
    return trajectory.run(x, v, keep, plan, steps)
