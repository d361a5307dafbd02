"""What is around the curves: limits, scales, the line at 1, one legend for several panels."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from sgcli.definitions.evaluate import Curve
from sgcli.figures.style import Style
from sgcli.theory.curves import Sampled

MOST_BELOW = 8  # lines; a longer legend stands beside the panels
DECADES = 8  # how far below the largest value a log scale goes


def dotted(style: Style) -> dict[str, Any]:
    """The look of a line that only helps to read a figure."""
    width = 0.6 * style.rc["lines.linewidth"]
    return {"color": style.ink, "linestyle": ":", "linewidth": width}


def reference(axes: Axes, style: Style) -> None:
    """A dotted line at 1: the height of a spike, and of every default gradient."""
    axes.axhline(1.0, **dotted(style), zorder=1.5, label="_one")


def frame(
    axes: Axes,
    sampled: Sequence[Sampled],
    curves: Sequence[Curve],
    log: bool,
    room: tuple[float, float] = (0.06, 0.12),
) -> None:
    """Limits that hold the named curves and the line at 1, with room below and above."""
    axes.set_xlim(min(curve.x[0] for curve in sampled), max(curve.x[-1] for curve in sampled))
    y = np.concatenate([curve.y[c] for curve in sampled for c in curves if c in curve.y])
    if log:
        seen = y[y > 0]
        top = max(seen.max(initial=0), 1.0)
        low = max(seen.min(initial=top), top / 10**DECADES)
        axes.set_yscale("log")
        axes.set_ylim(low / 1.6, top * 2.5)
    else:
        low, high = min(y.min(), 0.0), max(y.max(), 1.0)
        axes.set_ylim(low - room[0] * (high - low), high + room[1] * (high - low))


def columns_beside(style: Style, entries: int, height: float) -> int:
    """How many columns a legend needs to be no higher than a figure of ``height`` inches."""
    line: float = 1.6 * style.rc["legend.fontsize"] / 72
    return math.ceil(entries * line / height)


def below(style: Style, labels: Sequence[str], width: float) -> tuple[int, float]:
    """The columns and the height in inches of a legend below panels of ``width`` inches."""
    em = style.rc["legend.fontsize"] / 72
    entry = (0.55 * max(map(len, labels)) + 4.5) * em
    columns = max(1, min(len(labels), int(width / entry)))
    return columns, math.ceil(len(labels) / columns) * 1.6 * em


def legend(figure: Figure, style: Style, labels: Sequence[str], place: Any) -> None:
    """One legend for all panels, outside them at ``place``, in as many columns as fit."""
    result: dict[str, Any] = {}
    for axes in figure.axes:
        for line, label in zip(*axes.get_legend_handles_labels(), strict=True):
            result.setdefault(label, line)
    beside = columns_beside(style, len(labels), figure.get_figheight())
    under, _ = below(style, labels, figure.get_figwidth())
    columns = beside if "right" in place else under
    figure.legend([result[label] for label in labels], labels, loc=place, ncols=columns)
    pad = 0.5 * style.rc["font.size"] / 72
    engine: Any = figure.get_layout_engine()
    engine.set(w_pad=pad, h_pad=pad, wspace=0.02, hspace=0.02)
