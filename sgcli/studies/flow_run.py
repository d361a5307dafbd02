"""Gradient flow in a network that train-toy has trained, from what its membranes do."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from sgcli.definitions.core import Shape
from sgcli.measure.observe import observe
from sgcli.measure.stack import through
from sgcli.theory.flow import BOUNDS, Verdict, judge
from sgcli.theory.membranes import Membranes, histogram
from sgcli.theory.predicted import from_layers
from sgcli.theory.temporal import predict_stacks
from sgcli.training.run.reopen import reopen


@dataclass(frozen=True)
class LayerFlow:
    """One layer of a trained network, counted from 1 at the input.

    ``mean`` and ``deviation`` are those of the membrane minus the threshold, ``rate`` is spikes a
    neuron and step, ``squared_weights`` Σw² of a neuron. Ratios of gradient norms: ``ratio`` is
    predicted from the currents as they are, ``gaussian`` from Gaussian ones of the same covariance,
    ``measured`` that of a random gradient and ``of_loss`` that of the loss, None where it is 0.
    """

    layer: int
    neurons: int
    mean: float
    deviation: float
    rate: float
    squared_weights: float
    gaussian: float
    ratio: float
    measured: float | None
    of_loss: float | None

    @property
    def relative_error(self) -> float | None:
        """Deviation of the measured from the predicted ratio, in per cent."""
        return 100 * (self.measured / self.ratio - 1) if self.measured and self.ratio else None


@dataclass(frozen=True)
class RunFlow:
    """The layers of a run from the first up, and the factors of gradients through all of them.

    ``error`` is the Monte-Carlo standard error of the predicted ratios' geometric mean.
    """

    folder: Path
    shape: Shape
    samples: int
    layers: tuple[LayerFlow, ...]
    factor: float
    error: float | None
    gaussian_factor: float | None
    measured_factor: float
    loss_factor: float
    verdict: Verdict
    membranes: Membranes


def observe_run(
    folder: Path,
    batch: int = 512,
    bounds: tuple[float, float] = BOUNDS,
    note: Callable[[str], None] = lambda text: None,
) -> RunFlow:
    """Predict and measure the flow in the run's last checkpoint, under ``batch`` test samples.

    ``note`` hears of a damaged checkpoint that is passed over. Raises
    :class:`~sgcli.errors.SgError` for a folder without such a network.
    """
    run = reopen(folder, note)
    shape, stack = run.settings.shape, run.stack()
    x, labels = run.samples(batch)
    observed = observe(run.network, x, len(x))
    measured = through(stack, x, run.loss(labels))
    predicted = predict_stacks(shape, run.dynamics(), measured.draws)
    gaussian = from_layers(shape, run.dynamics(), measured.layers)
    downwards = (gaussian.ratios, predicted.ratios, measured.random, measured.loss)
    layers = [
        LayerFlow(
            layer,
            fed.linear.out_features,
            membrane.mean,
            membrane.deviation,
            membrane.rate,
            fed.squared_weights(),
            normal,
            ratio,
            random or None,
            of_loss or None,
        )
        for layer, (fed, membrane, normal, ratio, random, of_loss) in enumerate(
            zip(stack, observed, *(ratios[::-1] for ratios in downwards), strict=True), 1
        )
    ]
    factor = predicted.factor or 0.0
    return RunFlow(
        folder,
        shape,
        len(labels),
        tuple(layers),
        factor,
        predicted.error,
        gaussian.factor,
        math.prod(measured.random),
        math.prod(measured.loss),
        judge(factor, bounds),
        histogram(
            {f"layer {i}": one.sample.numpy() for i, one in enumerate(observed, 1)},
            [shape],
        ),
    )
