"""The figures of sg compare --depth: by layer, by time step, over a parameter, of the membrane."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from itertools import accumulate
from typing import Any

from sgcli.cli.console import Talk
from sgcli.errors import SgError

VALUES = 33  # of the parameter in a heat map
SLOW_VALUES = 13  # where each is a Monte-Carlo study


def check(figure: str, setting: Any) -> None:
    """Raise :class:`SgError` for a figure that the study cannot have."""
    if figure not in FIGURES:
        raise SgError(f"--figure {figure} is none of --depth", f"it has {', '.join(FIGURES)}")
    if figure == "time" and setting.dynamics.time == 1:
        raise SgError("--figure time needs time steps", "as --time 8")
    if figure == "heatmap" and setting.depth == 1:
        raise SgError("--figure heatmap needs layers", "as --depth 20")


def draw(
    figure: str,
    found: Sequence[Any],
    setting: Any,
    talk: Talk,
    predict: bool,
    style: str,
    width: float | None,
    height: float | None,
) -> Any:
    there = [one for one in found if one.predicted.ratio is not None]
    if not there:
        raise SgError("there is nothing to draw", found[0].note)
    return FIGURES[figure](there, setting, talk, predict, style, width, height)


def _layers(found: Any, setting: Any, talk: Talk, predict: bool, *look: Any) -> Any:
    from sgcli.figures.flow import Trace, norms

    depth = setting.depth
    traces = []
    for one in found:
        logs = [0.0]
        for ratio in one.predicted.ratios:
            logs.append(logs[-1] + (math.log10(ratio) if ratio else -math.inf))
        traces.append(_trace(Trace, one, range(depth, -1, -1), logs, "log_norms"))
    return norms(traces, "layer (0 is the input)", "gradient norm, 1 at the top", *look)


def _time(found: Any, setting: Any, talk: Talk, predict: bool, *look: Any) -> Any:
    from sgcli.figures.flow import Trace, norms

    steps = range(1, setting.dynamics.time + 1)
    traces = []
    for one in found:
        logs = [math.log10(p) if p else -math.inf for p in one.predicted.profile]
        traces.append(_trace(Trace, one, steps, logs, "profile"))
    return norms(traces, "time step", "gradient norm for a loss at the last step", *look)


def _trace(make: Any, one: Any, x: Sequence[int], logs: list[float], name: str) -> Any:
    """Predicted logs, beside them what was measured: of a profile as such, of norms as logs."""
    if one.measured is None:
        return make(one.shape, x, logs)
    spreads = getattr(one.measured, name)
    if name == "log_norms":
        means, apart = [s.mean for s in spreads], [s.deviation for s in spreads]
    else:
        means = [math.log10(s.mean) if s.mean else -math.inf for s in spreads]
        apart = [
            s.deviation / s.mean / math.log(10) if s.deviation and s.mean else 0.0 for s in spreads
        ]
    return make(one.shape, x, logs, means, apart)


def _heatmap(found: Any, setting: Any, talk: Talk, predict: bool, *look: Any) -> Any:
    from sgcli.figures.heatmap import HeatMap, heatmap

    maps = []
    for one in found:
        name = one.shape.definition.adjustable()
        low, high = one.shape.definition.params[name].typical if name else (0.0, 0.0)
        if not 0 < low < high:
            talk.say(f"{one.shape.label}: no panel, it has no parameter above 0 to vary")
            continue
        talk.step(f"{one.shape.name}: {name} from {low:g} to {high:g}")
        maps.append(_map(HeatMap, one.shape, name, low, high, setting))
    talk.stepped()
    if not maps:
        raise SgError("none of these has a parameter above 0 to vary", "--figure layers")
    return heatmap(maps, *look)


def _map(make: Any, shape: Any, name: str, low: float, high: float, setting: Any) -> Any:
    """log10 of the factor through the top l layers, for values of a parameter."""
    from sgcli.definitions import Shape
    from sgcli.theory.predicted import predicted

    count = VALUES if setting.dynamics.time == 1 else SLOW_VALUES
    own = shape.params[name]
    low, high = min(low, own / 2), max(high, own * 2)
    even = [low * (high / low) ** (i / (count - 1)) for i in range(count)]
    values = [value for value in even if value in shape.definition.params[name].interval]
    kept, columns = [], []
    for value in values:
        one = Shape.of(shape.definition, **{**shape.params, name: value})
        ratios = predicted(one, setting.dynamics, setting.depth, setting.mu, setting.block).ratios
        if ratios:
            logs = [math.log10(ratio) if ratio else -math.inf for ratio in ratios]
            kept.append(value)
            columns.append(list(accumulate(logs)))
    rows = [list(row) for row in zip(*columns, strict=True)]
    return make(shape.name, name, own, kept, range(1, setting.depth + 1), rows)


def _membrane(found: Any, setting: Any, talk: Talk, predict: bool, *look: Any) -> Any:
    from sgcli.figures.membrane import membrane
    from sgcli.theory.membranes import histogram
    from sgcli.theory.temporal import membranes

    shapes = [one.shape for one in found]
    if len({shape.definition.forward for shape in shapes}) > 1:
        talk.say(f"the membranes are those of {shapes[0].label}; not all of these fire alike")
    x = (
        membranes(shapes[0], setting.dynamics, setting.depth, setting.mu)
        if predict
        else _measured(shapes[0], setting)
    )
    return membrane(histogram({f"layer {setting.depth}": x}, shapes), *look)


def _measured(shape: Any, setting: Any) -> Any:
    """The membranes of the top layer of one network."""
    from sgcli.measure.network import membranes

    return membranes(setting.network(shape), 0)[-1].sample.numpy()


FIGURES: dict[str, Callable[..., Any]] = {
    "layers": _layers,
    "time": _time,
    "heatmap": _heatmap,
    "membrane": _membrane,
}
