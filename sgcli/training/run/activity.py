"""What a trained network does: which neurons fire when, and where their membranes are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import torch
from torch import Tensor

from sgcli.measure.observe import listening
from sgcli.training.run.trainer import Trainer, generator

SAMPLES = 16  # of the test set, for the membranes
NEURONS = 200  # of a layer in a raster
BINS = 80
OUTSIDE = (0.02, 0.001)  # share of a layer's membranes below and above the histogram


@dataclass(frozen=True)
class LayerActivity:
    """The spikes of one sample and the membranes of several in a layer of ``size`` neurons.

    ``spikes`` are (step, row) of the neurons that are drawn, every ``every``-th one; ``share`` is
    that of all membranes x = H − v_threshold in each bin; ``rate`` is spikes a neuron and step.
    """

    name: str
    size: int
    every: int
    spikes: Sequence[tuple[int, int]]
    rate: float
    mean: float
    deviation: float
    share: Sequence[float]


@dataclass(frozen=True)
class Activity:
    """The layers of a network and the ``edges`` of the bins that they share."""

    surrogate: str
    steps: int
    label: int
    edges: Sequence[float]
    layers: Sequence[LayerActivity]

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_dict(cls, found: Mapping[str, Any]) -> Activity:
        layers = [
            LayerActivity(**{**layer, "spikes": [(t, i) for t, i in layer["spikes"]]})
            for layer in found["layers"]
        ]
        return cls(**{**found, "layers": layers})


@torch.no_grad()
def activity(trainer: Trainer) -> Activity | None:
    """Of the first test samples, none of which changes the state of the training.

    None where no layer asks its surrogate step by step, or a membrane is no number.
    """
    part = trainer.data.test.part(0, SAMPLES)
    network = trainer.network
    surrogate = trainer.generators["surrogate"]
    drawn = surrogate.get_state()
    network.eval()
    try:
        with listening(network) as records:
            encoder = generator(trainer.settings.seed, "evaluation")
            outputs = trainer.outputs(part.images, encoder)
    finally:
        network.train()
        surrogate.set_state(drawn)
    heard = {name: record.observed(name) for name, record in records.items() if record.count}
    layers = [(one, s) for one, s in zip(heard.values(), outputs, strict=False)]
    values = [one.sample.float() for one, _ in layers]
    if not values or not all(bool(torch.isfinite(v).all()) for v in values):
        return None
    edges = _edges(values)
    return Activity(
        trainer.settings.surrogate,
        len(outputs[0]),
        int(part.labels[0]),
        edges.tolist(),
        [
            _layer(one, spikes, value, edges)
            for (one, spikes), value in zip(layers, values, strict=True)
        ],
    )


def _edges(values: Sequence[Tensor]) -> Tensor:
    """Bins of equal width over nearly all membranes, the threshold at 0 among their edges."""
    ends = []
    for value in values:
        ordered = value.sort().values
        ends += [ordered[int(q * (len(ordered) - 1))].item() for q in (OUTSIDE[0], 1 - OUTSIDE[1])]
    low, high = min(*ends, 0.0), max(*ends, 0.0)
    width = max(high - low, 1e-6) / BINS
    first, last = int(low // width), int(-(-high // width))
    return torch.arange(first, max(last, first + 1) + 1) * width


def _layer(one: Any, spikes: Tensor, value: Tensor, edges: Tensor) -> LayerActivity:
    fired = spikes[:, 0].flatten(1)  # [T, n] of the first sample
    size = fired.shape[1]
    every = -(-size // NEURONS)
    counts = torch.histogram(value, edges)[0]
    return LayerActivity(
        one.name,
        size,
        every,
        [(int(t), int(i)) for t, i in fired[:, ::every].nonzero().tolist()],
        one.rate,
        one.mean,
        one.deviation,
        (counts / len(value)).tolist(),
    )
