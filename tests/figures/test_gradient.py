"""The figures of --loop, --bias, --escape and --fd."""

from __future__ import annotations

import math

import pytest

from sgcli.definitions import REGISTRY, Shape
from sgcli.errors import SgError
from sgcli.figures.bias import signs
from sgcli.figures.escape import intervals
from sgcli.figures.finite_differences import agreement
from sgcli.figures.loop import running
from sgcli.figures.save import render
from sgcli.figures.style import STYLES, Sheet
from sgcli.measure.finite_differences import cosines
from sgcli.theory.bias import biases
from sgcli.theory.escape import escape
from sgcli.theory.loop import loops
from tests.strategies import one_fast

SIGMOID, ATAN, SSO = (Shape.of(REGISTRY[name]) for name in ("sigmoid", "atan", "sso"))
LOOPS = [one for shape in (SIGMOID, SSO, ATAN) for one in loops(shape, 100.0, [1.0, 5.0])]
BIASES = [one for shape in (SIGMOID, SSO, ATAN) for one in biases(shape, points=101)]
ESCAPES = [escape(shape, 1000) for shape in (SIGMOID, SSO, ATAN)]
FEW = cosines([SIGMOID, ATAN, Shape.of(REGISTRY["poisson_pass"])], width=8, batch=32, seeds=2)
SAME = [Shape.of(REGISTRY["sigmoid"], alpha=alpha) for alpha in (1, 2, 4, 8, 16, 32)]
MANY = cosines(SAME, width=8, batch=32, seeds=2)
FIGURES = [(running, LOOPS), (signs, BIASES), (intervals, ESCAPES), (agreement, FEW),
           (agreement, MANY)]  # fmt: skip


@pytest.mark.parametrize("style", one_fast(STYLES))
@pytest.mark.parametrize(("draw", "found"), FIGURES, ids=lambda v: getattr(v, "__name__", ""))
def test_equal_results_are_equal_files_in_every_style(draw, found, style):
    first, second = (render(draw(found, Sheet(style)), "svg", style) for _ in range(2))
    assert first == second


@pytest.mark.parametrize(("draw", "found"), FIGURES[:4], ids=["loop", "bias", "escape", "fd"])
def test_what_has_no_numbers_alone_is_an_error(draw, found):
    nothing = [one for one in found if one.note]
    assert nothing
    with pytest.raises(SgError, match="not applicable because"):
        draw(nothing)


@pytest.mark.parametrize("style", ["default", "paper"])
def test_a_panel_for_each_steepness_and_a_dot_where_the_loop_closes(style):
    figure = running(LOOPS, Sheet(style))
    assert len(figure.axes) == 2
    for axes, beta in zip(figure.axes, (1.0, 5.0), strict=True):
        there = [one for one in LOOPS if one.beta_sg == beta]
        ends = [line.get_xydata()[0] for line in axes.lines if line.get_marker() == "o"]
        assert [tuple(end) for end in ends] == [(2 * math.pi, one.integral) for one in there]


def test_shaded_is_where_signs_differ():
    figure = signs(BIASES)
    there = [one for one in BIASES if one.w is not None]
    assert len(figure.axes) == len(there)
    for axes, one in zip(figure.axes, there, strict=True):
        (shade,) = axes.collections
        assert bool(shade.get_paths()) == (one.disagreement > 0)


def test_every_point_of_an_estimate_is_drawn_over_its_gradient():
    figure = intervals(ESCAPES)
    drawn = [axes for axes in figure.axes if axes.axison and axes.lines]
    assert len(drawn) == 4
    for axes in drawn:
        assert any(len(line.get_xdata()) == len(ESCAPES[0].u) for line in axes.lines)


def test_few_are_lines_and_many_values_a_heat_map():
    (axes,) = agreement(FEW).axes
    assert len(axes.get_legend_handles_labels()[1]) == 2
    cells, _bar = agreement(MANY).axes
    assert [label.get_text() for label in cells.get_yticklabels()] == [
        f"{shape.params['alpha']}".removesuffix(".0") for shape in SAME
    ]
    (image,) = cells.images
    assert image.get_array().tolist() == [list(one.means) for one in MANY]
