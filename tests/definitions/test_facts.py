"""The computed claims, against closed forms and against brute force."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sgcli.definitions import REGISTRY, Definition, Shape
from sgcli.definitions.evaluate import curve, exact
from sgcli.definitions.facts import area, facts, peak, peer_default_peak, zero_from
from sgcli.definitions.formulas import definition
from sgcli.floats import FLOATS
from sgcli.maths.mpmath_ import mp
from tests.strategies import DEFINITIONS, name_of, shapes

every = pytest.mark.parametrize("definition", DEFINITIONS, ids=name_of)


@given(shape=shapes())
def test_no_point_lies_above_the_peak(shape):
    peak = facts(shape).peak
    x = np.concatenate([np.linspace(-30, 30, 60001), shape.kinks(-30, 30), shape.jumps(-30, 30)])
    y = curve(shape, x)
    assert y.max() <= peak * (1 + 1e-12)
    assert curve(shape, [facts(shape).peak_at])[0] <= peak * (1 + 1e-12)


@pytest.mark.parametrize(
    ("name", "params", "width"),
    [
        ("sigmoid", {"alpha": 4.0}, 2 * math.acosh(math.sqrt(2)) * 2 / 4),
        ("atan", {"alpha": 2.0}, 2 / math.pi),
        ("erf", {"alpha": 2.0}, math.sqrt(math.log(2))),
        ("soft_sign", {"alpha": 2.0}, math.sqrt(2) - 1),
        ("piecewise_quadratic", {"alpha": 2.0}, 0.5),
        ("piecewise_exp", {"alpha": 3.0}, 2 * math.log(2) / 3),
        ("rect", {"alpha": 4.0}, 0.25),
        ("fake_numerical_gradient", {"alpha": 1.0}, 4.0),
        ("leaky_k_relu", {}, math.inf),
    ],
)
def test_full_width_at_half_maximum(name, params, width):
    assert facts(Shape.of(REGISTRY[name], **params)).fwhm == pytest.approx(width, rel=1e-9)


@given(shape=shapes())
def test_the_area_is_the_integral(shape):
    result = facts(shape)
    if (
        result.area is None
        or math.isinf(result.area)
        or "power" in (result.left.law, result.right.law)
    ):
        return
    edges = [-200.0, *shape.kinks(-200, 200), *shape.jumps(-200, 200), 0.0, 200.0]
    total = 0.0
    for low, high in zip(sorted(edges)[:-1], sorted(edges)[1:], strict=True):
        x = low + (high - low) * (0.5 - 0.5 * np.cos(np.pi * (np.arange(200000) + 0.5) / 200000))
        weight = (high - low) * np.pi / 400000 * np.sin(np.pi * (np.arange(200000) + 0.5) / 200000)
        total += float((curve(shape, x) * weight).sum())
    assert total == pytest.approx(result.area, rel=1e-6)


def test_without_a_primitive_the_area_is_integrated():
    class Bump(Definition):
        no_primitive = "none was written"

        @staticmethod
        def derivative(m, x):
            return m.exp(-m.abs(4 * x))

        @staticmethod
        def kinks(low, high):
            return (0,)

    assert facts(Shape.of(Bump)).area == pytest.approx(0.5, rel=1e-15)


@pytest.mark.parametrize(
    ("name", "left", "right"),
    [
        ("sigmoid", "exponential", "exponential"),
        ("erf", "gaussian", "gaussian"),
        ("atan", "|x|^-2", "|x|^-2"),
        ("nonzero_sign_log_abs", "|x|^-1", "|x|^-1"),
        ("s2nn", "exponential", "|x|^-1"),
        ("leaky_k_relu", "0 beyond 0", "constant"),
        ("rect", "0 beyond 0.5", "0 beyond 0.5"),
        ("squarewave_fourier_series", "periodic", "periodic"),
    ],
)
def test_tails(name, left, right):
    result = facts(Shape.of(REGISTRY[name]))
    assert (str(result.left), str(result.right)) == (left, right)


@pytest.mark.parametrize(
    ("formula", "law"),
    [
        ("cos(x)", "periodic"),
        ("1 + sin(3*x)/2", "periodic"),
        ("cos(x)*exp(-abs(x))", "exponential"),
        ("1/(1 + log(1 + abs(x)))", "power"),
        ("1 + 1/(1 + x**2)", "constant"),
    ],
)
def test_tails_of_formulas_without_a_declared_period(formula, law):
    result = facts(Shape.of(definition(formula)))
    assert (result.left.law, result.right.law) == (law, law)
    assert (result.area is None) == (law == "periodic")


@given(alpha=st.floats(1.5, 10))
def test_the_exponent_of_a_power_tail_is_computed(alpha):
    tail = facts(Shape.of(REGISTRY["q_pseudo_spike"], alpha=alpha)).right
    assert tail.exponent == pytest.approx(-alpha, abs=1e-4)


@every
@pytest.mark.parametrize("side", [-1, 1])
def test_the_gradient_rounds_to_zero_beyond_zero_from(definition, side):
    shape = Shape.of(definition)
    start = zero_from(shape, "float32", side)
    half = 2.0**-150
    if math.isinf(start):
        return
    assert abs(exact(shape, side * (start * 1.001 + 1e-9))) <= half
    if start:
        assert abs(exact(shape, side * start * 0.999)) > half


@pytest.mark.parametrize("dtype", FLOATS)
def test_a_support_beyond_the_threshold_ends_with_its_tail(dtype):
    ends = [
        zero_from(Shape.of(REGISTRY["sparse_fast_sigmoid"], alpha=1.0, b=b), dtype)
        for b in (0.25, -0.25)
    ]
    assert ends[0] == pytest.approx(ends[1], rel=1e-12)
    assert ends[0] > 100


@given(shape=shapes(), dtype=st.sampled_from(list(FLOATS)), steep=st.sampled_from([1.0, 300.0]))
def test_steep_gradients_round_to_zero_near_the_threshold(shape, dtype, steep):
    alpha = shape.params.get("alpha", 0.0) * steep
    if "alpha" not in shape.params or alpha not in shape.definition.params["alpha"].interval:
        return
    shape = Shape.of(shape.definition, **{**shape.params, "alpha": alpha})
    half = mp.mpf(FLOATS[dtype].smallest) / 2
    for side in (-1, 1):
        start = zero_from(shape, dtype, side)
        if 0 < start < math.inf:
            assert abs(exact(shape, side * start * 1.001)) <= half
            assert abs(exact(shape, side * start * 0.999)) > half


@given(shape=shapes())
def test_half_of_the_peak_is_reached_at_the_ends_of_the_half_width(shape):
    result = facts(shape)
    for end, inward in zip(result.half, (1, -1), strict=True):
        if math.isfinite(end):
            step = inward * 1e-6 * max(result.fwhm, 1e-6)
            inside, outside = curve(shape, [end + step, end - step])
            assert outside <= result.peak / 2 * (1 + 1e-9)
            assert inside >= result.peak / 2 * (1 - 1e-9)


@given(shape=shapes())
def test_an_even_gradient_is_the_same_on_both_sides(shape):
    x = np.geomspace(1e-2, 30, 101)
    same = np.allclose(curve(shape, x), curve(shape, -x), rtol=1e-9, atol=0)
    assert facts(shape).even == same


def test_the_five_spikingjelly_defaults_without_peak_one():
    """The peaks of CONTRACT, computed by hand from their formulas."""
    peaks = {d.name: peer_default_peak(d, "spikingjelly") for d in DEFINITIONS}
    different = {n: p for n, p in peaks.items() if p is not None and abs(p - 1) > 1e-12}
    assert different == pytest.approx(
        {
            "piecewise_exp": 0.5,
            "erf": 2 / math.sqrt(math.pi),
            "piecewise_leaky_relu": 0.5,
            "squarewave_fourier_series": 0.5,
            "fake_numerical_gradient": 0.3,
        }
    )


@given(shapes())
def test_peak_and_area_alone_are_those_of_the_facts(shape):
    assert (peak(shape), area(shape)) == (facts(shape).peak, facts(shape).area)
