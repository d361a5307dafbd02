"""Shapes side by side, and how far they are apart."""

from __future__ import annotations

import pytest

from sgcli.definitions.facts import facts
from sgcli.errors import SgError
from sgcli.studies.compare import compare, distances


def test_facts_curves_and_what_is_the_same():
    result = compare(["soft_sign", "super_spike,alpha=3"], mu=0.5, xlim=(-1, 1))
    assert [one.facts for one in result.measured] == [facts(one.shape) for one in result.measured]
    assert [curve.x[0] for curve in (*result.near, *result.far)] == [-1] * 4
    (same,) = result.same
    assert (same.shape.name, same.height, same.width) == ("super_spike", 3, 0.5)
    assert (result.mu, result.costs) == (0.5, ())


def test_the_cost_is_measured_on_request(monkeypatch):
    monkeypatch.setattr("sgcli.measure.cost.costs.__defaults__", (2, 64))
    result = compare("atan", alpha=[1, 2], cost=True)
    assert [cost.shape for cost in result.costs] == [one.shape for one in result.measured]
    assert all(cost.nanoseconds > 0 for cost in result.costs)


def test_pairs_come_with_the_nearest_first():
    result = distances(["rect", "leaky_k_relu", "piecewise_quadratic"])
    pairs = result.pairs
    assert (pairs[0].shape.name, pairs[0].other.name) == ("rect", "piecewise_quadratic")
    assert (pairs[0].peak, pairs[0].area) == (0.5, 0.5)
    assert len(pairs) == 3
    assert pairs[1].area is None


@pytest.mark.parametrize("names", ["atan", ["atan", "atan"]])
def test_one_shape_has_no_distance(names):
    with pytest.raises(SgError, match="needs two"):
        distances(names)
