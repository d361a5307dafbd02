"""The factor of gradients over depth and a parameter of the surrogate, one panel a surrogate."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sgcli.figures.style import STYLES, applied

if TYPE_CHECKING:
    from matplotlib.figure import Figure

MOST_DECADES = 6  # a factor beyond 10^±6 has the darkest colour
MOST_COLUMNS = 6


@dataclass(frozen=True)
class HeatMap:
    """log10 of the factor through so many layers, a row for each of ``depths``, over ``values``."""

    name: str
    parameter: str
    default: float
    values: Sequence[float]
    depths: Sequence[int]
    logs: Sequence[Sequence[float]]


def heatmap(
    maps: Sequence[HeatMap],
    style: str = "default",
    width: float | None = None,
    height: float | None = None,
) -> Figure:
    """Factors in colour, white at 1, with the line r = 1 and a mark at the default."""
    import numpy as np
    from matplotlib.figure import Figure
    from matplotlib.ticker import LogFormatterSciNotation, MaxNLocator

    look = STYLES[style]
    columns = min(MOST_COLUMNS, math.ceil(math.sqrt(1.6 * len(maps))), len(maps))
    rows = math.ceil(len(maps) / columns)
    with applied(look):
        size = (
            width or look.width * max(1.0, 0.36 * columns),
            height or look.height * max(0.85, 0.5 * rows),
        )
        figure = Figure(size, layout="constrained")
        panels = figure.subplots(rows, columns, sharey=True, squeeze=False)
        top = max(abs(v) for one in maps for row in one.logs for v in row if math.isfinite(v))
        top = min(max(top, 1.0), MOST_DECADES)
        for axes, one in zip(panels.flat, maps, strict=False):
            axes.grid(False)
            logs = np.clip(np.array(one.logs), -MOST_DECADES, MOST_DECADES)
            colors = axes.pcolormesh(
                one.values, one.depths, logs, cmap="RdBu_r", vmin=-top, vmax=top,
                shading="gouraud", rasterized=True,
            )  # fmt: skip
            if logs.min() < 0 < logs.max():
                axes.contour(one.values, one.depths, logs, levels=[0.0], colors="#222222",
                             linewidths=0.8 * look.rc["lines.linewidth"])  # fmt: skip
            axes.plot([one.default], [one.depths[0]], "^", color="#222222", clip_on=False,
                      markersize=2.4 * look.rc["lines.linewidth"], zorder=4)  # fmt: skip
            axes.set_title(one.name, fontsize=look.rc["xtick.labelsize"])
            axes.set(xscale="log", xlabel=one.parameter)
            axes.yaxis.set_major_locator(MaxNLocator(4, integer=True))
            axes.xaxis.set_minor_formatter(LogFormatterSciNotation(minor_thresholds=(0, 0)))
        for axes in panels.flat[len(maps) :]:
            axes.set_axis_off()
        for axes in panels[:, 0]:
            axes.set_ylabel("layers")
        bar = figure.colorbar(colors, ax=panels, aspect=30, pad=0.02)
        bar.set_label("log10 of the factor of gradients; line: r = 1, mark: default")
    return figure
