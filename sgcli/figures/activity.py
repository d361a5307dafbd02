"""What a trained network does: a raster of its spikes, and its membranes under the surrogate."""

from __future__ import annotations

from typing import TYPE_CHECKING

from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from sgcli.figures import words
from sgcli.figures.frame import frame, legend, reference
from sgcli.figures.learning import named
from sgcli.figures.lines import draw
from sgcli.figures.look import applied, blank, looks
from sgcli.figures.style import DEFAULT, Sheet
from sgcli.theory.curves import Sampled

if TYPE_CHECKING:
    from sgcli.training.run.activity import Activity

LEAST = 0.25  # height of the panel of a small layer, of that of the largest
TICKS = 5  # at the most, on the axis of neurons


def raster(activity: Activity, title: str, sheet: Sheet = DEFAULT) -> Figure:
    """A panel a layer, a mark a spike of the first test sample."""
    look = sheet.style
    count = len(activity.layers)
    rows = [len(range(0, one.size, one.every)) for one in activity.layers]
    with applied(look):
        figure = blank(sheet, look.width, look.height * (0.7 + 0.35 * count))
        half_step = 36 * figure.get_figwidth() * 0.8 / activity.steps
        panels = figure.subplots(
            count,
            1,
            sharex=True,
            squeeze=False,
            height_ratios=[max(n / max(rows), LEAST) for n in rows],
        )
        for axes, one, name in zip(panels.flat, activity.layers, named(count, count), strict=True):
            shown = len(range(0, one.size, one.every))
            part = "" if one.every == 1 else f" (1 in {one.every})"
            axes.eventplot(
                [[t + 1 for t, i in one.spikes if i == row] for row in range(shown)],
                colors=look.primitive,
                # A spike among hundreds of neurons is still to be seen.
                linelengths=max(0.9, shown / 100),
                # A mark is as wide as half of its step, as far as it can be seen.
                linewidths=max(0.3, min(3.0, half_step)),
            )
            axes.set(ylabel=f"{name}\nneuron{part}", ylim=(-0.5, shown - 0.5))
            axes.yaxis.set_major_locator(MaxNLocator(TICKS, integer=True))
            axes.yaxis.set_major_formatter(lambda y, _, every=one.every: f"{round(y) * every}")
            axes.grid(visible=False)
        last = panels.flat[-1]
        last.set(xlabel="time step", xlim=(0.5, activity.steps + 0.5))
        last.xaxis.set_major_locator(MaxNLocator(integer=True))
        figure.suptitle(
            f"{title}: a sample of class {activity.label}", fontsize=look.rc["axes.titlesize"]
        )
        figure.align_ylabels()
    return figure


def membranes(activity: Activity, curve: Sampled, title: str, sheet: Sheet = DEFAULT) -> Figure:
    """Histograms of the layers' membranes, and above them the gradient that they meet."""
    look = sheet.style
    names = [
        f"{name} (firing rate {one.rate:.2g})"
        for one, name in zip(
            activity.layers, named(len(activity.layers), len(activity.layers)), strict=True
        )
    ]
    with applied(look):
        figure = blank(sheet, look.width, look.height * 1.25)
        axes, below = figure.subplots(2, 1, sharex=True, height_ratios=(1, 1.4))
        reference(axes, look)
        draw(axes, curve, "derivative", color=look.gradient)
        frame(axes, [curve], ["derivative"], log=False)
        axes.set(ylabel=words.CURVE["derivative"], title=title)
        thick = 0.8 * look.rc["lines.linewidth"]
        for one, name, line in zip(activity.layers, names, looks(look, len(names)), strict=True):
            below.stairs(one.share, activity.edges, label=name, linewidth=thick, **line)
        below.axvline(0.0, color=look.ink, linewidth=0.5 * look.rc["lines.linewidth"])
        below.set(
            xlabel=words.INPUT,
            ylabel="share of\nmembranes",
            xlim=(activity.edges[0], activity.edges[-1]),
            ylim=(0, None),
        )
        figure.align_ylabels()
        legend(figure, look, names, "outside lower center")
    return figure
