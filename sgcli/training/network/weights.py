"""Weights of layers, drawn from a generator of the training's own."""

from __future__ import annotations

import math
from statistics import NormalDist
from typing import Any

import torch
from torch import Generator, nn

from sgcli.errors import SgError
from sgcli.neuron.layers import Conv2d, Linear
from sgcli.training.network.stages import Shape
from sgcli.training.network_spec import Stage
from sgcli.training.settings import Settings


def make(
    stage: Stage, shape: Shape, settings: Settings, generator: Generator, last: bool = False
) -> nn.Module:
    """A linear or convolutional layer for samples of a shape."""
    # The readout of Norse's notebook is a layer of torch.
    init = "uniform" if settings.init == "norse" and last else settings.init
    bias = settings.bias and init != "normal"
    made: Any
    if stage.kind == "conv":
        inputs = shape[0] * stage.kernel**2
        sizes = (shape[0], stage.size, stage.kernel)
        made = Conv2d(*sizes, padding=stage.padding, bias=bias, device="meta")
    else:
        inputs = math.prod(shape)
        made = Linear(inputs, stage.size, bias=bias, device="meta")
    # From the meta device: not drawn by torch first, from its global generator.
    made.to_empty(device="cpu")
    INITS[init](made, inputs, stage.size, settings, generator)
    if bias and init != "uniform":
        nn.init.zeros_(made.bias)
    layer: nn.Module = made
    return layer


def recurrent(shape: Shape, settings: Settings, generator: Generator) -> nn.Linear:
    """Weights from each neuron of a layer to the others; none to itself."""
    if len(shape) > 1:
        raise SgError("a convolution cannot be recurrent", "--no-recurrent, or other layers")
    size = shape[0]
    made = nn.Linear(size, size, bias=False, device="meta").to_empty(device="cpu")
    INITS[settings.init](made, size, size, settings, generator)
    with torch.no_grad():
        made.weight.fill_diagonal_(0.0)
    weight: Any = made.weight
    weight.register_hook(lambda gradient: gradient.clone().fill_diagonal_(0.0))
    return made


def _uniform(made: Any, inputs: int, outputs: int, settings: Settings, g: Generator) -> None:
    """Torch's own initialisation of linear and convolutional layers."""
    bound = 1 / math.sqrt(inputs)
    for parameter in made.parameters():
        nn.init.uniform_(parameter, -bound, bound, generator=g)


def _normal(made: Any, inputs: int, outputs: int, settings: Settings, g: Generator) -> None:
    """Weights of variance σ_w²/n with σ_w² = 1/(p(1 − p)), p = Φ(mu).

    The currents of a layer whose inputs fire independently with probability p have variance 1.
    """
    p = NormalDist().cdf(settings.mu)
    nn.init.normal_(made.weight, std=1 / math.sqrt(inputs * p * (1 - p)), generator=g)


def _gaussian(made: Any, inputs: int, outputs: int, settings: Settings, g: Generator) -> None:
    nn.init.normal_(made.weight, std=settings.init_scale / math.sqrt(inputs), generator=g)


def _norse(made: Any, inputs: int, outputs: int, settings: Settings, g: Generator) -> None:
    """Norse's ``SNNRecurrentCell``: by the number of neurons, not of inputs."""
    nn.init.normal_(made.weight, std=math.sqrt(2 / outputs), generator=g)


INITS = {"uniform": _uniform, "normal": _normal, "gaussian": _gaussian, "norse": _norse}
