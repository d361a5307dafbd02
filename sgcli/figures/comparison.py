"""Gradients of several surrogates overlaid, on a linear and on a log scale."""

from __future__ import annotations

from matplotlib.figure import Figure

from sgcli.figures import words
from sgcli.figures.frame import MOST_BELOW, columns_beside, frame, legend, reference
from sgcli.figures.lines import draw
from sgcli.figures.look import applied, looks
from sgcli.figures.style import STYLES
from sgcli.theory.shape import Comparison


def comparison(
    compared: Comparison,
    style: str = "default",
    width: float | None = None,
    height: float | None = None,
) -> Figure:
    """Two panels: the gradients near the threshold, and their tails on a log scale."""
    look = STYLES[style]
    shapes = [one.shape for one in compared.near]
    title, labels = words.family(shapes)
    lines = looks(look, len(shapes), ordered=len(words.varying(shapes)) == 1)
    beside = len(shapes) > MOST_BELOW
    with applied(look):
        height = height or look.height * 1.2
        columns = columns_beside(look, len(shapes), height) if beside else 0
        size = (width or look.width * (1.7 + 0.7 * columns), height)
        thin = {"linewidth": look.rc["lines.linewidth"] * (0.75 if beside else 1)}
        figure = Figure(size, layout="constrained")
        linear, tails = figure.subplots(1, 2)
        for axes, sampled, log in ((linear, compared.near, False), (tails, compared.far, True)):
            reference(axes, look)
            for one, label, line in zip(sampled, labels, lines, strict=True):
                draw(axes, one, "derivative", log, label=label, **line, **thin)
            frame(axes, sampled, ["derivative"], log)
            axes.set(xlabel=words.INPUT, ylabel=words.CURVE["derivative"])
        tails.set_ylabel(f"{words.CURVE['derivative']}, log scale")
        figure.suptitle(title, fontsize=look.rc["axes.titlesize"])
        legend(figure, look, labels, "outside right center" if beside else "outside lower center")
    return figure
