"""Where membranes are, over where the surrogates have a gradient."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sgcli.figures import words
from sgcli.figures.frame import columns_beside, frame, legend, reference
from sgcli.figures.lines import draw
from sgcli.figures.style import STYLES, applied, looks

if TYPE_CHECKING:
    import numpy as np
    from matplotlib.figure import Figure
    from numpy.typing import NDArray

    from sgcli.theory.curves import Sampled

MOST_BELOW = 8
SHADE = "#8a8a8a"


@dataclass(frozen=True)
class Membrane:
    """Share of membranes in each bin between ``edges`` of x = H − v_threshold."""

    edges: NDArray[np.float64]
    share: NDArray[np.float64]


def membrane(
    found: Membrane,
    curves: Sequence[Sampled],
    style: str = "default",
    width: float | None = None,
    height: float | None = None,
) -> Figure:
    """A histogram of membranes, and above it the gradients."""
    from matplotlib.figure import Figure

    look = STYLES[style]
    title, labels = words.family([one.shape for one in curves])
    beside = len(curves) > MOST_BELOW
    with applied(look):
        height = height or look.height * 1.2
        columns = columns_beside(look, len(curves), height) if beside else 0
        figure = Figure((width or look.width * (1 + 0.5 * columns), height), layout="constrained")
        axes, below = figure.subplots(2, 1, sharex=True, height_ratios=(2.2, 1))
        reference(axes, look)
        ordered = len(words.varying([one.shape for one in curves])) == 1
        for one, label, line in zip(curves, labels, looks(look, len(curves), ordered), strict=True):
            draw(axes, one, "derivative", label=label, **line)
        frame(axes, curves, ["derivative"], log=False)
        axes.set(ylabel=words.CURVE["derivative"], title=title)
        below.stairs(found.share, found.edges, fill=True, color=SHADE)
        below.axvline(0.0, color=look.ink, linewidth=0.5 * look.rc["lines.linewidth"])
        below.set(xlabel=words.INPUT, ylabel="share of\nmembranes", ylim=(0, None))
        figure.align_ylabels()
        legend(figure, look, labels, "outside right center" if beside else "outside lower center")
    return figure
