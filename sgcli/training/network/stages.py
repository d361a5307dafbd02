"""Modules for the stages of a network, and how they apply to whole sequences."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import torch
from torch import Tensor, nn

from sgcli.errors import SgError
from sgcli.neuron.layers import AvgPool2d, BatchNorm2d, Dropout, MaxPool2d
from sgcli.training.network_spec import Stage

SampleShape = tuple[int, ...]  # (neurons,) or (channels, rows, columns)


def through(module: nn.Module, x: Tensor, constant: bool) -> Tensor:
    """Apply layers to a constant batch [B, …] or to a sequence [T, B, …].

    Batch norm takes the statistics of each step, as in the networks of Fang and others.
    """
    for layer in module if isinstance(module, nn.Sequential) else [module]:
        if isinstance(layer, nn.Linear):
            x = x.flatten(1 if constant else 2)
        by_step = isinstance(layer, BatchNorm2d) and not constant
        setattr(layer, "step_mode", "s" if constant or by_step else "m")  # noqa: B010 (of a Module)
        x = torch.stack([layer(step) for step in x]) if by_step else layer(x)
    return x


def after_weights(stage: Stage, shape: SampleShape) -> SampleShape:
    """The shape of a sample behind the weights of a layer."""
    if stage.kind == "full":
        return (stage.size,)
    sides = tuple(n + 2 * stage.padding - stage.kernel + 1 for n in shape[1:])
    return _checked((stage.size, *sides), stage)


def modules(stages: Iterable[Stage], shape: SampleShape, generators: dict[str, Any]) -> Any:
    """One module of these stages, and the shape that a sample has behind it."""
    layers: list[nn.Module] = []
    for stage in stages:
        if stage.kind == "bn":
            layers.append(BatchNorm2d(shape[0]))
        elif stage.kind == "dp":
            layers.append(Dropout(generator=generators["dropout"]))
        else:
            layers.append((MaxPool2d if stage.kind == "mp" else AvgPool2d)(stage.size))
            shape = _checked((shape[0], *(n // stage.size for n in shape[1:])), stage)
    return nn.Sequential(*layers), shape


def _checked(shape: SampleShape, stage: Stage) -> SampleShape:
    if min(shape) < 1:
        size = stage.kernel or stage.size
        raise SgError(
            f"nothing is left of the image behind {stage.kind.upper()} of {size} × {size}",
            "use fewer or smaller convolutions and poolings",
        )
    return shape
