"""Distances between gradients: a heat map with what is close side by side, and a dendrogram."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib import colormaps
from matplotlib.axes import Axes
from matplotlib.colors import PowerNorm
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from sgcli.figures import words
from sgcli.figures.look import applied, blank
from sgcli.figures.style import DEFAULT, Sheet, Style
from sgcli.numerics.cluster import Tree
from sgcli.theory.distance import Distances

TITLE = {"peak": "∫ |f − g| dx, both of peak 1", "area": "∫ |f − g| dx, both of area 1"}
FEW = 6  # so many shapes have room for the numbers in the cells
SMALLEST = 0.55  # of the font size, for the names of many shapes


def heat_maps(results: Sequence[Distances], sheet: Sheet = DEFAULT) -> Figure:
    """A heat map and a dendrogram for each normalisation that at least two shapes have.

    Where one column of a journal is all there is, they stand one above the other.
    """
    look = sheet.style
    results = [result for result in results if len(result.usable) > 1]
    stacked = look.narrow
    with applied(look):
        rows = max(len(result.usable) for result in results)
        font = look.rc["font.size"]
        # A line of text needs this height at the smallest size of the names.
        tall = max(look.height, (rows * 1.25 * SMALLEST + 7) * font / 72)
        across, down = (1, len(results)) if stacked else (len(results), 1)
        wide = look.width * (1 if stacked else 1 if len(results) == 1 else 1.9)
        figure = blank(sheet, wide, tall * down)
        pad = 0.3 * font / 72
        engine: Any = figure.get_layout_engine()
        engine.set(w_pad=pad, h_pad=pad, wspace=0.03, hspace=0.03)
        panels = figure.subfigures(down, across, squeeze=False)
        for panel, result in zip(panels.flat, results, strict=True):
            map_, side = panel.subplots(1, 2, width_ratios=(1, 0.28), sharey=True)
            tree = result.tree()
            _map(panel, map_, result, tree, look)
            _dendrogram(side, tree, look)
            panel.suptitle(TITLE[result.norm], fontsize=look.rc["axes.titlesize"])
    return figure


def _names(distances: Distances) -> list[str]:
    """Names alone where no two of them are alike, else with what they differ in."""
    shapes = [distances.shapes[i] for i in distances.usable]
    if len({shape.name for shape in shapes}) == len(shapes):
        return [shape.name for shape in shapes]
    title, labels = words.family(shapes)
    return [f"{shapes[0].name}, {label}" for label in labels] if title else labels


def _map(panel: Any, axes: Axes, distances: Distances, tree: Tree, look: Style) -> None:
    names, usable = _names(distances), distances.usable
    order = [usable[leaf] for leaf in tree.leaves]
    values = np.array([[distances.matrix[i][j] for j in order] for i in order], dtype=np.float64)
    finite = np.ma.masked_invalid(values)
    colors = colormaps["viridis_r"].with_extremes(bad=look.rc["grid.color"])
    # By square roots, so that one far shape does not make all others look alike.
    norm = PowerNorm(0.5, vmin=0, vmax=float(finite.max()) or 1.0)
    image = axes.imshow(finite, colors, norm, aspect="auto", interpolation="nearest")
    bar = panel.colorbar(image, ax=axes, location="bottom", fraction=0.06, aspect=30, pad=0.02)
    bar.locator = MaxNLocator(4)  # the scale crowds its larger numbers
    bar.outline.set_linewidth(look.rc["axes.linewidth"])
    if finite.mask.any():
        bar.set_label("grey: infinite")
    size = look.rc["font.size"]
    room = panel.bbox.height / panel.dpi * 72 * 0.78 / len(order)
    fit = min(0.9 * size, max(SMALLEST * size, 0.8 * room))
    axes.set_yticks(range(len(order)), [names[leaf] for leaf in tree.leaves], fontsize=fit)
    axes.set_xticks([])
    axes.tick_params(left=False)
    axes.grid(visible=False)
    axes.spines[:].set_visible(False)
    if len(order) <= FEW:
        _numbers(axes, values, image, 0.9 * size)


def _numbers(axes: Axes, values: Any, image: Any, size: float) -> None:
    """The distances in the cells, in white or black, whichever stands out."""
    for (i, j), value in [((i, j), v) for i, row in enumerate(values) for j, v in enumerate(row)]:
        red, green, blue, _ = image.cmap(image.norm(value)) if math.isfinite(value) else (1,) * 4
        dark = 0.3 * red + 0.59 * green + 0.11 * blue < 0.5
        text = f"{value:.2f}" if math.isfinite(value) else "∞"
        color = "white" if dark else "black"
        axes.text(j, i, text, ha="center", va="center", color=color, fontsize=size)


def _dendrogram(axes: Axes, tree: Tree, look: Style) -> None:
    """Merges at the mean distance of what is merged; what is infinitely far apart stays so."""
    place: dict[tuple[int, ...], tuple[float, float]] = {}
    for position, leaf in enumerate(tree.leaves):
        place[leaf,] = (0.0, float(position))
    for merged in tree.merges():
        (x0, y0), (x1, y1) = (place[child.leaves] for child in merged.children)
        place[merged.leaves] = (merged.height, (y0 + y1) / 2)
        if math.isfinite(merged.height):
            line = look.rc["lines.linewidth"] * 0.6
            axes.plot([x0, merged.height, merged.height, x1], [y0, y0, y1, y1],
                      color=look.ink, linewidth=line, solid_joinstyle="miter")  # fmt: skip
    axes.grid(visible=False)
    axes.spines["left"].set_visible(False)
    axes.tick_params(left=False, labelleft=False)
    farthest = max([t.height for t in tree.merges() if math.isfinite(t.height)], default=0.0)
    axes.set_xscale("function", functions=(lambda x: np.sqrt(np.maximum(x, 0)), np.square))
    axes.set_xlim(0, 1.05 * farthest or 1.0)
    axes.set_xlabel("distance" if farthest else "")
    axes.set_xticks([0.0, farthest] if farthest else [], minor=False)
    axes.xaxis.set_major_formatter(lambda x, _: f"{x:.2g}")
