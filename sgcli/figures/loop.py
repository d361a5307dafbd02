"""The integral of a surrogate gradient along a closed loop of weights."""

from __future__ import annotations

import math
from collections.abc import Sequence

from matplotlib.figure import Figure

from sgcli.errors import SgError
from sgcli.figures.frame import dotted, legend
from sgcli.figures.look import applied, blank, looks
from sgcli.figures.style import DEFAULT, Sheet
from sgcli.theory.loop import Loop

BETA_SG = r"β$_\mathrm{SG}$"


def running(results: Sequence[Loop], sheet: Sheet = DEFAULT) -> Figure:
    """One panel a β_SG, each to its own scale, with a line a surrogate; a dot where it ends.

    A gradient's line would end at 0. Panels stand one above the other in a column of a journal.
    """
    there = [result for result in results if result.running is not None]
    if not there:
        raise SgError("there is no integral to draw", results[0].note)
    betas = list(dict.fromkeys(result.beta_sg for result in there))
    names = list(dict.fromkeys(result.shape.name for result in there))
    look = sheet.style
    lines = dict(zip(names, looks(look, len(names)), strict=True))
    stacked = look.narrow or len(betas) > 4
    down, across = (len(betas), 1) if stacked else (1, len(betas))
    with applied(look):
        high = look.height * (0.45 + 0.42 * down if stacked else 0.8)
        wide = look.width * (1 if across == 1 else 0.45 + 0.35 * across)
        figure = blank(sheet, wide, high)
        panels = figure.subplots(down, across, sharex=True, squeeze=False)
        for axes, beta in zip(panels.flat, betas, strict=True):
            axes.axhline(0, **dotted(look))
            for result in (result for result in there if result.beta_sg == beta):
                line = lines[result.shape.name]
                axes.plot(result.phi, result.running, label=result.shape.name, **line)
                axes.plot([2 * math.pi], [result.integral], "o", color=line["color"], clip_on=False,
                          ms=2.6 * look.rc["lines.linewidth"], zorder=4, label="_end")  # fmt: skip
            axes.set_title(f"{BETA_SG} = {beta:g}")
            axes.set(xlim=(0, 2 * math.pi), xticks=[0, math.pi, 2 * math.pi])
            axes.set_xticklabels(["0", "π", "2π"])
        figure.supxlabel("φ along the loop", fontsize=look.rc["axes.labelsize"])
        figure.supylabel("∫ surrogate gradient · dθ", fontsize=look.rc["axes.labelsize"])
        if len(names) > 1:
            legend(figure, look, names, "outside upper center")
        else:
            title = f"{names[0]}, β = {there[0].beta:g}"
            figure.suptitle(title, fontsize=look.rc["axes.titlesize"])
    return figure
