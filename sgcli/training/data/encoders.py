"""How a sample enters a network: as a constant current, or as spikes."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Generator, Tensor
from torch.nn import functional

from sgcli.errors import SgError
from sgcli.training.data.samples import image_shape
from sgcli.training.settings import Settings

LEAK = 0.1  # of the neurons that encode, as in Norse: a step of 1 ms over 10 ms


def intensities(images: Tensor) -> Tensor:
    """Bytes as numbers in [0, 1]."""
    return images.float().div_(255)


def encode(settings: Settings, images: Tensor, generator: Generator) -> Tensor:
    """A current [B, inputs] for all steps, or a sequence [T, B, inputs], of samples in bytes."""
    check(settings, images)
    return ENCODERS[settings.encoder](_currents(settings, images), settings.time, generator)


def _currents(settings: Settings, images: Tensor) -> Tensor:
    x = intensities(images)
    if settings.pixel_mean or settings.pixel_sd != 1:
        x.sub_(settings.pixel_mean).div_(settings.pixel_sd)
    return functional.softplus(x) if settings.softplus else x


def check(settings: Settings, images: Tensor) -> None:
    """:class:`SgError` if the settings do not fit the samples of the task."""
    spikes = images.ndim == 3
    if spikes != (settings.encoder == "given"):
        what = "spikes already" if spikes else "no spikes"
        hint = "--encoder given" if spikes else "--encoder given is for the tasks randman, spytorch"
        raise SgError(f"the samples of {settings.task} are {what}", hint)
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
    """:class:`SgError` if not even the brightest pixel would make its neuron fire."""
    brightest = _currents(settings, torch.tensor([255])).item()
    if brightest * (1 - (1 - LEAK) ** settings.time) <= 1:
        raise SgError(
            f"no pixel would fire in {settings.time} steps with encoder {settings.encoder}: the "
            f"brightest is a current of {brightest:.3g}, and the threshold is 1",
            "more --time, or brighter pixels: --pixel-mean 0.1307 --pixel-sd 0.3081, as in "
            "protocol norse-mnist",
        )


def constant(x: Tensor, time: int, generator: Generator) -> Tensor:
    """The intensities [B, pixels] themselves, the same at each time step."""
    return x


def poisson(x: Tensor, time: int, generator: Generator) -> Tensor:
    """Spikes [T, B, pixels], each with the intensity of its pixel as its probability."""
    # Drawn on the CPU, so that a seed means the same spikes on every device.
    draws = torch.rand((time, *x.shape), generator=generator)
    return (draws.to(x.device) < x).to(x.dtype)


def lif(x: Tensor, time: int, generator: Generator) -> Tensor:
    """Spikes [T, B, pixels] of a neuron for each pixel, with its intensity as constant current.

    V + 0.1 (x − V), a spike above 1, then back to 0: Norse's ``constant_current_lif_encode``.
    """
    v = torch.zeros_like(x)
    spikes = x.new_empty((time, *x.shape))
    for t in range(time):
        # In this order, and not as a lerp: Norse's spikes to the last bit.
        v = v + LEAK * (x - v)
        torch.gt(v, 1, out=spikes[t])
        v = v.masked_fill(spikes[t].bool(), 0.0)
    return spikes


def latency(x: Tensor, time: int, generator: Generator) -> Tensor:
    """Of the spikes of :func:`lif` the first of each pixel: the brighter, the earlier."""
    spikes = lif(x, time, generator)
    return spikes * (spikes.cumsum(0) == 1)


def given(x: Tensor, time: int, generator: Generator) -> Tensor:
    """Samples that are rasters [B, T, inputs], as [T, B, inputs]."""
    return x.transpose(0, 1).contiguous()


ENCODERS: dict[str, Callable[[Tensor, int, Generator], Tensor]] = {
    function.__name__: function for function in (constant, poisson, lif, latency, given)
}
