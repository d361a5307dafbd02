"""The networks: layers of weights and spiking neurons, fully connected or convolutional."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor, nn

from sgcli.errors import SgError
from sgcli.neuron import reset_net
from sgcli.neuron.layers import VotingLayer
from sgcli.neuron.standardise import Standardise
from sgcli.training.data.samples import image_shape
from sgcli.training.network import stages, weights
from sgcli.training.network.nodes import integrator, node, recurrent, run
from sgcli.training.network.stages import through
from sgcli.training.network_spec import LayerSpec, Stage, parse_layers
from sgcli.training.settings import Settings


class Network(nn.Module):
    """Layers of weights, neurons after each; returns the spikes [T, B, …] of every layer.

    ``before`` and ``after`` are what currents and spikes of a layer go through; ``standards``
    bring currents to the scale of the theory. A last layer of weights without neurons reads out:
    its currents [T, B, classes], or the membranes of ``integrator``, stand for spikes. With
    ``membranes`` those of the last neurons come after their spikes. Of ``vote`` outputs a class
    the mean is returned.
    """

    def __init__(
        self,
        linears: Sequence[nn.Module],
        nodes: Sequence[nn.Module],
        standards: Sequence[Standardise] = (),
        before: Sequence[nn.Module] = (),
        after: Sequence[nn.Module] = (),
        integrator: nn.Module | None = None,
        membranes: bool = False,
        vote: int = 1,
    ) -> None:
        super().__init__()
        self.linears = nn.ModuleList(linears)
        self.nodes = nn.ModuleList(nodes)
        self.standards = nn.ModuleList(standards)
        self.before = nn.ModuleList(before or [nn.Sequential() for _ in linears])
        self.after = nn.ModuleList(after or [nn.Sequential() for _ in linears])
        self.integrator = integrator
        self.membranes = membranes
        self.voting = VotingLayer(vote, step_mode="m") if vote > 1 else None

    def forward(self, x: Tensor, time: int) -> list[Tensor]:
        """``x`` is a current [B, pixels] for ``time`` steps, or a sequence [T, B, pixels]."""
        reset_net(self)
        constant = x.ndim == 2
        if isinstance(self.linears[0], nn.Conv2d):
            x = x.view(*x.shape[:-1], *image_shape(x.shape[-1]))
        outputs: list[Tensor] = []
        last = len(self.linears) - 1
        for i, linear in enumerate(self.linears):
            current = through(self.before[i], through(linear, x, constant), constant)
            if i < len(self.standards):
                current, constant = self.standards[i](current, time), False
            steps = time if constant else None
            if i == last:
                outputs += map(self._voted, self._read_out(current, steps))
                break
            spikes = run(self.nodes[i], current, steps)
            outputs.append(spikes)
            constant = False
            x = through(self.after[i], spikes, constant)
        reset_net(self)
        return outputs

    def _read_out(self, current: Tensor, steps: int | None) -> Sequence[Tensor]:
        if len(self.nodes) == len(self.linears):
            neurons: Any = self.nodes[-1]
            spikes = run(neurons, current, steps)
            return [spikes, neurons.v_seq] if self.membranes else [spikes]
        if steps is not None:
            current = current.expand(steps, *current.shape)
        return [current if self.integrator is None else self.integrator(current)]

    def _voted(self, outputs: Tensor) -> Tensor:
        return self.voting(outputs) if self.voting else outputs

    @property
    def lif_nodes(self) -> list[nn.Module]:
        """The layers of spiking neurons."""
        return list(self.nodes)


def check_standard(settings: Settings, every: Sequence[LayerSpec]) -> None:
    """:class:`SgError` where a current's scale is none that the theory knows."""
    if settings.neuron not in ("lif", "if") or settings.recurrent:
        raise SgError("only lif and if neurons can be standardised", "--normalise none")
    if any(layer.weights.kind != "full" or layer.before for layer in every):
        raise SgError("only fully connected layers can be standardised", "--normalise none")


def build(settings: Settings, pixels: int, classes: int, generators: dict[str, Any]) -> Network:
    """The network of some settings, with weights from the generator ``init``."""
    init = generators["init"]
    output = LayerSpec(Stage("full", classes * settings.vote))
    every = [*parse_layers(settings.hidden), output]
    if settings.normalise == "standardise":
        check_standard(settings, every)
    spiking = every if settings.readout in ("spikes", "membrane") else every[:-1]
    shape: tuple[int, ...] = image_shape(pixels) if every[0].weights.kind == "conv" else (pixels,)
    parts: dict[str, list[Any]] = {k: [] for k in ("linears", "before", "nodes", "after")}
    for i, layer in enumerate(every):
        linear = weights.make(layer.weights, shape, settings, init, layer is output)
        shape = stages.after_weights(layer.weights, shape)
        before, shape = stages.modules(layer.before, shape, generators)
        if i < len(spiking):
            one = node(settings, generators, layer is output and settings.readout == "membrane")
            if settings.recurrent and layer is not output:
                one = recurrent(one, weights.recurrent(shape, settings, init))
            parts["nodes"].append(one)
        after, shape = stages.modules(layer.after, shape, generators)
        for name, part in (("linears", linear), ("before", before), ("after", after)):
            parts[name].append(part)
    standards = []
    if settings.normalise == "standardise":
        sizes = [layer.weights.size for layer in spiking]
        standards = [
            Standardise(n, one, settings.mu) for n, one in zip(sizes, parts["nodes"], strict=True)
        ]
    return Network(
        **parts,
        standards=standards,
        integrator=integrator(settings) if settings.readout == "integrator" else None,
        membranes=settings.readout == "membrane",
        vote=settings.vote,
    ).to(torch.device(settings.device))
