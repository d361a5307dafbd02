"""The figure of the distances."""

from __future__ import annotations

import itertools
import math

import pytest

from sgcli.definitions import REGISTRY, Shape
from sgcli.figures.distances import heat_maps
from sgcli.figures.save import render
from sgcli.figures.style import STYLES, Sheet
from sgcli.theory.distance import distances
from tests.strategies import DEFINITIONS

ALL = [Shape.of(definition) for definition in DEFINITIONS]
FOUR = [Shape.of(REGISTRY[name]) for name in ("sigmoid", "atan", "soft_sign", "erf")]


def drawn(shapes, style="default"):
    return heat_maps([distances(shapes, norm) for norm in ("peak", "area")], Sheet(style))


@pytest.mark.parametrize("shapes", [FOUR, ALL], ids=["four", "all"])
def test_each_map_has_its_rows_in_the_order_of_its_tree(shapes):
    found = [distances(shapes, norm) for norm in ("peak", "area")]
    figure = heat_maps(found)
    for panel, one in zip(figure.subfigs, found, strict=True):
        names = [shapes[one.usable[leaf]].name for leaf in one.tree().leaves]
        assert [text.get_text() for text in panel.axes[0].get_yticklabels()] == names
        joined = [m for m in one.tree().merges() if math.isfinite(m.height)]
        assert len(panel.axes[1].lines) == len(joined)


def test_few_shapes_have_their_numbers_in_the_cells():
    panel = drawn(FOUR).subfigs[0]
    assert {text.get_text() for text in panel.axes[0].texts} >= {"0.00", "0.07", "0.68"}
    assert len(drawn(ALL).subfigs[0].axes[0].texts) == 0


def test_a_normalisation_that_one_shape_has_is_left_out():
    figure = drawn([Shape.of(REGISTRY[name]) for name in ("sigmoid", "sso")])
    (panel,) = figure.subfigs
    assert "∞" in {text.get_text() for text in panel.axes[0].texts}


@pytest.mark.parametrize("style", list(STYLES))
@pytest.mark.parametrize("shapes", [FOUR, ALL], ids=["four", "all"])
def test_no_name_overlaps_the_next_or_leaves_the_figure(shapes, style):
    figure = drawn(shapes, style)
    figure.draw_without_rendering()
    for panel in figure.subfigs:
        boxes = [label.get_window_extent() for label in panel.axes[0].get_yticklabels()]
        assert all(figure.bbox.x0 <= box.x0 and box.x1 <= figure.bbox.x1 for box in boxes)
        middles = [(box.y0 + box.y1) / 2 for box in boxes]
        assert all(a > b for a, b in itertools.pairwise(middles))
        row = (middles[0] - middles[-1]) / (len(boxes) - 1)
        size = panel.axes[0].get_yticklabels()[0].get_fontsize() * figure.dpi / 72
        assert size <= 1.05 * row


def test_equal_distances_are_equal_files():
    assert render(drawn(FOUR), "svg") == render(drawn(FOUR), "svg")
