"""The factor of gradients over depth and a parameter of the surrogate, one panel a surrogate."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import FixedLocator, FormatStrFormatter, MaxNLocator, NullLocator

from sgcli.figures.look import applied, blank
from sgcli.figures.style import DEFAULT, Sheet

if TYPE_CHECKING:
    from sgcli.studies.flow_predicted import HeatMap

MOST_DECADES = 6  # a factor beyond 10^±6 has the darkest colour
MOST_COLUMNS = 6
INK = "#222222"  # on white and on every colour of the map, whatever the style


def heatmap(maps: Sequence[HeatMap], sheet: Sheet = DEFAULT) -> Figure:
    """Factors in colour, white at 1, with the line r = 1 and a mark at the default."""
    look = sheet.style
    columns = len(maps) if len(maps) < 4 else min(MOST_COLUMNS, round(math.sqrt(1.3 * len(maps))))
    rows = math.ceil(len(maps) / columns)
    with applied(look):
        wide, high = max(1.0, 0.36 * columns), max(0.95, 0.5 * rows + 0.1)
        figure = blank(sheet, look.width * wide, look.height * high)
        panels = figure.subplots(rows, columns, sharey=True, squeeze=False)
        top = max(abs(v) for grid in maps for row in grid.logs for v in row if math.isfinite(v))
        beyond = "both" if top > MOST_DECADES else "neither"
        top = min(max(top, 1.0), MOST_DECADES)
        mark: Any = {
            "color": INK, "marker": "^", "linestyle": "", "markeredgecolor": "white",
            "markersize": 3 * look.rc["lines.linewidth"],
        }  # fmt: skip
        crossed = False
        for axes, grid in zip(panels.flat, maps, strict=False):
            axes.grid(False)
            logs = np.clip(np.array(grid.logs), -MOST_DECADES, MOST_DECADES)
            colors = axes.pcolormesh(
                grid.values, grid.depths, logs, cmap="RdBu_r", vmin=-top, vmax=top,
                shading="gouraud", rasterized=True,
            )  # fmt: skip
            if logs.min() < 0 < logs.max():
                crossed = True
                axes.contour(grid.values, grid.depths, logs, levels=[0.0], colors=INK,
                             linewidths=0.8 * look.rc["lines.linewidth"])  # fmt: skip
            axes.plot([grid.default], [grid.depths[0]], **mark, clip_on=False, zorder=4)
            axes.set_title(grid.name, fontsize=look.rc["xtick.labelsize"])
            axes.set(xscale="log", xlabel=grid.parameter)
            axes.yaxis.set_major_locator(MaxNLocator(4, integer=True))
            axes.xaxis.set_major_locator(FixedLocator(_ticks(grid.values[0], grid.values[-1])))
            axes.xaxis.set_major_formatter(FormatStrFormatter("%g"))
            axes.xaxis.set_minor_locator(NullLocator())
        for axes in panels.flat[len(maps) :]:
            axes.set_axis_off()
        for axes in panels[:, 0]:
            axes.set_ylabel("layers")
        bar = figure.colorbar(colors, ax=panels, aspect=15 * rows, pad=0.02, extend=beyond)
        bar.set_label("log10 of the gradient factor")
        handles = [Line2D([], [], color=look.ink), Line2D([], [], **mark)]
        first = 0 if crossed else 1
        figure.legend(
            handles[first:], ["r = 1", "default"][first:], loc="outside lower center", ncols=2
        )
    return figure


def _ticks(low: float, high: float) -> list[float]:
    """1 and 3 of every decade."""
    decades = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    ticks = [first * 10.0**decade for decade in decades for first in (1, 3)]
    return [tick for tick in ticks if low * 0.999 <= tick <= high * 1.001]
