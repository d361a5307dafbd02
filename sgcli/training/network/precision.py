"""Matrix products in bfloat16, everything that a neuron adds up in float32."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn


def autocast(device: str, amp: bool) -> torch.autocast:
    """What forward passes run under; without ``amp`` it does nothing."""
    return torch.autocast(torch.device(device).type, torch.bfloat16, enabled=amp)


def keep_neurons_exact(network: nn.Module) -> None:
    """Have every layer that holds weights give float32.

    A membrane in bfloat16 would lose each input below 1/256 of it.
    """
    for module in network.modules():
        if next(module.parameters(recurse=False), None) is not None:
            module.register_forward_hook(_widened)


def _widened(module: nn.Module, inputs: Any, output: Any) -> Any:
    if isinstance(output, Tensor) and output.dtype == torch.bfloat16:
        return output.float()
    return output
