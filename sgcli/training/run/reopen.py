"""The network that a run has trained so far, and its data."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path
from typing import Any

from torch import Tensor

from sgcli.errors import DataError, SgError
from sgcli.measure.stack import SpikingLayer
from sgcli.theory.currents import Dynamics
from sgcli.training.data.encoders import encode
from sgcli.training.data.samples import Data
from sgcli.training.data.tasks import load
from sgcli.training.network.losses import LOSSES
from sgcli.training.network.network import Network, build
from sgcli.training.network_spec import parse_layers
from sgcli.training.run import checkpoint
from sgcli.training.run.checkpoint_check import compare
from sgcli.training.run.schema import CONFIG
from sgcli.training.run.trainer import generator, generators
from sgcli.training.settings import Settings, checked, of_a_run, settings_for


@dataclass(frozen=True)
class Opened:
    """A run's settings, its network on the CPU as its last checkpoint has it, and its data."""

    settings: Settings
    network: Network
    data: Data

    def stack(self) -> list[SpikingLayer]:
        """The spiking layers, from the first up."""
        network = self.network
        parts: Iterable[Any] = zip_longest(network.linears, network.lif_nodes, network.standards)
        return [SpikingLayer(*layer) for layer in parts if layer[1] is not None]

    def dynamics(self) -> Dynamics:
        node: Any = self.network.lif_nodes[0]
        linear = node.linear()
        hard = self.settings.reset == "hard"
        return Dynamics(
            self.settings.time,
            linear.keep,
            linear.gain,
            "hard" if hard else "soft",
            self.settings.detach_reset,
            self.settings.v_threshold,
        )

    def samples(self, count: int) -> tuple[Tensor, Tensor]:
        """The first test samples as a sequence [T, B, pixels], encoded as in tests; classes [B]."""
        part = self.data.test.part(0, count)
        time = self.settings.time
        encoder = generator(self.settings.seed, "evaluation")
        x = encode(self.settings, part.images, encoder)
        return (x.expand(time, *x.shape) if x.ndim == 2 else x), part.labels

    def loss(self, labels: Tensor) -> Callable[[Tensor], Tensor]:
        """The run's loss as a function of the spikes of the last spiking layer."""
        beyond = list(self.network.linears)[len(self.network.lif_nodes) :]

        def loss(spikes: Tensor) -> Tensor:
            for linear in beyond:
                spikes = linear(spikes)
            return LOSSES[self.settings.loss](spikes, labels)

        return loss


def reopen(folder: Path, note: Callable[[str], None] = lambda text: None) -> Opened:
    """Read the folder of a run; a damaged checkpoint is passed over, and ``note`` is called.

    Raises :class:`SgError` for a folder without a run, :class:`DataError` for one that is damaged.
    """
    if not (folder / CONFIG).exists():
        raise SgError(f"{folder} is not a run", f"the folder of a run has a {CONFIG}")
    try:
        values = tomllib.loads((folder / CONFIG).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise DataError(f"{folder / CONFIG} cannot be read: {error}") from error
    # On the CPU, because the device of the training may not exist here.
    values = {**of_a_run(values), "device": "cpu"}
    settings = settings_for(**checked(values, str(folder / CONFIG)))
    _check_known(settings)
    state = checkpoint.load(folder, note)
    if state is None:
        raise SgError(
            f"{folder} has no checkpoint yet", "train-toy writes the first one after some steps"
        )
    data = load(settings).split(settings.evaluate, settings.limit)
    network = build(settings, data.pixels, data.classes, generators(settings))
    try:
        weights = state["trainer"]["network"]
        compare("network", weights, network.state_dict())
    except (KeyError, TypeError, ValueError) as error:
        raise DataError(
            f"the checkpoint in {folder} is damaged or of another network: {error}",
            "train-toy --force starts again",
        ) from error
    network.load_state_dict(dict(weights))
    return Opened(settings, network.eval(), data)


def _check_known(settings: Settings) -> None:
    """Raise :class:`SgError` for a network that the theory of gradient flow does not cover."""
    plain = settings.neuron in ("lif", "if") and not settings.recurrent
    if not plain or settings.readout not in ("spikes", "current"):
        raise SgError(
            "gradient flow is predicted for lif and if neurons with readout spikes or current",
            f"this run has {settings.neuron} neurons, readout {settings.readout}",
        )
    if any(
        layer.weights.kind != "full" or layer.before or layer.after
        for layer in parse_layers(settings.hidden)
    ):
        raise SgError(
            "gradient flow is predicted for fully connected layers only",
            f"this run has {settings.hidden}",
        )
