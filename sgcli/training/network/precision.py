"""Mixed precision: matrix products in bfloat16, membrane potentials in float32."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn


def autocast(device: str, amp: bool) -> torch.autocast:
    """The context of a forward pass; without ``amp`` it does nothing."""
    return torch.autocast(torch.device(device).type, torch.bfloat16, enabled=amp)


def keep_neurons_exact(network: nn.Module) -> None:
    """Make every layer with weights return float32.

    A membrane potential in bfloat16 would lose inputs below 1/256 of its size.
    """
    for module in network.modules():
        if next(module.parameters(recurse=False), None) is not None:
            module.register_forward_hook(_to_float32)


def _to_float32(module: nn.Module, inputs: Any, output: Any) -> Any:
    if isinstance(output, Tensor) and output.dtype == torch.bfloat16:
        return output.float()
    return output
