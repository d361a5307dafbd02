"""How an image enters a network: as a constant current, or as spikes."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Generator, Tensor


def constant(images: Tensor, time: int, generator: Generator) -> Tensor:
    """The intensities [B, pixels] themselves, the same at each time step."""
    return images


def poisson(images: Tensor, time: int, generator: Generator) -> Tensor:
    """Spikes [T, B, pixels], each with the intensity of its pixel as its probability."""
    # Drawn on the CPU, so that a seed means the same spikes on every device.
    draws = torch.rand((time, *images.shape), generator=generator)
    return (draws.to(images.device) < images).to(images.dtype)


ENCODERS: dict[str, Callable[[Tensor, int, Generator], Tensor]] = {
    "constant": constant,
    "poisson": poisson,
}
