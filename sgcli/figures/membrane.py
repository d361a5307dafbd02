"""Where membranes are, under where the surrogates have a gradient."""

from __future__ import annotations

from matplotlib.figure import Figure

from sgcli.figures import words
from sgcli.figures.frame import MOST_BELOW, columns_beside, frame, legend, reference
from sgcli.figures.lines import draw
from sgcli.figures.look import applied, blank, looks, overlaid
from sgcli.figures.style import DEFAULT, Sheet
from sgcli.theory.membranes import Membranes

SHADE = "#8a8a8a"


def membrane(membranes: Membranes, sheet: Sheet = DEFAULT) -> Figure:
    """The gradients, and below them a histogram of one layer's membranes or outlines of several."""
    look, curves = sheet.style, membranes.curves
    title, labels, lines = overlaid(look, [curve.shape for curve in curves])
    beside = len(curves) > MOST_BELOW
    with applied(look):
        height = sheet.height or look.height * 1.2
        columns = columns_beside(look, len(curves), height) if beside else 0
        figure = blank(sheet, look.width * (1 + 0.5 * columns), height)
        axes, below = figure.subplots(2, 1, sharex=True, height_ratios=(2, 1.2))
        reference(axes, look)
        for curve, label, line in zip(curves, labels, lines, strict=True):
            draw(axes, curve, "derivative", label=label, **line)
        frame(axes, curves, ["derivative"], log=False)
        axes.set(ylabel=words.CURVE["derivative"], title=title)
        if len(membranes.shares) == 1:
            (share,) = membranes.shares.values()
            below.stairs(share, membranes.edges, fill=True, color=SHADE, label="_membranes")
        else:
            ramp = looks(look, len(membranes.shares), ordered=True)
            for (name, share), line in zip(membranes.shares.items(), ramp, strict=True):
                below.stairs(
                    share, membranes.edges, color=line["color"], linestyle=line["linestyle"],
                    label=f"_{name}",
                )  # fmt: skip
            below.legend(below.patches, list(membranes.shares), loc="upper left")
        below.axvline(0.0, color=look.ink, linewidth=0.5 * look.rc["lines.linewidth"])
        below.set(xlabel=words.INPUT, ylabel="share of\nmembranes", ylim=(0, None))
        figure.align_ylabels()
        legend(figure, look, labels, "outside right center" if beside else "outside lower center")
    return figure
