"""Gradients of several surrogates overlaid, on a linear and on a log scale."""

from __future__ import annotations

from matplotlib.figure import Figure

from sgcli.figures import words
from sgcli.figures.frame import MOST_BELOW, columns_beside, frame, legend, reference
from sgcli.figures.lines import draw
from sgcli.figures.look import applied, blank, overlaid
from sgcli.figures.style import DEFAULT, Sheet
from sgcli.theory.shape import ShapeComparison


def comparison(compared: ShapeComparison, sheet: Sheet = DEFAULT) -> Figure:
    """Two panels: the gradients near the threshold, and their tails on a log scale."""
    look = sheet.style
    title, labels, lines = overlaid(look, [curve.shape for curve in compared.near])
    beside = len(labels) > MOST_BELOW
    with applied(look):
        height = sheet.height or look.height * 1.2
        columns = columns_beside(look, len(labels), height) if beside else 0
        thin = {"linewidth": look.rc["lines.linewidth"] * (0.75 if beside else 1)}
        figure = blank(sheet, look.width * (1.7 + 0.7 * columns), height)
        linear, tails = figure.subplots(1, 2)
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
