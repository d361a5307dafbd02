"""What is minimised, of the output spikes [T, B, classes] and the classes [B]."""

from __future__ import annotations

from collections.abc import Callable

from torch import Tensor
from torch.nn import functional


def cross_entropy(spikes: Tensor, labels: Tensor) -> Tensor:
    """Cross-entropy with the spike counts as logits."""
    return functional.cross_entropy(spikes.sum(0), labels)


def mse(spikes: Tensor, labels: Tensor) -> Tensor:
    """Mean squared distance of the firing rates from 1 for the class and 0 for the others."""
    rates = spikes.mean(0)
    return functional.mse_loss(rates, functional.one_hot(labels, rates.shape[1]).to(rates.dtype))


LOSSES: dict[str, Callable[[Tensor, Tensor], Tensor]] = {"cross_entropy": cross_entropy, "mse": mse}
