"""How well a surrogate gradient agrees with finite differences of the spiking loss."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.figure import Figure

from sgcli.errors import SgError
from sgcli.figures import words
from sgcli.figures.frame import legend
from sgcli.figures.look import applied, blank, overlaid
from sgcli.figures.style import DEFAULT, Sheet

if TYPE_CHECKING:
    from sgcli.measure.finite_differences import Cosines

MOST_LINES = 8
MOST_OF_ONE = 4  # values of one parameter; they have an order, which a heat map shows
STEP = "step ε of the finite differences"
COSINE = "cosine with the surrogate gradient"


def agreement(results: Sequence[Cosines], sheet: Sheet = DEFAULT) -> Figure:
    """The cosine over ε: a line for each of a few surrogates, rows of a heat map for many."""
    there = [result for result in results if result.best is not None]
    if not there:
        raise SgError("there is no cosine to draw", results[0].note)
    of_one = len(words.varying([result.shape for result in there])) == 1
    kind = _lines if len(there) <= (MOST_OF_ONE if of_one else MOST_LINES) else _cells
    with applied(sheet.style):
        return kind(there, sheet)


def _lines(results: Sequence[Cosines], sheet: Sheet) -> Figure:
    look = sheet.style
    title, labels, styles = overlaid(look, [result.shape for result in results])
    figure = blank(sheet, look.width, look.height * 1.1)
    axes = figure.subplots()
    line = look.rc["lines.linewidth"]
    for result, label, shown in zip(results, labels, styles, strict=True):
        mean = np.array([np.nan if m is None else m for m in result.means])
        apart = np.array([d or 0.0 for d in result.deviations])
        axes.plot(result.epsilon, mean, label=label, **shown)
        axes.errorbar(result.epsilon, mean, apart, fmt="o", color=shown["color"], ms=1.8 * line,
                      elinewidth=0.6 * line, capsize=1.2 * line, zorder=3)  # fmt: skip
    axes.set(xscale="log", xlabel=STEP, ylabel=COSINE, title=title)
    axes.set_ylim(min(0.0, axes.get_ylim()[0]), 1.0)
    legend(figure, look, labels, "outside lower center")
    return figure


def _cells(results: Sequence[Cosines], sheet: Sheet) -> Figure:
    """A column for each ε, a row for each surrogate or value, and the cosine in each cell."""
    look, shapes = sheet.style, [result.shape for result in results]
    title, labels = words.family(shapes)
    varying = words.varying(shapes)
    if len({shape.name for shape in shapes}) == len(shapes):
        labels = [shape.name for shape in shapes]
    elif len(varying) == 1:
        labels = [f"{shape.params[varying[0]]:g}" for shape in shapes]
    cosine = np.array([[np.nan if m is None else m for m in result.means] for result in results])
    size = 0.8 * look.rc["font.size"]
    tall = max(1.1 * look.height, 1.5 * size / 72 * (len(results) + 6))
    wide = look.width * (1.4 if max(map(len, labels)) > 10 and not look.narrow else 1)
    figure = blank(sheet, wide, tall)
    axes = figure.subplots()
    lowest = min(0.0, float(np.nanmin(cosine)))
    image: Any = axes.imshow(cosine, cmap="viridis", vmin=lowest, vmax=1.0, aspect="auto")
    axes.grid(False)
    axes.set_xticks(range(len(results[0].epsilon)), [f"{e:g}" for e in results[0].epsilon])
    axes.set_yticks(range(len(results)), labels, fontsize=size)
    for (row, column), value in np.ndenumerate(cosine):
        color = "white" if image.norm(value) < 0.6 else "black"
        text = "–" if np.isnan(value) else f"{value:.2f}"
        axes.text(column, row, text, ha="center", va="center", color=color, fontsize=size)
    axes.set(xlabel=STEP, ylabel=varying[0] if len(varying) == 1 else "", title=title)
    below = len(results) > 2 * MOST_LINES and look.narrow
    place: Any = "bottom" if below else "right"
    figure.colorbar(image, ax=axes, label=COSINE, pad=0.02, location=place)
    return figure
