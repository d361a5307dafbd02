"""A style at work: the parameters of matplotlib, and how each of several lines looks."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import matplotlib
import numpy as np
from matplotlib import colormaps
from matplotlib.figure import Figure

from sgcli.definitions import Shape
from sgcli.figures import words
from sgcli.figures.style import DASHES, Sheet, Style


@contextmanager
def applied(style: Style) -> Iterator[None]:
    """Matplotlib's own defaults and the style on top; the user's matplotlibrc does not matter."""
    # The backend is no property of a figure, and asking for its default would load one.
    values: Any = dict(dict.items(matplotlib.rcParamsDefault))
    del values["backend"]
    # A log scale that ends near the largest float computes margins and ticks beyond it.
    with matplotlib.rc_context(values | dict(style.rc)), np.errstate(over="ignore"):
        yield


def overlaid(style: Style, shapes: Sequence[Shape]) -> tuple[str, list[str], list[dict[str, Any]]]:
    """A title for several shapes, and a label and a look for each; one parameter makes a ramp."""
    title, labels = words.family(shapes)
    return title, labels, looks(style, len(shapes), ordered=len(words.varying(shapes)) == 1)


def blank(sheet: Sheet, width: float, height: float) -> Figure:
    """A figure without axes, of that size in inches unless the sheet has another."""
    return Figure((sheet.width or width, sheet.height or height), layout="constrained")


def stacked(sheet: Sheet, panels: int) -> bool:
    """Whether panels that stand side by side elsewhere need to stand one above another."""
    needed = 24 * sheet.style.rc["font.size"] / 72  # for the label of an axis
    return panels > 1 and sheet.width is not None and sheet.width / panels < needed


def looks(style: Style, count: int, ordered: bool = False) -> list[dict[str, Any]]:
    """A colour and a dash pattern for each of ``count`` lines, no two alike up to 35.

    ``ordered`` lines, as those of a growing parameter, take their colours from a ramp.
    """
    if ordered:
        low, high = style.ramp
        steps = [low + (high - low) * i / max(count - 1, 1) for i in range(count)]
        colors: list[Any] = [colormaps["viridis"](s) for s in steps]
    else:
        colors = list(itertools.islice(itertools.cycle(style.cycle), count))
    # Of lines that coincide the solid one lies lowest and shows between the dashes of the others.
    return [
        {
            "color": color,
            "linestyle": DASHES[i % len(DASHES)],
            "zorder": 2 + 0.1 * (i % len(DASHES)),
        }
        for i, color in enumerate(colors)
    ]
