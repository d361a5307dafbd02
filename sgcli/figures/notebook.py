"""Figures for a notebook."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from matplotlib.figure import Figure

from sgcli.definitions.names import Names, Values, shapes_of
from sgcli.errors import SgError
from sgcli.figures import surrogate
from sgcli.figures.save import render
from sgcli.figures.style import STYLES, Sheet
from sgcli.theory.curves import sample

CurveName = Literal["heaviside", "primitive", "gradient"]
# The words of the command line and those of the library; heaviside stands for any forward pass.
CURVES: dict[CurveName, Literal["forward", "primitive", "derivative"]] = {
    "heaviside": "forward",
    "primitive": "primitive",
    "gradient": "derivative",
}


class Shown(Figure):
    """A figure that a notebook shows, in the style in which it was drawn."""

    style = "default"

    def _repr_png_(self) -> bytes:
        return render(self, "png", self.style)


def shown(figure: Figure, style: str = "default") -> Shown:
    """Have a notebook show a figure: by itself it shows those of pyplot only, which stay open."""
    figure.__class__ = Shown
    assert isinstance(figure, Shown)
    figure.style = style
    return figure


def plot(
    names: Names,
    *,
    curves: Sequence[CurveName] = tuple(CURVES),
    xlim: tuple[float, float] | None = None,
    points: int = 1001,
    log: bool = False,
    style: str = "default",
    figsize: tuple[float, float] | tuple[None, None] = (None, None),
    **parameters: Values,
) -> Figure:
    """Draw forward pass, primitive and gradient of surrogates; a notebook shows the figure.

    ``names`` are those of the command line, definitions or shapes, and ``parameters`` values of
    their shape parameters: ``alpha=5``, or ``alpha=[1, 2, 5]`` for a family. ``curves`` are drawn
    at ``points`` equidistant x, the membrane minus the threshold, in ``xlim``: -2.5 to 2.5 if not
    given, -10 to 10 with ``log``, a log scale for the values. ``style`` is one of those of
    ``sg plot``, ``figsize`` in inches. Raises :class:`~sgcli.errors.SgError` for a name or a value
    that is not allowed.
    """
    if style not in STYLES:
        raise SgError(f"there is no style '{style}'", f"the styles are {', '.join(STYLES)}")
    unknown = [name for name in curves if name not in CURVES]
    if unknown:
        raise SgError(f"there is no curve '{unknown[0]}'", f"the curves are {', '.join(CURVES)}")
    low, high = xlim or ((-10.0, 10.0) if log else (-2.5, 2.5))
    which = [CURVES[name] for name in CURVES if name in curves]
    sampled = [sample(s, low, high, points, which) for s in shapes_of(names, **parameters)]
    return shown(surrogate.plot(sampled, Sheet(style, *figsize), log), style)
