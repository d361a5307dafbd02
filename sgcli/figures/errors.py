"""How far a gradient is off, over x, in each dtype."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.figure import Figure

from sgcli.figures.look import applied, blank, looks
from sgcli.figures.style import DEFAULT, Sheet

if TYPE_CHECKING:
    from sgcli.checks.verdict import Errors


def errors(results: Sequence[Errors], title: str, sheet: Sheet = DEFAULT) -> Figure:
    """One panel a dtype: the error in ULP against x on scales that show both tails and 0."""
    style = sheet.style
    with applied(style):
        figure = blank(sheet, 1.1 * style.width, 0.45 * style.height * max(len(results), 1))
        panels = figure.subplots(len(results), 1, squeeze=False)[:, 0]
        figure.suptitle(title)
        colour = looks(style, 1)[0]["color"]
        for axes, result in zip(panels, results, strict=True):
            shown = np.isfinite(result.ulp)
            axes.plot(
                result.x[shown], result.ulp[shown], ".", ms=1.5, color=colour, rasterized=True
            )
            for x in result.x[~shown][:: max(1, int((~shown).sum()) // 200)]:
                axes.axvline(x, color="C3", lw=0.5, alpha=0.3)
            axes.set_xscale("symlog", linthresh=1e-3)
            worst = float(result.ulp[shown].max(initial=0.0))
            if worst > 20:
                axes.set_yscale("symlog", linthresh=1)
                decades = int(np.ceil(np.log10(worst)))
                axes.set_yticks([0, *(10.0**k for k in range(0, decades + 1, decades // 6 + 1))])
            axes.set_ylim(0, None)
            axes.set_ylabel(f"{result.dtype}\nerror in ULP")
            text = f"median {np.median(result.ulp[shown]):.2g}, largest {worst:.3g}"
            if not shown.all():
                text += f", not finite at {int((~shown).sum())} points"
            axes.set_title(text, loc="right", fontsize="small")
        panels[-1].set_xlabel("x = membrane potential − threshold")
    return figure
