"""The activity of a trained network: its spikes and its membrane potentials."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import torch
from torch import Tensor

from sgcli.measure.observe import listening
from sgcli.training.run.trainer import Trainer, generator

SAMPLES = 16  # test samples, for the membrane potentials
NEURONS = 200  # per layer in a raster, at most
BINS = 80
OUTSIDE = (0.02, 0.001)  # fractions of membrane potentials below and above the histogram


@dataclass(frozen=True)
class LayerActivity:
    """The spikes of one sample and the membrane potentials of several, in a layer of neurons.

    ``spikes`` are pairs (step, row), where rows are every ``every``-th of ``size`` neurons;
    ``share`` is the fraction of the membrane potentials x = H − v_threshold in each bin; ``rate``
    is the number of spikes per neuron and step.
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
    """The layers of a network, and the ``edges`` of the bins that they have in common."""

    surrogate: str
    steps: int
    label: int
    edges: Sequence[float]
    layers: Sequence[LayerActivity]

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Activity:
        layers = [
            LayerActivity(**{**layer, "spikes": [(t, i) for t, i in layer["spikes"]]})
            for layer in values["layers"]
        ]
        return cls(**{**values, "layers": layers})


@torch.no_grad()
def record_activity(trainer: Trainer) -> Activity | None:
    """The activity under the first test samples; the state of the training does not change.

    None if no layer calls its surrogate step by step, or a membrane potential is not finite.
    """
    part = trainer.data.test.part(0, SAMPLES)
    network = trainer.network
    surrogate = trainer.generators["surrogate"]
    before = surrogate.get_state()
    network.eval()
    try:
        with listening(network) as records:
            encoder = generator(trainer.settings.seed, "evaluation")
            outputs = trainer.outputs(part.images, encoder)
    finally:
        network.train()
        surrogate.set_state(before)
    observed = [record.observed(name) for name, record in records.items() if record.count]
    values = [layer.sample.float() for layer in observed]
    if not values or not all(bool(torch.isfinite(v).all()) for v in values):
        return None
    edges = _edges(values)
    return Activity(
        trainer.settings.surrogate,
        len(outputs[0]),
        int(part.labels[0]),
        edges.tolist(),
        [_layer(*layer, edges) for layer in zip(observed, outputs, values, strict=False)],
    )


def _edges(values: Sequence[Tensor]) -> Tensor:
    """Edges of bins of equal width for nearly all membrane potentials; 0, the threshold, is one."""
    ends = []
    for value in values:
        ordered = value.sort().values
        ends += [ordered[int(q * (len(ordered) - 1))].item() for q in (OUTSIDE[0], 1 - OUTSIDE[1])]
    low, high = min(*ends, 0.0), max(*ends, 0.0)
    width = max(high - low, 1e-6) / BINS
    first, last = int(low // width), int(-(-high // width))
    return torch.arange(first, max(last, first + 1) + 1) * width


def _layer(observed: Any, spikes: Tensor, value: Tensor, edges: Tensor) -> LayerActivity:
    fired = spikes[:, 0].flatten(1)  # [T, n] of the first sample
    size = fired.shape[1]
    every = -(-size // NEURONS)
    counts = torch.histogram(value, edges)[0]
    return LayerActivity(
        observed.name,
        size,
        every,
        [(int(t), int(i)) for t, i in fired[:, ::every].nonzero().tolist()],
        observed.rate,
        observed.mean,
        observed.deviation,
        (counts / len(value)).tolist(),
    )
