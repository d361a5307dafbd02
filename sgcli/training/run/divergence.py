"""Divergence of a training: whether it diverged, and in which layer."""

from __future__ import annotations

import math
from collections.abc import Callable
from contextlib import ExitStack
from typing import Any

import torch
from torch import Tensor, nn

EXPLODED = 1e6  # times the loss of the first batch (at least 1); no training recovers from there


class Diverged(Exception):
    """The loss exploded, or the loss or a weight is not finite; the text says where."""


def check_weights(network: nn.Module, where: str) -> None:
    """Raise :class:`Diverged` if weights are not finite, with the layer that diverged first.

    A membrane potential of NaN fires no spike, so that the loss and the layers above stay finite;
    the layers below get gradients of NaN. So the last of these layers is the one to name.
    """
    wrong = [n for n, p in network.named_parameters() if not bool(torch.isfinite(p).all())]
    if wrong:
        raise Diverged(f"{wrong[-1]} is no longer finite in {where}")


def is_finite(network: nn.Module) -> bool:
    """Whether all weights and running statistics are finite."""
    return all(bool(torch.isfinite(x).all()) for x in network.state_dict().values())


def check_loss(
    loss: float, first: float, network: nn.Module, forward: Callable[[], Any], where: str
) -> None:
    """Raise :class:`Diverged` for a loss that is not finite or exploded, and name the layer.

    ``first`` is the loss of the first batch; ``forward`` runs the network on this batch again.
    """
    if math.isfinite(loss) and loss <= EXPLODED * max(first, 1.0):
        return
    check_weights(network, where)
    raise Diverged(f"the loss is {loss:.4g} in {where}, from {culprit(network, forward)} on")


def culprit(network: nn.Module, forward: Callable[[], Any]) -> str:
    """The first layer whose output is not finite, or else the layer with the largest output."""
    sizes: dict[str, float] = {}

    def hook(name: str) -> Any:
        def measure(module: nn.Module, inputs: Any, output: Any) -> None:
            if isinstance(output, Tensor) and output.numel():
                size = output.detach().double().abs().max().item()
                sizes[name] = max(sizes.get(name, 0.0), math.inf if math.isnan(size) else size)

        return measure

    with ExitStack() as undo, torch.no_grad():
        for name, module in network.named_modules():
            if name and not list(module.children()):
                undo.callback(module.register_forward_hook(hook(name)).remove)
        forward()
    # Hooks miss modules that run by other methods than forward().
    return max(sizes, key=sizes.__getitem__, default="the output")
