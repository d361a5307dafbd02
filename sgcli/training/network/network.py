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
    """Layers of weights, each followed by neurons; returns the spikes [T, B, …] of every layer.

    ``before`` are modules between weights and neurons, ``after`` modules behind the neurons;
    ``standards`` standardise the currents. Without neurons, the last layer is a readout, and its
    currents [T, B, classes] or the membrane potentials of ``integrator`` stand for spikes. With
    ``membranes``, the membrane potentials of the last neurons follow their spikes. The outputs of
    a class, ``vote`` of them, are averaged.
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
        """``x`` is a constant current [B, pixels] or a sequence [T, B, pixels] of T = ``time``."""
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
                outputs += map(self._vote, self._read_out(current, steps))
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

    def _vote(self, outputs: Tensor) -> Tensor:
        return self.voting(outputs) if self.voting else outputs

    @property
    def lif_nodes(self) -> list[nn.Module]:
        """The layers of spiking neurons."""
        return list(self.nodes)


def check_standard(settings: Settings, layers: Sequence[LayerSpec]) -> None:
    """Raise :class:`SgError` where the theory does not know the scale of the currents."""
    if settings.neuron not in ("lif", "if") or settings.recurrent:
        raise SgError("only lif and if neurons can be standardised", "--normalise none")
    if any(layer.weights.kind != "full" or layer.before for layer in layers):
        raise SgError("only fully connected layers can be standardised", "--normalise none")


def build(settings: Settings, pixels: int, classes: int, generators: dict[str, Any]) -> Network:
    """The network of these settings, its weights drawn from the generator ``init``."""
    init = generators["init"]
    output = LayerSpec(Stage("full", classes * settings.vote))
    layers = [*parse_layers(settings.hidden), output]
    if settings.normalise == "standardise":
        check_standard(settings, layers)
    spiking = layers if settings.readout in ("spikes", "membrane") else layers[:-1]
    shape: tuple[int, ...] = image_shape(pixels) if layers[0].weights.kind == "conv" else (pixels,)
    parts: dict[str, list[Any]] = {k: [] for k in ("linears", "before", "nodes", "after")}
    for i, layer in enumerate(layers):
        linear = weights.make(layer.weights, shape, settings, init, layer is output)
        shape = stages.after_weights(layer.weights, shape)
        before, shape = stages.modules(layer.before, shape, generators)
        if i < len(spiking):
            membranes = layer is output and settings.readout == "membrane"
            neurons = node(settings, generators, membranes)
            if settings.recurrent and layer is not output:
                neurons = recurrent(neurons, weights.recurrent(shape, settings, init))
            parts["nodes"].append(neurons)
        after, shape = stages.modules(layer.after, shape, generators)
        for name, part in (("linears", linear), ("before", before), ("after", after)):
            parts[name].append(part)
    standards = []
    if settings.normalise == "standardise":
        standards = [
            Standardise(layer.weights.size, neurons, settings.mu)
            for layer, neurons in zip(spiking, parts["nodes"], strict=True)
        ]
    return Network(
        **parts,
        standards=standards,
        integrator=integrator(settings) if settings.readout == "integrator" else None,
        membranes=settings.readout == "membrane",
        vote=settings.vote,
    ).to(torch.device(settings.device))
