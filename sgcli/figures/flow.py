"""What surrogates do to gradients through depth and time: predicted lines, measured points."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import LogFormatter, MaxNLocator

from sgcli.definitions import Shape
from sgcli.figures.frame import MOST_BELOW, legend, reference
from sgcli.figures.look import applied, blank, overlaid
from sgcli.figures.style import DEFAULT, Sheet, Style

DECADES = 100  # a range of so much has numbers of its own at its ticks
LINE = 1.25  # height of a name beside a line, in font sizes
PART = 0.86  # of the height of the figure, for the axes
LEADER = (0.985, 1.08)  # from the end of a line to its name, in widths of the axes
MOST_POINTS = 12  # marked of a curve


@dataclass(frozen=True)
class Trace:
    """log10 of gradient norms, predicted and measured with its standard deviation, at places x."""

    shape: Shape
    x: Sequence[float]
    predicted: Sequence[float] | None = None
    measured: Sequence[float] | None = None
    deviation: Sequence[float | None] | None = None


class Plain(LogFormatter):
    """Numbers as they are, at the ticks that matplotlib would give one."""

    def __call__(self, x: float, pos: int | None = None) -> str:
        return f"{x:g}" if super().__call__(x, pos) else ""


def norms(traces: Sequence[Trace], xlabel: str, ylabel: str, sheet: Sheet = DEFAULT) -> Figure:
    """Gradient norms on a log scale, the largest x on the left: gradients flow backwards."""
    look = sheet.style
    shapes = [trace.shape for trace in traces]
    title, labels, lines = overlaid(look, shapes)
    many = len(traces) > MOST_BELOW
    with applied(look):
        high = max(1.1 * look.height, (len(traces) * LINE * _size(look) + 50) / 72)
        figure = blank(sheet, look.width, high)
        axes = figure.subplots()
        reference(axes, look)
        for trace, label, line in zip(traces, labels, lines, strict=True):
            _trace(axes, trace, label, line, look, thin=many)
        axes.set(xlabel=xlabel, ylabel=ylabel, yscale="log", title=title)
        if any(trace.predicted is not None and trace.measured is not None for trace in traces):
            # This corner is free: gradients start at 1 here. Further along the lines may be
            # crowded.
            axes.text(
                0.02, 0.03, "lines predicted, circles measured ± sd", transform=axes.transAxes,
                fontsize=_size(look),
            )  # fmt: skip
        low, high = axes.get_ylim()
        if high < DECADES * low:  # 0.6 and not 6 × 10^−1, where there are few of them
            axes.yaxis.set_major_formatter(Plain(labelOnlyBase=False))
            axes.yaxis.set_minor_formatter(Plain(labelOnlyBase=False))
        axes.xaxis.set_major_locator(MaxNLocator(integer=True, steps=[1, 2, 5, 10]))
        low, high = (end(x for trace in traces for x in trace.x) for end in (min, max))
        room = 0.02 * (high - low)
        axes.set_xlim(high + room, low - room)
        if many:
            unique = len({shape.name for shape in shapes}) == len(shapes)
            names = [shape.name for shape in shapes] if unique else labels
            _beside(axes, traces, names, lines, look, figure.get_figheight())
        else:
            legend(figure, look, labels, "outside lower center")
    return figure


def _size(look: Style) -> float:
    """Of the labels beside lines, in points."""
    return 0.85 * float(look.rc["legend.fontsize"])


def _beside(
    axes: Axes,
    traces: Sequence[Trace],
    labels: Sequence[str],
    lines: Sequence[Any],
    look: Style,
    height: float,
) -> None:
    """Each label beside the end of its line, moved up or down from there as far as need be."""
    low, high = (math.log10(end) for end in axes.get_ylim())
    ends = [(trace.predicted or trace.measured or [0.0])[-1] for trace in traces]
    places = [min(max((end - low) / (high - low), 0.0), 1.0) for end in ends]
    order = sorted(range(len(traces)), key=places.__getitem__)
    gap = LINE * _size(look) / 72 / (PART * height)
    for i, place in zip(order, spaced([places[i] for i in order], gap), strict=True):
        axes.plot(
            [LEADER[0], LEADER[1]],
            [places[i], place],
            color=lines[i]["color"],
            linewidth=0.5 * look.rc["lines.linewidth"],
            transform=axes.transAxes,
            clip_on=False,
            label="_leader",
        )
        axes.text(
            LEADER[1] + 0.01,
            place,
            labels[i],
            fontsize=_size(look),
            verticalalignment="center",
            transform=axes.transAxes,
        )


def spaced(places: Sequence[float], gap: float) -> list[float]:
    """Ascending places in [0, 1], moved to be ``gap`` apart, or as far as there is room."""
    gap = min(gap, 1 / max(len(places) - 1, 1))
    result: list[float] = []
    for place in places:
        result.append(max(place, result[-1] + gap) if result else place)
    limit = 1.0
    for i in reversed(range(len(result))):
        result[i] = min(result[i], limit)
        limit = result[i] - gap
    return result


def _trace(axes: Axes, trace: Trace, label: str, line: Any, look: Style, thin: bool) -> None:
    """The predicted line and the measured points, or the measured line where none is predicted."""
    size = look.rc["lines.linewidth"] * (0.75 if thin else 1)
    if trace.predicted is not None:
        axes.plot(trace.x, _power(trace.predicted), label=label, linewidth=size, **line)
    if trace.measured is not None:
        values = _power(trace.measured)
        every = -(-len(trace.x) // MOST_POINTS)
        apart = [d or 0.0 for d in trace.deviation or [0.0] * len(values)]
        low = [v - v / 10**d for v, d in zip(values, apart, strict=True)]
        high = [v * 10**d - v for v, d in zip(values, apart, strict=True)]
        axes.errorbar(
            trace.x,
            values,
            yerr=[low, high],
            errorevery=every,
            markevery=every,
            fmt="o",
            color=line["color"],
            markerfacecolor=axes.get_facecolor(),
            markeredgewidth=0.7 * size,
            markersize=2.4 * size,
            elinewidth=0.8 * size,
            zorder=3,
            label=label if trace.predicted is None else "_measured",
        )


def _power(logs: Sequence[float]) -> list[float]:
    """10^log; what is out of the range of a figure is not drawn."""
    return [10**log if -300 < log < 300 else float("nan") for log in logs]
