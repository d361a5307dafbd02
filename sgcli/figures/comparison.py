"""Gradients of several surrogates overlaid, on a linear and on a log scale."""

from __future__ import annotations

from matplotlib.figure import Figure

from sgcli.figures import words
from sgcli.figures.frame import MOST_BELOW, below, columns_beside, frame, legend, reference
from sgcli.figures.lines import draw
from sgcli.figures.look import applied, blank, overlaid, stacked
from sgcli.figures.style import DEFAULT, Sheet
from sgcli.theory.shape import ShapeComparison


def comparison(compared: ShapeComparison, sheet: Sheet = DEFAULT) -> Figure:
    """Two panels: the gradients near the threshold, and their tails on a log scale."""
    look = sheet.style
    title, labels, lines = overlaid(look, [curve.shape for curve in compared.near])
    many = len(labels) > MOST_BELOW
    beside = many and sheet.width is None
    with applied(look):
        height = sheet.height or look.height * 1.2
        columns = columns_beside(look, len(labels), height) if beside else 0
        thin = {"linewidth": look.rc["lines.linewidth"] * (0.75 if many else 1)}
        wide = sheet.width or look.width * (1.7 + 0.7 * columns)
        down = 2 if stacked(sheet, 2) else 1
        legend_height = 0 if beside else below(look, labels, wide)[1]
        more = 0.9 * look.height * (down - 1) + max(0.0, legend_height - 0.4 * look.height)
        figure = blank(sheet, wide, height + more)
        linear, tails = figure.subplots(down, 2 // down).flat
        for axes, sampled, log in ((linear, compared.near, False), (tails, compared.far, True)):
            reference(axes, look)
            for curve, label, line in zip(sampled, labels, lines, strict=True):
                draw(axes, curve, "derivative", log, label=label, **line, **thin)
            frame(axes, sampled, ["derivative"], log)
            axes.set(xlabel=words.INPUT, ylabel=words.CURVE["derivative"])
        tails.set_ylabel(f"{words.CURVE['derivative']}, log scale")
        figure.suptitle(title, fontsize=look.rc["axes.titlesize"])
        legend(figure, look, labels, "outside right center" if beside else "outside lower center")
    return figure
