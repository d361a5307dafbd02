"""Sampled curves: what is on the points, and what is between them."""

from __future__ import annotations

import csv
import io
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sgcli.definitions import REGISTRY, Definition, Shape
from sgcli.definitions.evaluate import curve
from sgcli.errors import SgError
from sgcli.theory.curves import CURVES, sample
from sgcli.theory.export import WORD, to_csv, to_objects
from tests.strategies import WITH_PRIMITIVE, name_of, shapes


class Box(Definition):
    """A box whose left edge belongs to it, with no primitive."""

    no_primitive = "none was asked for"

    @staticmethod
    def derivative(m, x):
        return m.where((x >= -1) & (x < 1), 1, 0)

    @staticmethod
    def jumps(low, high):
        return (-1, 1)


@given(shapes(), st.floats(-30, 29), st.floats(0.01, 50))
def test_values_are_those_of_the_definition_on_ordered_points(shape, low, width):
    sampled = sample(shape, low, low + width, points=57)
    assert (np.diff(sampled.x) > 0).all()
    assert (sampled.x[0], sampled.x[-1]) == (low, low + width)
    for which, y in sampled.y.items():
        np.testing.assert_array_equal(y, curve(shape, sampled.x, which))


@given(shapes(), st.floats(-3, 0), st.floats(0.1, 3))
def test_every_kink_and_jump_is_a_point(shape, low, high):
    sampled = sample(shape, low, high, points=7)
    special = {*shape.kinks(low, high), *shape.jumps(low, high), *shape.breakpoints(low, high)}
    assert special <= set(sampled.x.tolist())


@given(shapes())
def test_jumps_are_found_where_a_curve_jumps_and_nowhere_else(shape):
    """Between neighbouring points of a fine grid a curve without jumps moves little."""
    sampled = sample(shape, -2.5, 2.5, points=20_001)
    for which, y in sampled.y.items():
        jumps = {jump.x for jump in sampled.jumps[which]}
        steps = np.abs(np.diff(y))
        big = steps > 0.05 * (1 + np.abs(y).max())
        beside = {float(x) for i in np.flatnonzero(big) for x in sampled.x[i : i + 2]}
        assert len(beside & jumps) >= big.sum() / 2
        for jump in sampled.jumps[which]:
            assert max(abs(jump.right - jump.left), abs(jump.value - jump.left)) > 0


def test_a_jump_has_its_limits_and_the_value_of_the_definition():
    (low, high) = sample(Shape.of(Box), which=["derivative"]).jumps["derivative"]
    assert (low.x, low.left, low.value, low.right) == (-1, 0, 1, 1)
    assert (high.x, high.left, high.value, high.right) == (1, 1, 0, 0)


@pytest.mark.parametrize("definition", WITH_PRIMITIVE, ids=name_of)
def test_a_primitive_has_no_jumps_and_a_step_has_one(definition):
    sampled = sample(Shape.of(definition))
    assert sampled.jumps["primitive"] == ()
    if sampled.is_step:
        (jump,) = sampled.jumps["forward"]
        assert (jump.x, jump.left, jump.value, jump.right) == (0, 0, 1, 1)
        assert sampled.forward_label == "Heaviside Θ(x)"
    else:
        assert "Heaviside" not in sampled.forward_label


@given(shapes())
def test_the_sampled_peak_bounds_every_sampled_value(shape):
    sampled = sample(shape, which=["derivative"])
    x, peak = sampled.peak()
    assert peak >= sampled.y["derivative"].max()
    assert -2.5 <= x <= 2.5


def test_the_peak_of_the_seed_figure_is_a_quarter_of_alpha():
    assert sample(Shape.of(REGISTRY["sigmoid"], alpha=5)).peak() == (0.0, 1.25)


def test_without_a_primitive_there_are_the_other_curves_or_the_reason():
    assert list(sample(Shape.of(Box)).y) == ["forward", "derivative"]
    with pytest.raises(SgError, match="none was asked for"):
        sample(Shape.of(Box), which=["primitive"])


@pytest.mark.parametrize(
    ("low", "high"), [(1, 1), (2, 1), (math.nan, 1), (0, math.inf), (-1.5e308, 1.5e308)]
)
def test_a_range_that_is_none_is_refused(low, high):
    with pytest.raises(SgError, match="x cannot go from"):
        sample(Shape.of(Box), low, high)


@pytest.mark.parametrize("points", [-1, 1, 10**9])
def test_a_number_of_points_that_is_none_is_refused(points):
    with pytest.raises(SgError, match="points"):
        sample(Shape.of(Box), points=points)


@pytest.mark.parametrize("definition", WITH_PRIMITIVE, ids=name_of)
def test_exports_equal_the_curves_to_the_last_bit(definition):
    shape = Shape.of(definition)
    sampled = sample(shape, -3, 3, points=101)
    (rows, (found,)) = list(csv.DictReader(io.StringIO(to_csv([sampled])))), to_objects([sampled])
    x = np.array([float(row["x"]) for row in rows])
    assert {row["surrogate"] for row in rows} == {found["surrogate"]} == {shape.label}
    assert found["x"] == x.tolist()
    for which in CURVES:
        want = curve(shape, x, which).tolist()
        assert [float(row[WORD[which]]) for row in rows] == want == found[WORD[which]]


def test_a_curve_that_one_shape_lacks_is_empty_in_its_rows():
    sampled = [sample(Shape.of(d), points=2) for d in (Box, REGISTRY["sigmoid"])]
    rows = list(csv.DictReader(io.StringIO(to_csv(sampled))))
    for row in rows:
        assert (row["primitive"] == "") == (row["surrogate"] == "box")


def test_more_jumps_than_can_be_drawn_are_refused():
    shape = Shape.of(REGISTRY["multi_level_spike_count"], max_spike_count=10**12)
    with pytest.raises(SgError, match="jumps from 0 to 1e"):
        sample(shape, 0, 1e12)
