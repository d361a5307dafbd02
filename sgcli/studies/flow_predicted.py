"""Gradient flow predicted: no network is built, torch is not imported."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import TYPE_CHECKING

from sgcli.definitions.core import Shape
from sgcli.errors import SgError
from sgcli.theory import temporal
from sgcli.theory.currents import Dynamics
from sgcli.theory.flow import BOUNDS, Block, Verdict, judge
from sgcli.theory.membranes import Membranes, histogram
from sgcli.theory.predicted import Predicted, predicted

if TYPE_CHECKING:  # it measures with torch
    from sgcli.measure.flow import MeasuredFlow

ONE_STEP = Dynamics.of(1)
VALUES = 33  # of the parameter in a heat map
SLOW_VALUES = 13  # where each is a Monte-Carlo study


@dataclass(frozen=True)
class Setting:
    """The network, the same for all surrogates.

    ``mu`` is the mean of the membrane minus the threshold in standard deviations. ``units`` is the
    width of a layer, ``batch`` the samples and ``seeds`` the networks that are measured. With
    ``normalise`` the current of each unit is standardised over the batch. ``bounds`` are the
    factors below which gradients vanish and above which they explode.
    """

    depth: int = 20
    dynamics: Dynamics = ONE_STEP
    mu: float = -0.5
    units: int = 512
    batch: int = 512
    seeds: int = 5
    normalise: bool = True
    block: Block = "none"
    bounds: tuple[float, float] = BOUNDS

    def __post_init__(self) -> None:
        low, high = self.bounds
        if low >= high:
            raise SgError(f"the bounds {low:g},{high:g} are out of order", "the smaller one first")


@dataclass(frozen=True)
class SurrogateFlow:
    """The flow of one surrogate; ``measured`` is None where nothing was, ``note`` says why."""

    predicted: Predicted
    measured: MeasuredFlow | None
    verdict: Verdict | None
    note: str

    @property
    def shape(self) -> Shape:
        return self.predicted.shape

    @property
    def relative_error(self) -> float | None:
        """Deviation of the measured from the predicted ratio, in per cent."""
        ratio = self.measured.ratio.mean if self.measured else None
        return 100 * (ratio / self.predicted.ratio - 1) if ratio and self.predicted.ratio else None


@dataclass(frozen=True)
class Flow:
    """What becomes of gradients in a network, one result a surrogate."""

    setting: Setting
    flows: tuple[SurrogateFlow, ...]


def predict(shapes: Sequence[Shape], setting: Setting) -> Flow:
    """Predict the flow of each shape; raises :class:`SgError` for currents as they are."""
    if not setting.normalise:
        raise SgError(
            "currents without normalisation cannot be predicted alone",
            "leave out --predict, or --no-normalise",
        )
    return Flow(setting, tuple(unmeasured(predicted_for(s, setting), setting) for s in shapes))


def predicted_for(shape: Shape, setting: Setting) -> Predicted:
    """The prediction where currents are standardised."""
    return predicted(shape, setting.dynamics, setting.depth, setting.mu, setting.block)


def unmeasured(prediction: Predicted, setting: Setting, note: str = "") -> SurrogateFlow:
    """The result where there is a prediction alone, or not even that."""
    return SurrogateFlow(prediction, None, judged(prediction, setting), note or prediction.note)


def judged(prediction: Predicted, setting: Setting) -> Verdict | None:
    return None if prediction.factor is None else judge(prediction.factor, setting.bounds)


def membranes(flow: Flow) -> Membranes:
    """Predict where the membranes of the top layer are; of the first surrogate with a flow.

    Raises :class:`SgError` where none has one.
    """
    shapes = known(flow)
    setting = flow.setting
    x = temporal.membranes(shapes[0], setting.dynamics, setting.depth, setting.mu)
    return histogram({f"layer {setting.depth}": x}, shapes)


def known(flow: Flow) -> list[Shape]:
    """The shapes whose flow is known; raises :class:`SgError` where there is none."""
    result = [entry.shape for entry in flow.flows if entry.predicted.ratio is not None]
    if not result:
        raise SgError("there is nothing to draw", flow.flows[0].note)
    return result


@dataclass(frozen=True)
class HeatMap:
    """log10 of the factor through so many layers, a row for each of ``depths``, over ``values``."""

    name: str
    parameter: str
    default: float
    values: Sequence[float]
    depths: Sequence[int]
    logs: Sequence[Sequence[float]]


def heat_maps(flow: Flow, progress: Callable[[str], None] = lambda text: None) -> list[HeatMap]:
    """The factors over depth and the steepness, of each surrogate that has a parameter above 0.

    ``progress`` hears of each. Raises :class:`SgError` where none has one.
    """
    maps = []
    for shape in known(flow):
        if has_heat_map(shape):
            progress(f"{shape.name} over {shape.definition.adjustable()}")
            maps.append(_heat_map(shape, flow.setting))
    if not maps:
        raise SgError("none of these has a parameter above 0 to vary", "--figure layers")
    return maps


def has_heat_map(shape: Shape) -> bool:
    """Whether the steepness is a real parameter above 0."""
    name = shape.definition.adjustable()
    low, high = shape.definition.params[name].typical if name else (0.0, 0.0)
    return 0 < low < high


def _heat_map(shape: Shape, setting: Setting) -> HeatMap:
    name = shape.definition.adjustable()
    param, own = shape.definition.params[name], shape.params[name]
    count = VALUES if setting.dynamics.time == 1 else SLOW_VALUES
    low, high = min(param.typical[0], own / 2), max(param.typical[1], own * 2)
    even = [low * (high / low) ** (i / (count - 1)) for i in range(count)]
    kept, columns = [], []
    for value in (value for value in even if value in param.interval):
        entry = Shape.of(shape.definition, **{**shape.params, name: value})
        if ratios := predicted_for(entry, setting).ratios:
            logs = [math.log10(ratio) if ratio else -math.inf for ratio in ratios]
            kept.append(value)
            columns.append(list(accumulate(logs)))
    rows = [list(row) for row in zip(*columns, strict=True)]
    return HeatMap(shape.name, name, own, kept, range(1, setting.depth + 1), rows)
