"""The figure of sg compare."""

from __future__ import annotations

import pytest

from sgcli.definitions import Shape
from sgcli.figures.comparison import comparison
from sgcli.figures.save import render
from sgcli.theory.shape import compare
from tests.strategies import DEFINITIONS


@pytest.mark.parametrize("count", [1, 4, len(DEFINITIONS)])
def test_a_linear_and_a_log_panel_with_one_line_a_shape(count):
    shapes = [Shape.of(d) for d in DEFINITIONS[:count]]
    figure = comparison(compare(shapes, points=101))
    linear, tails = figure.axes
    assert (linear.get_yscale(), tails.get_yscale()) == ("linear", "log")
    for axes in figure.axes:
        assert len(axes.get_legend_handles_labels()[1]) == count
    (legend,) = figure.legends
    assert len(legend.get_texts()) == count


def test_the_legend_of_all_lies_outside_the_panels_and_inside_the_figure():
    figure = comparison(compare([Shape.of(d) for d in DEFINITIONS], points=101))
    figure.draw_without_rendering()
    (legend,) = figure.legends
    box = legend.get_window_extent()
    assert all(box.x0 >= axes.get_window_extent().x1 for axes in figure.axes)
    assert figure.bbox.x1 >= box.x1
    assert figure.bbox.y0 <= box.y0 < box.y1 <= figure.bbox.y1


def test_equal_comparisons_are_equal_files():
    shapes = [Shape.of(d) for d in DEFINITIONS[:3]]
    first, second = (render(comparison(compare(shapes)), "svg") for _ in range(2))
    assert first == second
