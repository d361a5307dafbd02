"""Recurrent layers: neurons that receive their own spikes of the previous step."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from sgcli.errors import ParameterError
from sgcli.neuron.memory import MemoryModule, check_input


class Recurrent(MemoryModule):
    """Neurons ``node`` with the input X[t] + weights(S[t − 1]), where S are their own spikes.

    ``weights`` maps [B, n] to [B, n], such as ``nn.Linear(n, n, bias=False)``. The node runs step
    by step, whatever its ``step_mode``.
    """

    def __init__(self, node: MemoryModule, weights: nn.Module, step_mode: str = "s") -> None:
        super().__init__(step_mode)
        if not isinstance(node, MemoryModule):
            raise ParameterError(
                f"node = {type(node).__name__} is not a neuron",
                "node is a neuron such as LIFNode()",
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
        """Why sequences run step by step."""
        return "each step needs the spikes of the previous one"

    def single_step_forward(self, x: Tensor) -> Tensor:
        check_input(x)
        if self.spike is None or self.spike.shape != x.shape:
            # Zeros instead of no current at all, because the weights may have a bias.
            self.spike = torch.zeros_like(x, requires_grad=False)
        self.spike = self.node.single_step_forward(x + self.weights(self.spike))
        return self.spike
