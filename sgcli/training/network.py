"""The networks: fully connected layers of leaky integrate-and-fire neurons."""

from __future__ import annotations

import math
from collections.abc import Iterable
from itertools import pairwise, zip_longest
from statistics import NormalDist
from typing import Any

import torch
from torch import Generator, Tensor, nn

from sgcli import surrogate
from sgcli.definitions import load
from sgcli.neuron import LIFNode, reset_net
from sgcli.neuron.standardise import Standardise
from sgcli.training.settings import Settings


class Network(nn.Module):
    """Linear layers, a LIF layer after each; returns the spikes [T, B, n] of every layer.

    ``standards`` bring the currents of as many layers to the scale of the theory. A last linear
    layer without a LIF layer reads out: its currents [T, B, classes] stand for spikes.
    """

    def __init__(
        self,
        linears: Iterable[nn.Linear],
        nodes: Iterable[LIFNode],
        standards: Iterable[Standardise] = (),
    ) -> None:
        super().__init__()
        self.linears = nn.ModuleList(linears)
        self.nodes = nn.ModuleList(nodes)
        self.standards = nn.ModuleList(standards)

    def forward(self, x: Tensor, time: int) -> list[Tensor]:
        """``x`` is a current [B, pixels] for ``time`` steps, or a sequence [T, B, pixels]."""
        reset_net(self)
        spikes = []
        for linear, node, standard in zip_longest(self.linears, self.lif_nodes, self.standards):
            current = linear(x)
            if standard is not None:
                current = standard(current, time)
            if node is None:
                x = current
            elif current.ndim == 2:
                # A constant input needs its currents once per sample, not once per step.
                x = node.constant_forward(current, time)
            else:
                x = node(current)
            spikes.append(x)
        reset_net(self)
        return spikes

    @property
    def lif_nodes(self) -> list[LIFNode]:
        return [node for node in self.nodes if isinstance(node, LIFNode)]


def build(settings: Settings, pixels: int, classes: int, generators: dict[str, Any]) -> Network:
    """The network of some settings, with weights from the generator ``init``."""
    sizes = [pixels, *settings.hidden, classes]
    linears = [INITS[settings.init](n, m, settings, generators["init"]) for n, m in pairwise(sizes)]
    outputs = sizes[1:] if settings.readout == "spikes" else settings.hidden
    nodes = [_node(settings, generators) for _ in outputs]
    standards = (
        [Standardise(n, node, settings.mu) for n, node in zip(outputs, nodes, strict=True)]
        if settings.normalise == "standardise"
        else []
    )
    return Network(linears, nodes, standards).to(torch.device(settings.device))


def _uniform(inputs: int, outputs: int, settings: Settings, generator: Generator) -> nn.Linear:
    """Torch's own initialisation of a linear layer, drawn from a generator of ours."""
    made: nn.Linear = nn.utils.skip_init(nn.Linear, inputs, outputs)  # type: ignore[no-untyped-call]
    bound = 1 / math.sqrt(inputs)
    for parameter in (made.weight, made.bias):
        nn.init.uniform_(parameter, -bound, bound, generator=generator)
    return made


def _normal(inputs: int, outputs: int, settings: Settings, generator: Generator) -> nn.Linear:
    """Weights of variance σ_w²/n with σ_w² = 1/(p(1 − p)), p = Φ(mu); no bias.

    The currents of a layer whose inputs fire independently with probability p have variance 1.
    """
    made: nn.Linear = nn.utils.skip_init(nn.Linear, inputs, outputs, bias=False)  # type: ignore[no-untyped-call]
    p = NormalDist().cdf(settings.mu)
    nn.init.normal_(made.weight, std=1 / math.sqrt(inputs * p * (1 - p)), generator=generator)
    return made


INITS = {"uniform": _uniform, "normal": _normal}


def _node(settings: Settings, generators: dict[str, Any]) -> LIFNode:
    shape = load.parse(settings.surrogate).shape
    stochastic = {"generator": generators["surrogate"]} if shape.definition.is_random() else {}
    return LIFNode(
        tau=settings.tau,
        decay_input=settings.decay_input,
        v_threshold=settings.v_threshold,
        v_reset=0.0 if settings.reset == "hard" else None,
        surrogate_function=surrogate.of(shape.definition)(**shape.params, **stochastic),
        detach_reset=settings.detach_reset,
        step_mode="m",
    )
