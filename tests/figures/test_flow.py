"""Figures of gradient flow show the numbers that they are given."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sgcli.definitions import REGISTRY, Shape
from sgcli.figures.flow import Trace, norms, spaced
from sgcli.figures.heatmap import heatmap
from sgcli.figures.membrane import membrane
from sgcli.figures.style import STYLES, Sheet
from sgcli.studies.flow_predicted import HeatMap
from sgcli.theory.membranes import histogram

SHAPES = [Shape.of(definition) for definition in REGISTRY.values()]


def traces(count):
    return [
        Trace(shape, [2, 1, 0], [0.0, 1.0 * i, 2.0 * i], [0.0, 1.0 * i, 2.1 * i], [0.0, None, 0.1])
        for i, shape in enumerate(SHAPES[:count])
    ]


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("count", [1, 3, 30])
def test_predicted_lines_and_measured_points(style, count):
    figure = norms(traces(count), "layer", "norm", Sheet(style))
    (axes,) = figure.axes
    shown = [line for line in axes.lines if not line.get_label().startswith("_")]
    drawn = [line.get_ydata() for line in shown if len(line.get_xdata()) == 3]
    for i in range(count):
        assert any(np.allclose(y, [1, 10.0**i, 10.0 ** (2 * i)]) for y in drawn)
    points = [container.lines[0].get_ydata()[-1] for container in axes.containers]
    assert points == pytest.approx([10 ** (2.1 * i) for i in range(count)])
    left, right = axes.get_xlim()
    assert left > 2 > 0 > right
    if count > 8:
        assert {text.get_text() for text in axes.texts} >= {s.name for s in SHAPES[:count]}
    assert "lines predicted, circles measured ± sd" in {text.get_text() for text in axes.texts}


def test_only_measured_is_drawn_too():
    (axes,) = norms([Trace(SHAPES[0], [1, 0], None, [0.0, 1.0])], "layer", "norm").axes
    assert axes.containers[0].lines[0].get_ydata() == pytest.approx([1, 10])


@given(st.lists(st.floats(0, 1), min_size=1, max_size=40), st.floats(0.001, 1))
def test_spaced_places_are_apart_in_order_and_inside(places, gap):
    found = spaced(sorted(places), gap)
    room = min(gap, 1 / max(len(places) - 1, 1))
    assert all(b - a >= room - 1e-9 for a, b in pairwise(found))
    assert min(found) >= -1e-9
    assert max(found) <= 1 + 1e-9


@pytest.mark.parametrize("count", [1, 4, 7])
def test_heat_maps_have_a_line_where_the_factor_is_1(count):
    values = np.geomspace(0.5, 8, 9).tolist()
    logs = [[depth * np.log10(value / 2) for value in values] for depth in (1, 2, 3)]
    one = HeatMap("atan", "alpha", 2.0, values, [1, 2, 3], logs)
    figure = heatmap([one] * count)
    panels = [axes for axes in figure.axes if axes.get_title() == "atan"]
    assert len(panels) == count
    (line,) = [c for c in panels[0].collections if hasattr(c, "levels")]
    path = np.concatenate([p.vertices for p in line.get_paths()])
    np.testing.assert_allclose(path[:, 0], 2.0, rtol=1e-6)


@pytest.mark.parametrize("layers", [1, 3])
def test_membranes_are_counted(layers):
    x = {f"layer {i}": np.random.default_rng(i).normal(-0.5, 1, 1000) for i in range(layers)}
    found = histogram(x, SHAPES[:2])
    for share in found.shares.values():
        assert 0.99 < share.sum() <= 1
    axes, below = membrane(found).axes
    assert len(below.patches) == layers
    assert axes.get_xlim() == below.get_xlim()
