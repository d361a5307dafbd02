"""Surrogate gradients and what Monte-Carlo finds for a neuron that fires at random."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from sgcli.errors import SgError
from sgcli.figures import words
from sgcli.figures.frame import legend
from sgcli.figures.lines import draw
from sgcli.figures.look import applied, blank
from sgcli.figures.style import DEFAULT, Sheet, Style
from sgcli.theory.curves import sample
from sgcli.theory.escape import Escape

MOST_COLUMNS = 4
LABELS = ("surrogate gradient", "Monte-Carlo, with its interval")


def intervals(results: Sequence[Escape], sheet: Sheet = DEFAULT) -> Figure:
    """Of each surrogate the gradient over u and the estimates, and below it their difference."""
    there = [result for result in results if result.u is not None]
    if not there:
        raise SgError("there is no probability to draw from", results[0].note)
    look = sheet.style
    down = math.ceil(len(there) / (2 if look.narrow else MOST_COLUMNS))
    across = math.ceil(len(there) / down)
    with applied(look):
        wide = look.width * (1.0 if look.narrow else max(1.0, 0.25 + 0.35 * across))
        figure = blank(sheet, wide, look.height * (0.3 + 0.8 * down))
        panels = figure.subplots(2 * down, across, height_ratios=[2, 1] * down, squeeze=False)
        for i, result in enumerate(there):
            row, column = 2 * (i // across), i % across
            _panel(panels[row, column], panels[row + 1, column], result, look)
        for i in range(len(there), down * across):
            for axes in panels[2 * (i // across) :, i % across][:2]:
                axes.set_axis_off()
        for axes, name in zip(panels[:, 0], ("gradient", "difference") * down, strict=True):
            axes.set_ylabel(name)
        figure.supxlabel("u", fontsize=look.rc["axes.labelsize"])
        figure.align_ylabels(panels[:, 0])
        legend(figure, look, LABELS, "outside upper center")
    return figure


def _panel(above: Axes, below: Axes, result: Escape, look: Style) -> None:
    u, expected, estimate = (np.asarray(a) for a in (result.u, result.expected, result.estimate))
    low, high = np.asarray(result.low), np.asarray(result.high)
    line = look.rc["lines.linewidth"]
    bars = {"fmt": "o", "color": look.primitive, "ms": 1.8 * line, "elinewidth": 0.6 * line,
            "capsize": 1.2 * line}  # fmt: skip
    sampled = sample(result.shape, float(u[0]), float(u[-1]), which=["derivative"])
    draw(above, sampled, "derivative", color=look.gradient, label=LABELS[0])
    above.errorbar(u, estimate, (estimate - low, high - estimate), label=LABELS[1], **bars)
    above.tick_params(labelbottom=False)
    above.set_title(words.heading(result.shape), fontsize=look.rc["font.size"])
    below.axhline(0, color=look.gradient)
    below.errorbar(u, estimate - expected, (estimate - low, high - estimate), **bars)
