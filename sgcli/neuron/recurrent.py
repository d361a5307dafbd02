"""Neurons that see their own spikes of the step before."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from sgcli.errors import ParameterError
from sgcli.neuron.memory import MemoryModule, check_input


class Recurrent(MemoryModule):
    """``node`` under the input X plus ``weights`` of its spikes of the step before.

    ``weights`` maps [B, n] to [B, n], such as ``nn.Linear(n, n, bias=False)``. Whichever its
    ``step_mode``, the node is run step by step: a spike must be known before the next current.
    """

    def __init__(self, node: MemoryModule, weights: nn.Module, step_mode: str = "s") -> None:
        super().__init__(step_mode)
        if not isinstance(node, MemoryModule):
            raise ParameterError(
                f"node = {type(node).__name__} has no state", "use a neuron such as LIFNode()"
            )
        self.node = node
        self.weights = weights
        self.reset()

    def reset(self) -> None:
        self.node.reset()
        self.spike: Tensor | None = None

    def detach(self) -> None:
        self.node.detach()
        if self.spike is not None:
            self.spike = self.spike.detach()

    def fallback_reason(self) -> str:
        """Why sequences go step by step."""
        return "each step needs the spikes of the one before"

    def single_step_forward(self, x: Tensor) -> Tensor:
        check_input(x)
        if self.spike is None or self.spike.shape != x.shape:
            # Nobody has fired yet; zeros, for weights with a bias.
            self.spike = torch.zeros_like(x, requires_grad=False)
        self.spike = self.node.single_step_forward(x + self.weights(self.spike))
        return self.spike
