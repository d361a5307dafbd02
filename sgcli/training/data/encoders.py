"""Encoders: a sample becomes a constant current or spikes."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Generator, Tensor
from torch.nn import functional

from sgcli.errors import SgError
from sgcli.training.data.samples import image_shape
from sgcli.training.settings import Settings

LEAK = 0.1  # of encoding neurons, as in Norse: steps of 1 ms, a time constant of 10 ms


def intensities(images: Tensor) -> Tensor:
    """Pixels as numbers in [0, 1]."""
    return images.float().div_(255)


def encode(settings: Settings, images: Tensor, generator: Generator) -> Tensor:
    """Encode bytes as a constant current [B, inputs] or a sequence [T, B, inputs]."""
    check(settings, images)
    return ENCODERS[settings.encoder](_currents(settings, images), settings.time, generator)


def _currents(settings: Settings, images: Tensor) -> Tensor:
    x = intensities(images)
    if settings.pixel_mean or settings.pixel_sd != 1:
        x.sub_(settings.pixel_mean).div_(settings.pixel_sd)
    return functional.softplus(x) if settings.softplus else x


def check(settings: Settings, images: Tensor) -> None:
    """Raise :class:`SgError` if the settings do not fit the samples of the task."""
    spikes = images.ndim == 3
    if spikes != (settings.encoder == "given"):
        if spikes:
            raise SgError(f"the samples of {settings.task} are spikes already", "--encoder given")
        hint = "--encoder given is for the tasks randman and spytorch"
        raise SgError(f"the samples of {settings.task} are not spikes", hint)
    if spikes and images.shape[1] != settings.time:
        raise SgError(
            f"the samples of {settings.task} have {images.shape[1]} steps, not {settings.time}",
            f"--time {images.shape[1]}",
        )
    changed = settings.pixel_mean or settings.pixel_sd != 1 or settings.softplus
    if spikes and (changed or settings.augment):
        raise SgError(
            f"the samples of {settings.task} are spikes, not pixels",
            "--augment, --softplus, --pixel-mean and --pixel-sd are for pixels",
        )
    if settings.augment:
        image_shape(images.shape[1])
    if settings.encoder in ("lif", "latency"):
        _check_fires(settings)


def _check_fires(settings: Settings) -> None:
    """Raise :class:`SgError` if not even the brightest pixel makes its neuron fire."""
    brightest = _currents(settings, torch.tensor([255])).item()
    if brightest * (1 - (1 - LEAK) ** settings.time) <= 1:
        raise SgError(
            f"encoder {settings.encoder} gives no spike in {settings.time} steps: the brightest "
            f"pixel is a current of {brightest:.3g}, and the threshold is 1",
            "use more --time, or brighter pixels: --pixel-mean 0.1307 --pixel-sd 0.3081, as in "
            "protocol norse-mnist",
        )


def constant(x: Tensor, time: int, generator: Generator) -> Tensor:
    """The intensities [B, pixels] as a current that is the same at each step."""
    return x


def poisson(x: Tensor, time: int, generator: Generator) -> Tensor:
    """Spikes [T, B, pixels] whose probability is the intensity of their pixel."""
    # Drawn on the CPU: a seed means the same spikes on every device.
    draws = torch.rand((time, *x.shape), generator=generator)
    return (draws.to(x.device) < x).to(x.dtype)


def lif(x: Tensor, time: int, generator: Generator) -> Tensor:
    """Spikes [T, B, pixels] of one neuron per pixel under its intensity as a constant current.

    V ← V + 0.1 (x − V), a spike above 1, a reset to 0: Norse's ``constant_current_lif_encode``.
    """
    v = torch.zeros_like(x)
    spikes = x.new_empty((time, *x.shape))
    for t in range(time):
        # In this order of operations, not as a lerp, the spikes equal Norse's bit for bit.
        v = v + LEAK * (x - v)
        torch.gt(v, 1, out=spikes[t])
        v = v.masked_fill(spikes[t].bool(), 0.0)
    return spikes


def latency(x: Tensor, time: int, generator: Generator) -> Tensor:
    """The first spike of each pixel in :func:`lif`: bright pixels fire early."""
    spikes = lif(x, time, generator)
    return spikes * (spikes.cumsum(0) == 1)


def given(x: Tensor, time: int, generator: Generator) -> Tensor:
    """Rasters [B, T, inputs] as a sequence [T, B, inputs]."""
    return x.transpose(0, 1).contiguous()


ENCODERS: dict[str, Callable[[Tensor, int, Generator], Tensor]] = {
    function.__name__: function for function in (constant, poisson, lif, latency, given)
}
