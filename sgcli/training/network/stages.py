"""The modules of a network's stages, applied to all steps of a sequence at once."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import torch
from torch import Tensor, nn

from sgcli.errors import SgError
from sgcli.neuron.layers import AvgPool2d, BatchNorm2d, Dropout, MaxPool2d
from sgcli.training.network_spec import Stage

Shape = tuple[int, ...]  # of a sample: (neurons,) or (channels, rows, columns)


def through(module: nn.Module, x: Tensor, constant: bool) -> Tensor:
    """What layers make of a batch [B, …] that is the same in all steps, or of [T, B, …].

    Each step is normalised by its own statistics, as in the networks of Fang and others.
    """
    for layer in module if isinstance(module, nn.Sequential) else [module]:
        if isinstance(layer, nn.Linear):
            x = x.flatten(1 if constant else 2)
        apart = isinstance(layer, BatchNorm2d) and not constant
        setattr(layer, "step_mode", "s" if constant or apart else "m")  # noqa: B010 (of a Module)
        x = torch.stack([layer(step) for step in x]) if apart else layer(x)
    return x


def after_weights(stage: Stage, shape: Shape) -> Shape:
    """The shape of a sample behind a layer's weights."""
    if stage.kind == "full":
        return (stage.size,)
    sides = tuple(n + 2 * stage.padding - stage.kernel + 1 for n in shape[1:])
    return _checked((stage.size, *sides), stage)


def modules(stages: Iterable[Stage], shape: Shape, generators: dict[str, Any]) -> Any:
    """What a sample of a shape goes through, as one module, and the shape it has then."""
    made: list[nn.Module] = []
    for stage in stages:
        if stage.kind == "bn":
            made.append(BatchNorm2d(shape[0]))
        elif stage.kind == "dp":
            made.append(Dropout(generator=generators["dropout"]))
        else:
            made.append((MaxPool2d if stage.kind == "mp" else AvgPool2d)(stage.size))
            shape = _checked((shape[0], *(n // stage.size for n in shape[1:])), stage)
    return nn.Sequential(*made), shape


def _checked(shape: Shape, stage: Stage) -> Shape:
    if min(shape) < 1:
        size = stage.kernel or stage.size
        raise SgError(
            f"nothing is left of the image behind {stage.kind.upper()} of {size} × {size}",
            "fewer or smaller convolutions and poolings",
        )
    return shape
