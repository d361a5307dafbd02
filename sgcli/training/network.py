"""The networks: fully connected layers of leaky integrate-and-fire neurons."""

from __future__ import annotations

import math
from collections.abc import Iterable
from itertools import pairwise
from typing import Any

import torch
from torch import Generator, Tensor, nn

from sgcli import surrogate
from sgcli.definitions import load
from sgcli.neuron import LIFNode, reset_net
from sgcli.training.settings import Settings


class Network(nn.Module):
    """Linear layers, a LIF layer after each; returns the spikes [T, B, n] of every layer."""

    def __init__(self, linears: Iterable[nn.Linear], nodes: Iterable[LIFNode]) -> None:
        super().__init__()
        self.linears = nn.ModuleList(linears)
        self.nodes = nn.ModuleList(nodes)

    def forward(self, x: Tensor, time: int) -> list[Tensor]:
        """``x`` is a current [B, pixels] for ``time`` steps, or a sequence [T, B, pixels]."""
        reset_net(self)
        spikes = []
        for linear, node in zip(self.linears, self.lif_nodes, strict=True):
            current = linear(x)
            # A constant input needs its currents once per sample, not once per step.
            x = node.constant_forward(current, time) if x.ndim == 2 else node(current)
            spikes.append(x)
        reset_net(self)
        return spikes

    @property
    def lif_nodes(self) -> list[LIFNode]:
        return [node for node in self.nodes if isinstance(node, LIFNode)]


def _linear(inputs: int, outputs: int, generator: Generator) -> nn.Linear:
    """Torch's own initialisation of a linear layer, drawn from a generator of ours."""
    made: nn.Linear = nn.utils.skip_init(nn.Linear, inputs, outputs)  # type: ignore[no-untyped-call]
    bound = 1 / math.sqrt(inputs)
    for parameter in (made.weight, made.bias):
        nn.init.uniform_(parameter, -bound, bound, generator=generator)
    return made


def build(settings: Settings, pixels: int, classes: int, generators: dict[str, Any]) -> Network:
    """The network of some settings, with weights from the generator ``init``."""
    sizes = [pixels, *settings.hidden, classes]
    linears = [_linear(n, m, generators["init"]) for n, m in pairwise(sizes)]
    nodes = [_node(settings, generators) for _ in linears]
    return Network(linears, nodes).to(torch.device(settings.device))


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
