"""A curve on axes: broken at its jumps, with the value there filled and the limits open."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes

from sgcli.definitions.evaluate import Curve
from sgcli.theory.curves import Sampled

MOST_MARKED = 40  # jumps closer than that would be a band of markers

FLOOR = 1e-30  # below every log scale that is drawn


def draw(
    axes: Axes,
    sampled: Sampled,
    which: Curve,
    log: bool = False,
    dot: float = 2.6,
    **look: Any,
) -> Any:
    """Draw one curve and return its line; ``look`` is any property of a matplotlib line.

    ``dot`` is the size of the markers at jumps in line widths; smaller ones lie on larger ones.
    """
    x, y = points(sampled, which, log)
    (line,) = axes.plot(x, y, **look)
    jumps = sampled.jumps[which]
    if len(jumps) <= MOST_MARKED:
        inner = [j for j in jumps if sampled.x[0] < j.x < sampled.x[-1]]
        filled = [(j.x, j.value) for j in inner]
        limits = [(j.x, limit, j.value) for j in inner for limit in (j.left, j.right)]
        opened = [(x, y) for x, y, value in limits if abs(y - value) > 1e-9 * abs(y)]
        for places, face in ((opened, axes.get_facecolor()), (filled, line.get_color())):
            shown = [(x, y) for x, y in places if y > 0 or not log]
            if shown:
                axes.plot(
                    *zip(*shown, strict=True),
                    "o",
                    color=line.get_color(),
                    markerfacecolor=face,
                    markersize=dot * line.get_linewidth(),
                    markeredgewidth=0.6 * line.get_linewidth(),
                    zorder=3 + 1 / dot,
                    label="_jump",
                )
    return line


def points(sampled: Sampled, which: Curve, log: bool = False) -> tuple[Any, Any]:
    """What a line goes through: NaN inside each jump, and on a log scale where it is not > 0.

    On a log scale a line that runs into 0 leaves the axes there instead of ending in the air.
    """
    x, y = sampled.x, sampled.y[which]
    for jump in reversed(sampled.jumps[which]):
        i = int(np.searchsorted(x, jump.x))
        inside = slice(0 if i > 0 else 2, 3 if i < len(x) - 1 else 1)
        x = np.concatenate([x[:i], [jump.x] * len(range(3)[inside]), x[i + 1 :]])
        y = np.concatenate([y[:i], [jump.left, np.nan, jump.right][inside], y[i + 1 :]])
    if log:
        above = np.pad(y > 0, 1)
        beside = above[:-2] | above[2:]
        y = np.where(y > 0, y, np.where(beside & (y <= 0), FLOOR, np.nan))
    return x, y
