"""What a study found of gradient norms, by layer and by time step."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import accumulate
from typing import TYPE_CHECKING

from sgcli.errors import SgError
from sgcli.figures.flow import Trace, norms
from sgcli.figures.style import DEFAULT, Sheet

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from sgcli.measure.flow import Spread
    from sgcli.studies.flow_predicted import Flow, SurrogateFlow
    from sgcli.studies.flow_run import RunFlow

LAYER = ("layer (0 is the input)", "gradient norm, 1 at the top")
TIME = ("time step", "gradient norm for a loss at the last step")


def by_layer(flow: Flow, sheet: Sheet = DEFAULT) -> Figure:
    """The norm of the gradient at each layer, 1 at the top: predicted lines, measured points."""
    x = range(flow.setting.depth, -1, -1)
    traces = []
    for entry in _known(flow):
        measured = entry.measured and (
            [s.mean for s in entry.measured.log_norms],
            [s.deviation for s in entry.measured.log_norms],
        )
        traces.append(Trace(entry.shape, x, _sums(entry.predicted.ratios), *(measured or ())))
    return norms(traces, *LAYER, sheet)


def by_time(flow: Flow, sheet: Sheet = DEFAULT) -> Figure:
    """The norm of the gradient at each time step, for a loss at the last one."""
    x = range(1, flow.setting.dynamics.time + 1)
    traces = []
    for entry in _known(flow):
        measured = entry.measured and (
            [_log(s.mean) for s in entry.measured.profile],
            [_deviation_of_log(s) for s in entry.measured.profile],
        )
        logs = [_log(norm) for norm in entry.predicted.profile]
        traces.append(Trace(entry.shape, x, logs, *(measured or ())))
    return norms(traces, *TIME, sheet)


def of_run(run: RunFlow, sheet: Sheet = DEFAULT) -> Figure:
    """The norm of the gradient at each layer of a trained network, predicted and measured."""
    down = run.layers[::-1]
    predicted = _sums([layer.ratio for layer in down])
    measured = _sums([layer.measured or 0.0 for layer in down])
    trace = Trace(run.shape, range(len(down), -1, -1), predicted, measured)
    return norms([trace], *LAYER, sheet)


def _known(flow: Flow) -> list[SurrogateFlow]:
    result = [entry for entry in flow.flows if entry.predicted.ratio is not None]
    if not result:
        raise SgError("there is nothing to draw", flow.flows[0].note)
    return result


def _sums(ratios: Sequence[float]) -> list[float]:
    """log10 of the norm from the top, where it is 1, down."""
    return list(accumulate((_log(ratio) for ratio in ratios), initial=0.0))


def _log(value: float) -> float:
    return math.log10(value) if value else -math.inf


def _deviation_of_log(spread: Spread) -> float:
    return spread.deviation / spread.mean / math.log(10) if spread.deviation and spread.mean else 0
