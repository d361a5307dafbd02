"""Gradient flow measured: the network of the theory, drawn several times."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from itertools import accumulate
from statistics import fmean, stdev

from sgcli.definitions.core import Shape
from sgcli.errors import SgError
from sgcli.measure.network import Pass, RandomNetwork, membranes, observed, run
from sgcli.theory import flow, temporal
from sgcli.theory.currents import Dynamics
from sgcli.theory.flow import Block
from sgcli.theory.predicted import Predicted, from_layers, of_flow


@dataclass(frozen=True)
class Spread:
    """Mean and standard deviation over networks; None for that of one, or of infinities."""

    mean: float
    deviation: float | None

    @classmethod
    def over(cls, values: list[float]) -> Spread:
        several = len(values) > 1 and all(map(math.isfinite, values))
        return cls(fmean(values), stdev(values) if several else None)


@dataclass(frozen=True)
class MeasuredFlow:
    """What networks did to gradients.

    ``ratio`` is the spread over networks of each network's geometric mean of the layer ratios.
    ``log_norms`` are log10 of the gradient norm, from the top layer's spikes (0) down to the input;
    ``profile`` the norm of the gradient of the top layer's currents at each step for a loss at the
    last step, 1 there.
    """

    ratio: Spread
    log_norms: tuple[Spread, ...]
    profile: tuple[Spread, ...]
    seeds: int

    @property
    def factor(self) -> float:
        """Of the gradient norm through all layers, the geometric mean over networks."""
        return float(10 ** self.log_norms[-1].mean)


def measure(
    network: RandomNetwork, seeds: int, each: Callable[[int], None] = lambda done: None
) -> MeasuredFlow:
    """Run ``seeds`` networks one after another; ``each`` is told how many are done."""
    if seeds < 1:
        raise SgError(f"{seeds} networks are too few", "at least 1")
    passes: list[Pass] = []
    for seed in range(seeds):
        passes.append(run(network, seed))
        each(seed + 1)
    logs = [[math.log10(r) if r else -math.inf for r in row.ratios] for row in passes]
    sums = [list(accumulate(row, initial=0.0)) for row in logs]
    return MeasuredFlow(
        Spread.over([10 ** (row[-1] / len(network.layers)) for row in sums]),
        tuple(Spread.over(list(layer)) for layer in zip(*sums, strict=True)),
        tuple(Spread.over(list(step)) for step in zip(*[p.profile for p in passes], strict=True)),
        seeds,
    )


def network_of(
    shape: Shape,
    dynamics: Dynamics,
    depth: int,
    mu: float = -0.5,
    *,
    width: int = 512,
    batch: int = 512,
    normalise: bool = True,
    block: Block = "none",
) -> RandomNetwork:
    """The network that :func:`sgcli.theory.predicted.predicted` is about."""
    layers = temporal.layers(shape, dynamics, depth, mu)
    return RandomNetwork(shape, dynamics, layers, mu, width, batch, normalise, block)


def from_membranes(network: RandomNetwork, seeds: int) -> Predicted:
    """The flow predicted from what the currents or membranes of ``seeds`` networks were."""
    shape, dynamics = network.shape, network.dynamics
    if dynamics.time > 1:
        drawn = [observed(network, seed) for seed in range(seeds)]
        layers = [temporal.mean_layer(same) for same in zip(*drawn, strict=True)]
        return from_layers(shape, dynamics, layers)
    runs = [[(x.mean, x.deviation) for x in membranes(network, seed)] for seed in range(seeds)]
    columns = [*zip(*runs, strict=True)]
    return of_flow(
        flow.predict(
            shape,
            len(network.layers),
            network.mu,
            block=network.block,
            means=[fmean(mean for mean, _ in same) for same in columns],
            deviations=[fmean(deviation for _, deviation in same) for same in columns],
            gains=network.layers[0].variance ** -0.5,
        )
    )
