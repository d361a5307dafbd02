"""Where a surrogate gradient has another sign than the true one."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from sgcli.errors import SgError
from sgcli.figures.frame import dotted, legend
from sgcli.figures.look import applied, blank
from sgcli.figures.loop import BETA_SG
from sgcli.figures.style import DEFAULT, Sheet
from sgcli.theory.bias import Bias


def signs(results: Sequence[Bias], sheet: Sheet = DEFAULT) -> Figure:
    """One row a surrogate and one column a β_SG: both derivatives, each as a share of its largest.

    Shaded where their signs differ.
    """
    there = [result for result in results if result.w is not None]
    if not there:
        raise SgError("there is no gradient to draw", results[0].note)
    betas = list(dict.fromkeys(result.beta_sg for result in there))
    names = list(dict.fromkeys(result.shape.name for result in there))
    look = sheet.style
    turned = look.narrow and len(names) == 1
    down, across = (len(betas), 1) if turned else (len(names), len(betas))
    labels = [f"true, β = {there[0].beta:g}", "surrogate", "signs differ"]
    with applied(look):
        wide = look.width * (1 if across == 1 else 0.45 + 0.35 * across)
        high = look.height * (0.45 + 0.4 * down)
        figure = blank(sheet, wide, high)
        panels = figure.subplots(down, across, sharex=True, sharey=True, squeeze=False)
        for axes, result in zip(panels.flat, there, strict=True):
            w, true, surrogate = result.w, result.true, result.surrogate
            assert w is not None
            assert true is not None
            assert surrogate is not None
            axes.axhline(0, **dotted(look))
            axes.fill_between(w, -1.08, 1.08, where=true * surrogate < 0, color=look.cycle[4],
                              alpha=0.3, linewidth=0, label=labels[2])  # fmt: skip
            for y, label, color, dash, over in (
                (true, labels[0], look.forward, "--", 2.1),
                (surrogate, labels[1], look.gradient, "-", 2.0),
            ):
                largest = np.abs(y).max() or 1.0
                axes.plot(w, y / largest, dash, label=label, color=color, zorder=over)
            axes.set(xlim=(w[0], w[-1]), ylim=(-1.08, 1.08), yticks=[-1, 0, 1])
            axes.xaxis.set_major_locator(MaxNLocator(4, prune="both"))
            name = f"{result.shape.name}, " if len(names) > 1 else ""
            axes.set_title(f"{name}{BETA_SG} = {result.beta_sg:g}")
        figure.supxlabel("weight w", fontsize=look.rc["axes.labelsize"])
        figure.supylabel("∂y/∂w, as a share of its largest", fontsize=look.rc["axes.labelsize"])
        legend(figure, look, labels, "outside upper center")
    return figure
