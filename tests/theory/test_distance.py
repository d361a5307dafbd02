"""Distances between gradients."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from sgcli.definitions import REGISTRY, Definition, Shape
from sgcli.definitions.evaluate import exact
from sgcli.definitions.facts import facts
from sgcli.maths.mpmath_ import mp
from sgcli.theory.distance import distances
from tests.strategies import DEFINITIONS, shapes

DEFAULTS = [Shape.of(definition) for definition in DEFINITIONS]


def apart(one: Shape, other: Shape, norm: str = "peak") -> float | None:
    return distances([one, other], norm).matrix[0][1]


def truth(one: Shape, other: Shape, norm: str) -> float:
    """By tanh-sinh quadrature at 30 digits between kinks, jumps and the roots of the difference."""
    with mp.workdps(30):
        heights = [mp.mpf(getattr(facts(shape), norm)) for shape in (one, other)]

        def difference(x):
            return exact(one, x) / heights[0] - exact(other, x) / heights[1]

        ends = {mp.zero, *(mp.mpf(side) * 10**k for side in (-1, 1) for k in range(-4, 4))}
        ends |= {mp.mpf(x) for s in (one, other) for x in (*s.kinks(-99, 99), *s.jumps(-99, 99))}
        grid = sorted(ends | {mp.mpf(k) / 64 + mp.mpf(1) / 1000 for k in range(-640, 640)})
        y = [difference(x) for x in grid]
        for (low, high), (below, above) in zip(
            itertools.pairwise(grid), itertools.pairwise(y), strict=True
        ):
            if below * above < 0:
                ends.add(_root(difference, low, high))
        path = [-mp.inf, *sorted(ends), mp.inf]
        return float(sum(abs(mp.quad(difference, pair)) for pair in itertools.pairwise(path)))


def _root(difference, low, high):
    rises = difference(high) > 0
    for _ in range(90):
        middle = (low + high) / 2
        low, high = (low, middle) if (difference(middle) > 0) == rises else (middle, high)
    return middle


FAST = ("sigmoid", "rect", "piecewise_quadratic", "erf", "multi_gaussian", "atan", "soft_sign")


@pytest.mark.parametrize("norm", ["peak", "area"])
@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("sigmoid", "piecewise_quadratic"),
        *(
            pytest.param(one, other, marks=pytest.mark.slow)
            for one, other in itertools.combinations([*FAST, "dspike", "circ", "fast_sigmoid"], 2)
        ),
    ],
)
def test_a_distance_is_the_integral(one, other, norm):
    pair = Shape.of(REGISTRY[one]), Shape.of(REGISTRY[other])
    assert apart(*pair, norm) == pytest.approx(truth(*pair, norm), rel=1e-9)


@pytest.mark.parametrize(
    ("one", "other", "norm", "distance"),
    [
        ({"rect": {}}, {"piecewise_quadratic": {}}, "peak", 0.5),
        ({"rect": {}}, {"rect": {"alpha": 4}}, "area", 1.5),
        ({"sigmoid": {"alpha": 1}}, {"sigmoid": {"alpha": 2}}, "peak", 2),
        ({"rect": {}}, {"multi_level_spike_count": {}}, "peak", 4),
        # Neither of each pair is integrable, their difference is.
        ({"nonzero_sign_log_abs": {}}, {"fake_numerical_gradient": {}}, "peak", 2),
        ({"leaky_k_relu": {}}, {"window": {"w": 0.3}}, "peak", 0.3),
        ({"sso": {}}, {"window": {"w": 2}}, "peak", 2),
        ({"deterministic_pass": {}}, {"poisson_pass": {}}, "peak", 0),
        ({"deterministic_pass": {}}, {"leaky_k_relu": {}}, "peak", math.inf),
        ({"nonzero_sign_log_abs": {}}, {"nonzero_sign_log_abs": {"alpha": 2}}, "peak", math.inf),
        ({"squarewave_fourier_series": {}}, {"rect": {}}, "peak", math.inf),
        ({"squarewave_fourier_series": {}}, {"squarewave_fourier_series": {}}, "peak", 0),
        ({"q_pseudo_spike": {}}, {"soft_sign": {}}, "area", 0),
    ],
)
def test_distances_known_by_hand(one, other, norm, distance):
    ((first, a),), ((second, b),) = one.items(), other.items()
    pair = Shape.of(REGISTRY[first], **a), Shape.of(REGISTRY[second], **b)
    assert apart(*pair, norm) == pytest.approx(distance, rel=1e-11, abs=1e-14)


@given(st.lists(shapes(), min_size=3, max_size=5), st.sampled_from(["peak", "area"]))
def test_it_is_a_distance(some, norm):
    found = distances(some, norm)
    for i, j, k in itertools.permutations(found.usable, 3):
        d, via = found.matrix[i][j], [found.matrix[i][k], found.matrix[k][j]]
        assert d == found.matrix[j][i] >= 0
        assert d <= sum(via) * (1 + 1e-9) + 1e-9
        if norm == "area" and not any(some[n].definition.signed_sum for n in (i, j)):
            assert d <= 2 + 1e-9
    for i in range(len(some)):
        assert (found.matrix[i][i] == 0) == (i in found.usable)


@given(shapes(), shapes())
def test_it_is_no_less_than_the_areas_differ_and_no_more_than_they_add_up_to(one, other):
    areas = [facts(shape).area for shape in (one, other)]
    assume(all(area is not None and math.isfinite(area) for area in areas))
    assume(not (one.definition.signed_sum or other.definition.signed_sum))
    a, b = (area / facts(shape).peak for area, shape in zip(areas, (one, other), strict=True))
    assert abs(a - b) * (1 - 1e-9) - 1e-12 <= apart(one, other) <= (a + b) * (1 + 1e-9)


@given(st.floats(1.1, 8), st.floats(1.1, 8))
def test_between_heavy_tails_it_counts_what_lies_beyond_any_grid(a, b):
    """Of two q_pseudo_spikes the one of the larger exponent lies below where |x| is large."""
    pair = [Shape.of(REGISTRY["q_pseudo_spike"], alpha=alpha) for alpha in (a, b)]
    assert apart(*pair, "area") >= 0
    assert abs(a - b) < 1e-6 or apart(*pair, "area") > 0
    far = Shape.of(REGISTRY["q_pseudo_spike"], alpha=1.02)
    steep = Shape.of(REGISTRY["rect"], alpha=1e4)
    # The density of one is spread so far out that nearly nothing of it meets the other.
    assert apart(far, steep, "area") == pytest.approx(2, abs=0.05)


def test_what_has_no_area_says_why():
    found = distances(DEFAULTS, "area")
    for i, shape in enumerate(DEFAULTS):
        area = facts(shape).area
        assert (i in found.reasons) == (area is None or not 0 < area < math.inf)
        assert all((d is None) == (i in found.reasons or j in found.reasons)
                   for j, d in enumerate(found.matrix[i]))  # fmt: skip
    assert all("area" in reason for reason in found.reasons.values())
    assert distances(DEFAULTS).reasons == {}


def test_a_surrogate_without_primitive_is_integrated():
    class Bump(Definition):
        no_primitive = "none was written"

        @staticmethod
        def derivative(m, x):
            return m.exp(-m.abs(4 * x))

        @staticmethod
        def kinks(low, high):
            return (0,)

    same = Shape.of(REGISTRY["spike_rate_escape"], alpha=4)
    other = Shape.of(REGISTRY["sigmoid"])
    assert apart(Shape.of(Bump), same) == pytest.approx(0, abs=1e-12)
    assert apart(Shape.of(Bump), other) == pytest.approx(apart(same, other), rel=1e-9)


def test_few_shapes_are_enough_and_many_take_no_more_memory():
    assert distances([]).matrix == []
    assert distances(DEFAULTS[:1]).matrix == [[0.0]]
    many = [Shape.of(REGISTRY["sigmoid"], alpha=a) for a in np.linspace(0.5, 10, 60)]
    matrix = np.array(distances(many).matrix)
    widths = 4 / np.linspace(0.5, 10, 60)
    np.testing.assert_allclose(matrix, np.abs(widths[:, None] - widths), rtol=1e-9, atol=1e-11)


def test_the_tree_joins_equal_functions_first_and_has_every_shape_once():
    found = distances(DEFAULTS)
    tree = found.tree()
    assert sorted(tree.leaves) == found.usable
    joined = [set(merged.leaves) for merged in tree.merges() if merged.height == 0]
    index = {shape.name: i for i, shape in enumerate(DEFAULTS)}
    for pair in (("soft_sign", "q_pseudo_spike"), ("sigmoid", "logistic"), ("circ", "circ_dist")):
        assert {index[name] for name in pair} in joined
