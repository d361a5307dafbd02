"""Accuracy of deep networks against the predicted factor of their gradients."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from itertools import cycle
from typing import TYPE_CHECKING, Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from sgcli.figures.frame import MOST_BELOW, dotted, legend
from sgcli.figures.look import applied, blank, looks
from sgcli.figures.style import DEFAULT, Sheet, Style

if TYPE_CHECKING:
    from sgcli.training.deep import Entry, Study

NAMES = {"sgd": "SGD", "adam": "Adam"}
# What accuracies are drawn against: the label of the axis, and whether it is a log scale.
AGAINST = {
    "factor": ("predicted gradient factor $r^L$, L = {layers}", True),
    "mean-ratio": ("predicted factor of the mean gradient per layer", False),
    "coherence": ("coherence E[g]²/E[g²]", False),
}
MARKERS = "osD^vp"
CHANCE = 10  # %, of ten classes


def training(study: Study, against: str = "factor", sheet: Sheet = DEFAULT) -> Figure:
    """A panel for each optimiser: hollow as given, filled as recommended, a line from one to other.

    ``against`` is "factor", "mean-ratio" or "coherence" of the gradient, all of them predicted.
    Accuracies are means over the seeds with their standard deviations, in %.
    """
    look = sheet.style
    optimizers = study.plan.optimizers
    label_x, log = AGAINST[against]
    pairs = list(zip(study.entries[::2], study.entries[1::2], strict=True))
    names = [given.given.name for given, _ in pairs]
    labels = names if len(set(names)) == len(names) else [given.given.label for given, _ in pairs]
    lines = [
        {**line, "marker": marker}
        for line, marker in zip(looks(look, len(pairs)), cycle(MARKERS), strict=False)
    ]
    stacked = look.narrow
    beside = not stacked and len(pairs) > MOST_BELOW
    rows, columns = (len(optimizers), 1) if stacked else (1, len(optimizers))
    with applied(look):
        wide = 1.0 if stacked else (0.4 if beside else 0.1) + 0.75 * columns
        high = 0.25 + 0.75 * rows + (0.03 * len(pairs) if stacked else 0)
        figure = blank(sheet, look.width * wide, look.height * high)
        grid = figure.subplots(rows, columns, sharex=True, sharey=True, squeeze=False)
        panels: list[Axes] = list(grid.flat)
        for axes, optimizer in zip(panels, optimizers, strict=True):
            axes.axhline(CHANCE, **dotted(look), zorder=1.5)
            for label, entries, line in zip(labels, pairs, lines, strict=True):
                _pair(axes, entries, against, optimizer, label=label, **line)
            axes.set(title=NAMES[optimizer], ylim=(0, 100))
            if log:
                axes.set_xscale("log")
                axes.axvline(1.0, **dotted(look), zorder=1.5)
        for axes in panels[-columns:]:
            axes.set_xlabel(label_x.format(layers=study.plan.layers))
        for axes in panels[::columns]:
            axes.set_ylabel(f"{study.plan.evaluate} accuracy, %")
        keys = _keys(panels[0], look, pairs)
        place = "outside right center" if beside else "outside lower center"
        legend(figure, look, [*labels, *keys], place)
    return figure


def _pair(
    axes: Axes, pair: Sequence[Entry], against: str, optimizer: str, label: str, **line: Any
) -> None:
    """The two shapes of a surrogate, those of them that were trained."""
    points = []
    for entry in pair:
        reached = entry.accuracies(optimizer)
        x = getattr(entry, against.replace("-", "_"))
        if x and reached:
            deviation = statistics.stdev(reached) if len(reached) > 1 else 0.0
            points.append((entry, x, 100 * statistics.fmean(reached), 100 * deviation))
    color = line["color"]
    # For the legend, also of one that has no point.
    axes.plot([], [], label=label, **line)
    axes.plot([p[1] for p in points], [p[2] for p in points], **{**line, "marker": ""})
    for entry, x, mean, deviation in points:
        axes.errorbar(
            x,
            mean,
            deviation,
            marker=line["marker"],
            color=color,
            markerfacecolor=color if entry.kind == "recommended" else axes.get_facecolor(),
            capsize=2,
            linestyle="",
            zorder=3,
        )


def _keys(axes: Axes, style: Style, pairs: Sequence[Sequence[Entry]]) -> list[str]:
    """What a hollow and a filled point stand for, for the legend."""
    kinds = sorted({given.kind for given, _ in pairs})
    keys = {" or ".join(kinds): axes.get_facecolor(), "recommended": style.ink}
    for key, face in keys.items():
        axes.plot([], [], "o", label=key, color=style.ink, markerfacecolor=face)
    return list(keys)
