"""Weights of layers and their initialisation, from a generator of the training."""

from __future__ import annotations

import math
from statistics import NormalDist
from typing import Any

import torch
from torch import Generator, nn

from sgcli.errors import SgError
from sgcli.neuron.layers import Conv2d, Linear
from sgcli.training.network.stages import SampleShape
from sgcli.training.network_spec import Stage
from sgcli.training.settings import Settings


def make(
    stage: Stage, shape: SampleShape, settings: Settings, generator: Generator, last: bool = False
) -> nn.Module:
    """A linear or convolutional layer for samples of this shape."""
    # In Norse's notebook the readout is initialised as torch does.
    init = "uniform" if settings.init == "norse" and last else settings.init
    bias = settings.bias and init != "normal"
    layer: Any
    if stage.kind == "conv":
        inputs = shape[0] * stage.kernel**2
        sizes = (shape[0], stage.size, stage.kernel)
        layer = Conv2d(*sizes, padding=stage.padding, bias=bias, device="meta")
    else:
        inputs = math.prod(shape)
        layer = Linear(inputs, stage.size, bias=bias, device="meta")
    # On the meta device torch draws no weights, so that its global generator stays as it was.
    layer.to_empty(device="cpu")
    INITS[init](layer, inputs, stage.size, settings, generator)
    if bias and init != "uniform":
        nn.init.zeros_(layer.bias)
    module: nn.Module = layer
    return module


def recurrent(shape: SampleShape, settings: Settings, generator: Generator) -> nn.Linear:
    """Weights from each neuron of a layer to the others, and none to itself."""
    if len(shape) > 1:
        raise SgError("a convolution cannot be recurrent", "use --no-recurrent or other layers")
    size = shape[0]
    layer = nn.Linear(size, size, bias=False, device="meta").to_empty(device="cpu")
    INITS[settings.init](layer, size, size, settings, generator)
    with torch.no_grad():
        layer.weight.fill_diagonal_(0.0)
    weight: Any = layer.weight
    weight.register_hook(lambda gradient: gradient.clone().fill_diagonal_(0.0))
    return layer


def _uniform(layer: Any, inputs: int, outputs: int, settings: Settings, g: Generator) -> None:
    """Torch's own initialisation of linear and convolutional layers."""
    bound = 1 / math.sqrt(inputs)
    for parameter in layer.parameters():
        nn.init.uniform_(parameter, -bound, bound, generator=g)


def _normal(layer: Any, inputs: int, outputs: int, settings: Settings, g: Generator) -> None:
    """Weights of variance σ_w²/n with σ_w² = 1/(p(1 − p)), p = Φ(mu).

    Currents then have variance 1, if inputs fire independently with probability p.
    """
    p = NormalDist().cdf(settings.mu)
    nn.init.normal_(layer.weight, std=1 / math.sqrt(inputs * p * (1 - p)), generator=g)


def _gaussian(layer: Any, inputs: int, outputs: int, settings: Settings, g: Generator) -> None:
    nn.init.normal_(layer.weight, std=settings.init_scale / math.sqrt(inputs), generator=g)


def _norse(layer: Any, inputs: int, outputs: int, settings: Settings, g: Generator) -> None:
    """Norse's ``SNNRecurrentCell``: the scale follows the number of neurons, not of inputs."""
    nn.init.normal_(layer.weight, std=math.sqrt(2 / outputs), generator=g)


INITS = {"uniform": _uniform, "normal": _normal, "gaussian": _gaussian, "norse": _norse}
