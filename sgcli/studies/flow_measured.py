"""Gradient flow predicted, and measured in networks."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from sgcli.definitions.core import Shape
from sgcli.measure import network
from sgcli.measure.flow import from_membranes, network_of
from sgcli.measure.flow import measure as measure_network
from sgcli.studies.flow_predicted import (
    Flow,
    Setting,
    SurrogateFlow,
    judged,
    known,
    predicted_for,
    unmeasured,
)
from sgcli.theory.membranes import Membranes, histogram


def measure(shapes: Sequence[Shape], setting: Setting, begin: Callable[[int, Shape], None]) -> Flow:
    """Predict and measure the flow of each shape; ``begin`` hears of each, counted from 1."""
    flows = []
    for count, shape in enumerate(shapes, 1):
        begin(count, shape)
        flows.append(_measured(shape, setting))
    return Flow(setting, tuple(flows))


def _measured(shape: Shape, setting: Setting) -> SurrogateFlow:
    prediction = predicted_for(shape, setting)
    if prediction.note:
        return unmeasured(prediction, setting)
    built = _network(shape, setting)
    if not setting.normalise:
        prediction = from_membranes(built, setting.seeds)
    measured = measure_network(built, setting.seeds)
    if not measured.ratio.mean:
        note = "not measured: in the network the gradient became exactly 0"
        return unmeasured(prediction, setting, note)
    return SurrogateFlow(prediction, measured, judged(prediction, setting), "")


def _network(shape: Shape, setting: Setting) -> network.RandomNetwork:
    return network_of(
        shape,
        setting.dynamics,
        setting.depth,
        setting.mu,
        width=setting.units,
        batch=setting.batch,
        normalise=setting.normalise,
        block=setting.block,
    )


def membranes(flow: Flow) -> Membranes:
    """Count the membranes of the top layer of one network, of the first surrogate with a flow.

    Raises :class:`~sgcli.errors.SgError` where none has one.
    """
    shapes = known(flow)
    top = network.membranes(_network(shapes[0], flow.setting), 0)[-1]
    return histogram({f"layer {flow.setting.depth}": top.sample.numpy()}, shapes)
