"""Where the numbers of a training ended: in which layer, and how."""

from __future__ import annotations

import math
from collections.abc import Callable
from contextlib import ExitStack
from typing import Any

import torch
from torch import Tensor, nn

EXPLODED = 1e6  # times the loss of the first batch (at least 1): no training comes back from there


class Diverged(Exception):
    """The loss or a weight is no longer a number, or far too large; the text says where."""


def check_weights(network: nn.Module, where: str) -> None:
    """Raise :class:`Diverged` at weights that are no numbers, with the layer they began in.

    A membrane that is not a number fires no spike, so that the loss alone would stay finite, and
    layers after it too; those before it get such gradients. So the last layer is named.
    """
    wrong = [n for n, p in network.named_parameters() if not bool(torch.isfinite(p).all())]
    if wrong:
        raise Diverged(f"{wrong[-1]} is no longer finite in {where}")


def is_finite(network: nn.Module) -> bool:
    """Whether all weights and running statistics are numbers."""
    return all(bool(torch.isfinite(x).all()) for x in network.state_dict().values())


def check_loss(
    loss: float, first: float, network: nn.Module, forward: Callable[[], Any], where: str
) -> None:
    """Raise :class:`Diverged` for a loss that is no number or exploded, and name the layer.

    ``first`` is the loss of the first batch; ``forward`` runs the network on this one again.
    """
    if math.isfinite(loss) and loss <= EXPLODED * max(first, 1.0):
        return
    check_weights(network, where)
    raise Diverged(f"the loss is {loss:.4g} in {where}, from {culprit(network, forward)} on")


def culprit(network: nn.Module, forward: Callable[[], Any]) -> str:
    """The first layer whose output is not finite, else the one with the largest output."""
    sizes: dict[str, float] = {}

    def listen(name: str) -> Any:
        def hear(module: nn.Module, inputs: Any, output: Any) -> None:
            if isinstance(output, Tensor) and output.numel():
                size = output.detach().double().abs().max().item()
                sizes[name] = max(sizes.get(name, 0.0), math.inf if math.isnan(size) else size)

        return hear

    with ExitStack() as undo, torch.no_grad():
        for name, module in network.named_modules():
            if name and not list(module.children()):
                undo.callback(module.register_forward_hook(listen(name)).remove)
        forward()
    # Those that are called by other names than forward() cannot be heard; the loss is after them.
    return max(sizes, key=sizes.__getitem__, default="the output")
