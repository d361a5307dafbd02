"""Means over a Gaussian membrane, against quadrature with 30 digits."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sgcli.definitions import REGISTRY, Definition, Param, Shape
from sgcli.definitions.evaluate import exact
from sgcli.definitions.formulas import from_formula
from sgcli.errors import SgError
from sgcli.maths import mpmath_
from sgcli.maths.mpmath_ import mp
from sgcli.theory.gaussian import (
    gradient_moment,
    mean,
    spike_moments,
)
from tests.strategies import DEFINITIONS, name_of, shapes

MUS = [-3.0, -0.5, 0.0, 3.0]


def by_quadrature(shape, f, mu, sigma):
    """E[f(x)] to 30 digits: between edges, unit steps and points in a ratio from each edge."""
    low, high = mu - 9 * sigma, mu + 9 * sigma
    edges = {0.0, *shape.kinks(low, high), *shape.jumps(low, high), *shape.breakpoints(low, high)}
    if shape.period:
        first, last = math.floor(low / shape.period), math.ceil(high / shape.period)
        inside = {e % shape.period for e in edges}
        edges |= {k * shape.period + e for k in range(first, last + 1) for e in inside}
    near = [e + s * 10.0**k for e in sorted(edges)[:3] for s in (-1, 1) for k in range(-6, 1, 2)]
    even = (mu + k * sigma for k in range(-9, 10))
    ends = sorted(e for e in {low, high, *edges, *near, *even} if low <= e <= high)
    with mp.workdps(30):

        def weighted(x):
            return f(x) * mp.npdf(x, mu, sigma)

        return mp.fsum(mp.quad(weighted, pair, maxdegree=7) for pair in itertools.pairwise(ends))


def squared(shape):
    if not shape.definition.random_gradient:
        return lambda x: exact(shape, x) ** 2
    definition = shape.definition

    def drawn(x):
        return mp.quad(
            lambda u: definition.drawn(mpmath_, x, u, *shape.values) ** 2,
            [0, 1],
            method="gauss-legendre",
            maxdegree=3,
        )

    return drawn


def assert_as_exact(shape, mu, sigma=1.0):
    want = by_quadrature(shape, squared(shape), mu, sigma)
    assert abs(gradient_moment(shape, mu, sigma) - want) <= 1e-8 * want


@pytest.mark.parametrize("definition", DEFINITIONS, ids=name_of)
def test_the_gradient_squared_at_a_random_place(definition):
    number = DEFINITIONS.index(definition)
    assert_as_exact(Shape.of(definition), MUS[number % len(MUS)])


@pytest.mark.slow
@pytest.mark.parametrize("mu", MUS[::2])
@pytest.mark.parametrize("definition", DEFINITIONS, ids=name_of)
def test_the_gradient_squared_everywhere(definition, mu):
    ends = [p.typical for p in definition.params.values()]
    for values in {definition.defaults, *itertools.product(*ends)}:
        assert_as_exact(Shape(definition, values), mu)


@pytest.mark.slow
@pytest.mark.parametrize("definition", DEFINITIONS, ids=name_of)
def test_the_forward_pass_everywhere(definition):
    shape = Shape.of(definition)
    for mu in MUS:
        first = by_quadrature(shape, lambda x: exact(shape, x, "forward"), mu, 1.0)
        second = by_quadrature(shape, lambda x: exact(shape, x, "forward") ** 2, mu, 1.0)
        variance = first - first**2 if definition.stochastic else second - first**2
        assert spike_moments(shape, mu) == pytest.approx((float(first), float(variance)), rel=1e-8)


@given(st.floats(-6, 6), st.floats(0.1, 10), st.floats(-4, 4))
def test_a_gaussian_against_its_closed_form(mu, sigma, log_alpha):
    """The square of a Gaussian gradient is one again, and so is its product with the density."""
    alpha = 10**log_alpha
    found = gradient_moment(Shape.of(REGISTRY["erf"], alpha=alpha), mu, sigma)
    spread = 1 + 4 * alpha**2 * sigma**2
    want = alpha**2 / math.pi * math.exp(-2 * alpha**2 * mu**2 / spread) / math.sqrt(spread)
    assert found == pytest.approx(want, rel=1e-9, abs=1e-290)


@given(st.floats(-30, 30), st.floats(0.05, 10), st.floats(-4, 4))
def test_a_rectangle_against_its_closed_form(mu, sigma, log_alpha):
    alpha = 10**log_alpha
    found = gradient_moment(Shape.of(REGISTRY["rect"], alpha=alpha), mu, sigma)
    with mp.workdps(60):
        a, b = ((side / (2 * mp.mpf(alpha)) - abs(mu)) / sigma for side in (-1, 1))
        want = alpha**2 * (mp.ncdf(b) - mp.ncdf(a))
    assert found == pytest.approx(float(want), rel=1e-8, abs=1e-280)


@given(shapes(), st.floats(-3, 3), st.floats(0.05, 5), st.floats(0.1, 3))
def test_moments_of_a_shape_obey_jensen_and_cauchy_schwarz(shape, mu, sigma, other):
    first, second = (gradient_moment(shape, mu, sigma, power) for power in (1, 2))
    assert second >= first**2 * (1 - 1e-9)
    assert gradient_moment(shape, mu, sigma, 4) >= second**2 * (1 - 1e-9)
    assert gradient_moment(shape, mu, sigma, 0) == pytest.approx(1, rel=1e-12)


@given(shapes(), st.floats(-3, 3))
def test_a_membrane_that_does_not_move_has_the_value_there(shape, mu):
    want = pytest.approx(float(squared(shape)(mp.mpf(mu))), abs=1e-14)
    assert gradient_moment(shape, mu, 0.0) == want


@settings(max_examples=20)
@given(st.floats(0.001, 0.5), st.integers(1, 30), st.floats(-3, 3))
def test_a_short_period_counts_by_its_mean(period, n, mu):
    shape = Shape.of(REGISTRY["squarewave_fourier_series"], n=n, T_period=period)
    assert gradient_moment(shape, mu) == pytest.approx((4 / period) ** 2 * n / 2, rel=1e-9)


@given(st.floats(-37, 37))
def test_spikes_have_the_variance_of_a_coin(mu):
    fires, variance = spike_moments(Shape.of(REGISTRY["sigmoid"]), mu)
    with mp.workdps(60):
        p, q = mp.ncdf(mu), mp.ncdf(-mu)
        assert fires == pytest.approx(float(p), rel=1e-12)
        assert variance == pytest.approx(float(p * q), rel=1e-12)


@given(st.floats(-8, 8))
def test_a_random_spike_has_the_variance_of_a_coin_too(mu):
    fires, variance = spike_moments(Shape.of(REGISTRY["poisson_pass"]), mu)
    assert variance == pytest.approx(fires * (1 - fires), rel=1e-6)


def test_a_nearly_constant_number_of_spikes_keeps_its_small_variance():
    shape = Shape.of(REGISTRY["multi_level_spike_count"])
    fires, variance = spike_moments(shape, 10.0)
    assert fires == pytest.approx(4, rel=1e-10)
    with mp.workdps(60):
        rare = mp.ncdf(-6.5)  # below 3.5: one spike fewer
    assert variance == pytest.approx(float(rare), rel=1e-6)


class Growing(Definition):
    """A gradient whose square has no Gaussian mean."""

    alpha = Param(0.25, domain="(0, inf)", typical=(0.25, 2.0))
    no_primitive = "none was asked for"

    @staticmethod
    def derivative(m, x, alpha):
        return m.exp(alpha * x * x)


class Hidden(Definition):
    """A gradient that jumps in more places than it says."""

    no_primitive = "none was asked for"

    @staticmethod
    def derivative(m, x):
        return m.where(m.sin(1e7 * x) > 0, 1, 0)


def test_a_mean_that_there_is_not_is_an_error():
    with pytest.raises(SgError, match="does not exist"):
        gradient_moment(Shape.of(Growing), 0.0, 1.0)
    with pytest.raises(SgError, match="does not converge"):
        gradient_moment(Shape.of(Hidden), 0.0, 1.0)
    with pytest.raises(SgError, match="too many periods"):
        gradient_moment(Shape.of(REGISTRY["periodic_exponential"], v_threshold=1e-6))


@pytest.mark.parametrize(("mu", "sigma"), [(math.nan, 1), (math.inf, 1), (0, -1), (0, math.nan)])
def test_a_membrane_that_is_none_is_refused(mu, sigma):
    with pytest.raises(SgError, match="a membrane cannot"):
        gradient_moment(Shape.of(REGISTRY["rect"]), mu, sigma)


def test_jumps_of_a_formula_are_edges():
    shape = from_formula("where(abs(x - 1/3) < 1/7, 1, 0)", {})
    with mp.workdps(30):
        third, seventh = mp.mpf(1) / 3, mp.mpf(1) / 7
        want = mp.ncdf(third + seventh) - mp.ncdf(third - seventh)
    assert gradient_moment(shape) == pytest.approx(float(want), rel=1e-9)


def test_any_function_has_a_mean():
    shape = Shape.of(REGISTRY["rect"])
    assert mean(lambda x: x**4, shape, 0.0, 2.0) == pytest.approx(48, rel=1e-12)
    assert mean(np.cos, shape, 0.0, 1.0) == pytest.approx(math.exp(-0.5), rel=1e-12)


@given(st.floats(-40, 40))
def test_the_edges_of_every_period_are_found(mu):
    """The periods far above the threshold are as those near it."""
    shape = Shape.of(REGISTRY["periodic_exponential"])
    whole = gradient_moment(shape, 60 + mu % 1)
    assert gradient_moment(shape, 200 + mu % 1) == pytest.approx(whole, rel=1e-9)
