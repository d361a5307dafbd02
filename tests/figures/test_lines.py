"""Curves on axes: broken where they jump, whole elsewhere."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from matplotlib.figure import Figure

from sgcli.definitions import REGISTRY, Shape
from sgcli.figures.lines import draw, points
from sgcli.theory.curves import sample
from tests.strategies import DEFINITIONS, name_of, shapes


@given(shapes())
def test_no_piece_of_a_line_crosses_a_jump(shape):
    sampled = sample(shape, points=101)
    for which in sampled.y:
        x, y = points(sampled, which)
        for jump in sampled.jumps[which]:
            beside = np.flatnonzero(x == jump.x)
            assert np.isnan(y[beside]).sum() == (-2.5 < jump.x < 2.5)
        pieces = np.isfinite(y[:-1]) & np.isfinite(y[1:])
        for jump in sampled.jumps[which]:
            assert not (pieces & (x[:-1] < jump.x) & (x[1:] > jump.x)).any()


@pytest.mark.parametrize("definition", DEFINITIONS, ids=name_of)
def test_a_line_goes_through_every_sampled_value_off_the_jumps(definition):
    sampled = sample(Shape.of(definition), points=101)
    for which, values in sampled.y.items():
        drawn = set(zip(*(a.tolist() for a in points(sampled, which)), strict=True))
        at_jumps = {jump.x for jump in sampled.jumps[which]}
        wanted = zip(sampled.x.tolist(), values.tolist(), strict=True)
        assert {p for p in wanted if p[0] not in at_jumps} <= drawn


@pytest.mark.parametrize("low", [-1.0, 0.0, 0.5])
def test_a_jump_at_the_end_of_the_range_is_drawn_from_inside(low):
    sampled = sample(Shape.of(REGISTRY["sigmoid"]), low, 1.0, points=11)
    x, y = points(sampled, "forward")
    assert y[0] == (0.0 if low < 0 else 1.0)
    assert x[0] == low
    assert np.isnan(y).sum() == (low < 0)


def test_the_value_at_a_jump_is_filled_and_the_limits_open():
    sampled = sample(Shape.of(REGISTRY["rect"], alpha=2))
    axes = Figure().add_subplot()
    line = draw(axes, sampled, "derivative", color="red")
    opened, filled = (set(zip(*m.get_data(), strict=True)) for m in axes.lines[1:])
    assert opened == {(-0.25, 2), (0.25, 2)}
    assert filled == {(-0.25, 0), (0.25, 0)}
    assert axes.lines[1].get_markerfacecolor() == axes.get_facecolor()
    assert axes.lines[2].get_markerfacecolor() == line.get_color()


@pytest.mark.parametrize("definition", DEFINITIONS, ids=name_of)
def test_nothing_below_zero_is_on_a_log_scale(definition):
    sampled = sample(Shape.of(definition), -10, 10)
    for which, values in sampled.y.items():
        x, y = points(sampled, which, log=True)
        shown = y[np.isfinite(y)]
        assert (shown > 0).all()
        positive = set(values[values > 0].tolist())
        jumps = {v for j in sampled.jumps[which] for v in (j.left, j.value, j.right)}
        assert positive - jumps <= set(shown.tolist())
        assert len(x) == len(y)
