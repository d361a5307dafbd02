"""The raster and the membranes of a trained network."""

from __future__ import annotations

import numpy as np
import pytest

from sgcli.definitions import REGISTRY, Shape
from sgcli.figures.activity import membranes, raster
from sgcli.figures.style import STYLES, Sheet
from sgcli.theory.curves import sample
from sgcli.training.run.activity import Activity, LayerActivity

EDGES = [0.1 * i for i in range(-20, 11)]
LAYERS = [
    LayerActivity("nodes.0", 600, 3, [(0, 0), (4, 199), (4, 7)], 0.1, -1.0, 1.0, [1 / 30] * 30),
    LayerActivity("nodes.1", 10, 1, [(1, 9)], 0.2, -1.0, 1.0, [0.5, 0.5, *[0.0] * 28]),
]
FOUND = Activity("atan,alpha=2.0", 5, 7, EDGES, LAYERS)


@pytest.mark.parametrize("style", STYLES)
def test_a_mark_a_spike(style: str) -> None:
    figure = raster(FOUND, "a run", Sheet(style))
    for axes, layer in zip(figure.axes, LAYERS, strict=True):
        marks = [
            (position - 1, line.get_lineoffset())
            for line in axes.collections
            for position in line.get_positions()
        ]
        assert sorted(marks) == sorted(layer.spikes)
    assert figure.axes[0].get_ylabel() == "hidden 1\nneuron (1 in 3)"
    assert figure.axes[0].yaxis.get_major_formatter()(199, 0) == "597"
    assert "class 7" in figure.get_suptitle()


@pytest.mark.parametrize("style", STYLES)
def test_the_histograms_are_the_numbers(style: str) -> None:
    curve = sample(Shape.of(REGISTRY["atan"]), EDGES[0], EDGES[-1], which=["derivative"])
    figure = membranes(FOUND, curve, "a run", Sheet(style))
    above, below = figure.axes
    assert above.get_xlim() == below.get_xlim() == (EDGES[0], EDGES[-1])
    for patch, layer in zip(below.patches, LAYERS, strict=True):
        values, edges, _ = patch.get_data()
        assert np.array_equal(values, layer.share)
        assert np.array_equal(edges, EDGES)


def test_a_layer_that_is_silent_is_drawn_too() -> None:
    silent = LayerActivity("nodes.0", 3, 1, [], 0.0, -1.0, 0.0, [0.0] * 30)
    (axes,) = raster(Activity("atan", 5, 0, EDGES, [silent]), "a run").axes
    assert axes.get_ylim() == (-0.5, 2.5)
