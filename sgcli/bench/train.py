"""One training step of the same network in each library, to be timed side by side.

784–1000–10 leaky neurons with β = 0.95, threshold 1, soft and detached reset, arctangent surrogate,
cross-entropy of the spike counts over 25 steps of constant current, fused Adam for all.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from importlib import import_module
from importlib.util import find_spec
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from sgcli import neuron, surrogate
from sgcli.definitions import REGISTRY
from sgcli.definitions.installed import surrogate_of
from sgcli.training.data.tasks import mnist
from sgcli.training.network.network import Network

BETA = 0.95
TAU = 1 / (1 - BETA)

Step = Callable[[], Tensor]


@dataclass
class Contest:
    """The batch and the network of every contestant."""

    batch_size: int = 128
    time: int = 25
    hidden: int = 1000

    @cached_property
    def batch(self) -> tuple[Tensor, Tensor]:
        """The first images [B, 784], in [0, 1], and their labels."""
        part = mnist().train.part(0, self.batch_size)
        return part.images.float() / 255, part.labels

    def weights(self) -> tuple[nn.Linear, nn.Linear]:
        """The two linear layers, initialised alike for everyone."""
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(0)
            return nn.Linear(784, self.hidden), nn.Linear(self.hidden, 10)

    def step(self, net: Any, forward: Callable[[Tensor], Tensor]) -> Step:
        """Forward, backward and update; ``forward`` gives the spike counts [B, 10]."""
        x, labels = self.batch
        optimizer = torch.optim.Adam(net.parameters(), lr=1e-3, fused=True)

        def step() -> Tensor:
            loss = functional.cross_entropy(forward(x), labels)
            optimizer.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            optimizer.step()
            return loss.detach()

        return step


def sgcli(contest: Contest) -> Step:
    """Our network, as `sg train-toy` builds it."""
    atan = surrogate.of(REGISTRY["atan"])
    nodes = [
        neuron.LIFNode(
            tau=TAU,
            decay_input=False,
            v_reset=None,
            surrogate_function=atan(2.0),
            detach_reset=True,
            step_mode="m",
        )
        for _ in range(2)
    ]
    net = Network(contest.weights(), nodes)
    return contest.step(net, lambda x: net(x, contest.time)[-1].sum(0))


def snntorch(contest: Contest) -> Step:
    """Step by step, as in its tutorial 5."""
    snn: Any = import_module("snntorch")
    atan = surrogate_of("snntorch", "atan")
    first, second = contest.weights()
    hidden = snn.Leaky(beta=BETA, spike_grad=atan())
    output = snn.Leaky(beta=BETA, spike_grad=atan())

    def forward(x: Tensor) -> Tensor:
        mem_hidden, mem_output = hidden.init_leaky(), output.init_leaky()
        spikes = []
        for _ in range(contest.time):
            spike, mem_hidden = hidden(first(x), mem_hidden)
            spike, mem_output = output(second(spike), mem_output)
            spikes.append(spike)
        return torch.stack(spikes).sum(0)

    return contest.step(nn.ModuleList([first, second]), forward)


def spikingjelly(contest: Contest) -> Step:
    """Step by step, as in its example lif_fc_mnist."""
    net, functions = _spikingjelly(contest, "s")

    def forward(x: Tensor) -> Tensor:
        functions.reset_net(net)
        counts: Tensor = net(x)
        for _ in range(contest.time - 1):
            counts = counts + net(x)
        return counts

    return contest.step(net, forward)


def spikingjelly_m(contest: Contest) -> Step:
    """Whole sequences through each layer, its faster mode."""
    net, functions = _spikingjelly(contest, "m")

    def forward(x: Tensor) -> Tensor:
        functions.reset_net(net)
        counts: Tensor = net(x.expand(contest.time, *x.shape)).sum(0)
        return counts

    return contest.step(net, forward)


def _spikingjelly(contest: Contest, step_mode: str) -> tuple[Any, Any]:
    functions, neuron = (
        import_module(f"spikingjelly.activation_based.{name}") for name in ("functional", "neuron")
    )

    def lif() -> Any:
        return neuron.LIFNode(
            tau=TAU,
            decay_input=False,
            v_reset=None,
            surrogate_function=surrogate_of("spikingjelly", "ATan")(),
            detach_reset=True,
        )

    first, second = contest.weights()
    net = nn.Sequential(first, lif(), second, lif())
    functions.set_step_mode(net, step_mode)
    return net, functions


CONTESTANTS: dict[str, Callable[[Contest], Step]] = {
    "sgcli": sgcli,
    "snntorch": snntorch,
    "spikingjelly": spikingjelly,
    "spikingjelly (m)": spikingjelly_m,
}


def contestants(contest: Contest | None = None) -> dict[str, Step]:
    """A training step of ours and of every peer that is installed."""
    made = contest or Contest()
    there = {n: f for n, f in CONTESTANTS.items() if find_spec(f.__name__.removesuffix("_m"))}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what peers say when they are imported
        return {name: build(made) for name, build in there.items()}
