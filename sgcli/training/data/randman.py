"""Smooth random manifolds of spike times: each neuron fires once, and its time tells the class.

Zenke and Vogels, Neural Computation 33 (2021) 899, doi:10.1162/neco_a_01367; their code is at
https://github.com/fzenke/randman.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import torch
from torch import Generator, Tensor

from sgcli.training.data.samples import Data, Samples, without_file

CUTOFF = 1000  # highest frequency
SPLIT = (0.8, 0.1)  # of each class: training, validation; the test set is the rest


def amplitudes(spectrum: str, smoothness: float) -> Tensor:
    """Amplitudes of the frequencies 1 … 1000: k^−α in the paper, 1/(k^α + 1) in the code."""
    k = torch.arange(1, CUTOFF + 1, dtype=torch.float64)
    return k**-smoothness if spectrum == "paper" else 1 / (k**smoothness + 1)


def function(
    dimensions: int, spectrum: str, smoothness: float, g: Generator
) -> Callable[[Tensor], Tensor]:
    """A random function f(x) = Π_j Σ_k amplitude_k · A sin(2π(k x_j B + C)) of x [n, dimensions].

    A, B and C are drawn for each j and k, uniformly from [0, 1). The code counts k from 0 inside
    the sine, which makes its first term a constant, and sets the first A to 0.
    """
    a, b, c = torch.rand(3, dimensions, CUTOFF, dtype=torch.float64, generator=g)
    scale = amplitudes(spectrum, smoothness)
    k = torch.arange(CUTOFF, dtype=torch.float64) + (spectrum == "paper")
    if spectrum == "code":
        a[:, 0] = 0

    def f(x: Tensor) -> Tensor:
        waves = torch.sin(2 * math.pi * (k * x[..., None] * b + c))
        values: Tensor = (scale * a * waves).sum(-1).prod(-1)
        return values

    return f


def randman(
    seed: int,
    steps: int,
    spectrum: str = "paper",
    *,
    classes: int = 10,
    inputs: int = 20,
    dimensions: int = 1,
    smoothness: float = 1.0,
    samples: int = 1000,
) -> Data:
    """Rasters [n, steps, inputs] with one spike per input, and ``samples`` of them per class.

    Each class is a manifold. Its samples are points x, uniform in the unit cube; the spike time of
    each input is a random function of x, stretched to fill the interval.
    """
    g = torch.Generator().manual_seed(seed)
    parts: list[list[Samples]] = [[], [], []]
    ends = [0, int(SPLIT[0] * samples), int(sum(SPLIT) * samples), samples]
    for label in range(classes):
        x = torch.rand(samples, dimensions, dtype=torch.float64, generator=g)
        fs = [function(dimensions, spectrum, smoothness, g) for _ in range(inputs)]
        times = torch.stack([_stretched(f(x)) for f in fs], dim=1)
        raster = _raster(times, steps)
        for part, start, stop in zip(parts, ends, ends[1:], strict=False):
            part.append(Samples(raster[start:stop], torch.full((stop - start,), label)))
    train, validation, test = (_shuffled(part, g) for part in parts)
    return without_file(train, test, classes, validation)


def _stretched(values: Tensor) -> Tensor:
    low, high = values.min(), values.max()
    return (values - low) / (high - low)


def _raster(times: Tensor, steps: int) -> Tensor:
    """Bytes [n, steps, inputs] that are 255 at each spike and 0 elsewhere."""
    step = (times * steps).long().clamp(max=steps - 1)
    raster = torch.zeros(len(times), steps, times.shape[1], dtype=torch.uint8)
    return raster.scatter_(1, step[:, None], 255)


def _shuffled(part: list[Samples], g: Generator) -> Samples:
    order = torch.randperm(sum(map(len, part)), generator=g)
    images, labels = (torch.cat([getattr(s, key) for s in part]) for key in ("images", "labels"))
    return Samples(images[order], labels[order])
