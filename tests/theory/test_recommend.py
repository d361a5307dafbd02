"""Recommended shapes have the ratio that they are recommended for."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sgcli.definitions import REGISTRY, Shape
from sgcli.definitions.facts import area, peak
from sgcli.definitions.formulas import from_formula
from sgcli.definitions.param import Interval
from sgcli.definitions.transform import transformed
from sgcli.errors import SgError
from sgcli.numerics.roots import scan
from sgcli.theory.flow import predict
from sgcli.theory.recommend import NORMALISE, grid, recommend
from tests.strategies import DEFINITIONS, name_of

SIGMOID = Shape.of(REGISTRY["sigmoid"])


def assert_right(found, mu, target=1.0):
    """Each root has the target; where there is none, the reason is given."""
    if found.shape is None:
        assert found.note
        assert found.shapes == ()
    for shape in found.shapes:
        size = {"none": 1.0, "peak": peak(shape), "area": area(shape)}[found.normalise]
        assert predict(shape, 1, mu).ratio / size == pytest.approx(target, rel=1e-9)
    if found.shape:
        assert found.shape in found.shapes
        scaled = transformed(found.shape, found.scale)
        assert predict(scaled, 1, mu).ratio == pytest.approx(target, rel=1e-9)
    if found.rescale:
        scaled = transformed(found.given, found.rescale)
        assert predict(scaled, 1, mu).ratio == pytest.approx(target, rel=1e-9)


@pytest.mark.parametrize("normalise", NORMALISE)
@pytest.mark.parametrize("definition", DEFINITIONS, ids=name_of)
def test_every_recommendation_has_ratio_1(definition, normalise):
    assert_right(recommend(Shape.of(definition), -0.5, 20, normalise=normalise), -0.5)


@given(st.floats(-2, 2), st.floats(0.3, 2), st.sampled_from(NORMALISE))
def test_any_mean_and_target(mu, target, normalise):
    found = recommend(SIGMOID, mu, 20, target=target, normalise=normalise)
    assert_right(found, mu, target)
    if found.shape is None:
        low, high = found.attained
        assert not low <= target <= high


def test_a_rectangle_against_its_closed_form():
    """Of the area 1 and a width w: r² = P(|x| < w/2) / (w² p (1 - p)), at mu = 0."""
    (shape,) = recommend(Shape.of(REGISTRY["rect"]), 0.0, 20).shapes
    w = 1 / shape.params["alpha"]
    assert 4 * math.erf(w / 2 / math.sqrt(2)) / w**2 == pytest.approx(1, rel=1e-10)


def test_several_roots_are_told_and_the_nearest_is_used():
    s2nn = REGISTRY["s2nn"]
    found = recommend(Shape.of(s2nn), -0.5, 20, normalise="peak")
    values = [shape.params["alpha"] for shape in found.shapes]
    assert len(values) == 2
    assert values == sorted(values)
    assert found.shape is found.shapes[1]
    assert f"{values[0]:.4g}" in found.note
    near = recommend(Shape.of(s2nn, alpha=1.0), -0.5, 20, normalise="peak")
    assert near.shape is near.shapes[0]
    assert near.shapes == pytest.approx(found.shapes)


def test_a_height_is_no_steepness():
    found = recommend(Shape.of(REGISTRY["super_spike"]), -0.5, 20, normalise="peak")
    assert found.shape is None
    assert "whatever alpha is" in found.note
    assert found.attained[0] == pytest.approx(found.attained[1])


def test_a_parameter_that_cannot_do_it():
    found = recommend(Shape.of(REGISTRY["q_pseudo_spike"]), -0.5, 20)
    assert found.shape is None
    assert found.attained[1] < 1
    assert "for alpha from 1 to" in found.note


def test_a_gradient_out_of_reach_has_ratio_0():
    found = recommend(Shape.of(REGISTRY["rect"]), -200.0, 20, gain=1.0)
    assert (found.ratio, found.rescale, found.attained[0]) == (0.0, None, 0.0)


@pytest.mark.parametrize("name", ["deterministic_pass", "multi_level_spike_count"])
def test_without_a_real_parameter_there_is_a_factor(name):
    found = recommend(Shape.of(REGISTRY[name]), -0.5, 20)
    assert (found.parameter, found.shape) == ("", None)
    assert f"times {found.rescale:.4g}" in found.note


def test_another_parameter_can_be_solved_for():
    found = recommend(Shape.of(REGISTRY["s2nn"]), -0.5, 20, solve="beta")
    assert_right(found, -0.5)
    assert {s.params["alpha"] for s in found.shapes} == {4.0}


def test_fan_in_enters_with_a_gain_only():
    gain = 0.05 * math.sqrt(784)
    found = recommend(SIGMOID, -0.5, 20, gain=gain)
    flow = predict(found.shape, 20, -0.5, gains=gain)
    assert flow.ratio == pytest.approx(1, rel=1e-9)
    wide = recommend(SIGMOID, -1.0, 20, gain=gain, sigma=2.0)
    moments = {"means": [-1.0], "deviations": [2.0], "gains": gain}
    assert predict(wide.shape, 1, **moments).ratio == pytest.approx(1, rel=1e-9)


def test_a_formula_is_solved_where_its_gradient_can_be_normalised():
    shape = from_formula("alpha/(1+(beta*x)**2)", {"alpha": 2, "beta": 3})
    found = recommend(shape, -0.5, 20, solve="beta", normalise="peak")
    atan = recommend(Shape.of(REGISTRY["atan"]), -0.5, 20, normalise="peak").shape
    steepness = math.pi / 2 * atan.params["alpha"]
    assert [s.params["beta"] for s in found.shapes] == pytest.approx([-steepness, steepness])
    assert found.shape.params["beta"] > 0
    tall = recommend(shape, -0.5, 20, solve="alpha", normalise="peak")
    assert "whatever alpha is" in tall.note


def test_what_does_not_apply_says_why():
    assert "do not vary" in recommend(SIGMOID, -50.0, 20).note
    window = recommend(Shape.of(REGISTRY["window"]), -0.5, 20, normalise="area")
    assert (window.ratio, window.note) == (
        None,
        "not applicable: the area of the gradient is infinite",
    )
    wave = recommend(Shape.of(REGISTRY["squarewave_fourier_series"]), 0.0, 20, normalise="area")
    assert "periodic" in wave.note


@pytest.mark.parametrize(
    ("name", "given", "error"),
    [
        ("rect", {"solve": "b"}, "no parameter 'b'"),
        ("squarewave_fourier_series", {"solve": "n"}, "integer"),
        ("rect", {"target": 0.0}, "a ratio cannot be 0"),
        ("rect", {"target": math.inf}, "a ratio cannot be inf"),
        ("rect", {"depth": 0}, "depth 0"),
    ],
)
def test_mistakes_are_told(name, given, error):
    with pytest.raises(SgError, match=error):
        recommend(Shape.of(REGISTRY[name]), 0.0, **{"depth": 20, **given})


@pytest.mark.parametrize(
    ("domain", "x"),
    [
        ("(-inf, inf)", -123.4),
        ("[0, inf)", 0.0),
        ("(1, inf)", 1.002),
        ("(-inf, 3]", -7.0),
        ("(0, 1)", 0.999),
        ("[2, 5]", 5),
    ],
)
def test_every_kind_of_domain_is_searched(domain, x):
    interval = Interval.parse(domain)
    assert all(point in interval for point in grid(interval))
    zeros = scan(lambda a: a - x, grid(interval)).zeros
    assert zeros == pytest.approx([x], rel=1e-12, abs=1e-15)
