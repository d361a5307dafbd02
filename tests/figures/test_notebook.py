"""Figures that a notebook shows."""

from __future__ import annotations

import subprocess
import sys

import pytest
from matplotlib.figure import Figure

from sgcli.errors import SgError
from sgcli.figures.notebook import plot, shown
from sgcli.figures.save import render

PNG = b"\x89PNG"


def test_it_is_a_figure_of_matplotlib_with_a_picture():
    figure = plot("sigmoid", alpha=5, style="dark", figsize=(3, 2))
    assert isinstance(figure, Figure)
    assert tuple(figure.get_size_inches()) == (3, 2)
    picture = figure._repr_png_()
    assert picture.startswith(PNG)
    assert picture == render(figure, "png", "dark")


def test_no_backend_is_chosen_for_the_notebook():
    """In a process of its own: another test may have imported pyplot."""
    code = (
        "import sys; from sgcli.figures.notebook import plot; plot('sigmoid')._repr_png_(); "
        "sys.exit('matplotlib.pyplot' in sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_curves_are_those_that_were_asked_for():
    figure = plot("sigmoid", alpha=[1, 2], curves=["gradient"], log=True, xlim=(-3, 3))
    (axes,) = figure.axes
    assert axes.get_yscale() == "log"
    assert len([line for line in axes.lines if len(line.get_xdata()) > 2]) == 2


def test_any_figure_can_be_shown():
    assert shown(Figure())._repr_png_().startswith(PNG)


@pytest.mark.parametrize(
    ("given", "error"),
    [
        ({"style": "papper"}, "the styles are"),
        ({"curves": ["slope"]}, "the curves are"),
        ({"xlim": (2, 1)}, "cannot go from 2 to 1"),
        ({"beta": 1}, "beta"),
    ],
)
def test_what_cannot_be_is_an_error(given, error):
    with pytest.raises(SgError, match=error):
        plot("sigmoid", **given)
