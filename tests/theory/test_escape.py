"""The surrogate gradient of a neuron that fires at random."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sgcli.definitions import REGISTRY, Definition, Shape
from sgcli.definitions.evaluate import exact
from sgcli.theory.escape import CONFIDENCE, escape, interval, not_applicable
from tests.strategies import DEFINITIONS, name_of

APPLICABLE = [d for d in DEFINITIONS if not not_applicable(Shape.of(d))]
SLOPES = [d for d in APPLICABLE if d.name != "poisson_pass"]  # its gradient is 1 outside [0, 1] too
SIGMOID = REGISTRY["sigmoid"]


@pytest.mark.parametrize("definition", SLOPES, ids=name_of)
def test_the_slope_of_a_probability_is_unbiased(definition):
    found = escape(Shape.of(definition), 200_000)
    assert found.unbiased
    assert (found.low <= found.estimate).all()
    assert (found.estimate <= found.high).all()


@pytest.mark.parametrize("definition", SLOPES, ids=name_of)
def test_what_is_expected_is_the_difference_of_the_probabilities(definition):
    found = escape(Shape.of(definition), 100)
    for u, expected in zip(found.u, found.expected, strict=True):
        ends = [exact(found.shape, u + s * found.h, "primitive") for s in (1, -1)]
        want = float((ends[0] - ends[1]) / (2 * found.h))
        assert expected == pytest.approx(want, rel=1e-9, abs=1e-12)


class Twice(SIGMOID, name="twice"):
    """A gradient that is 3 % too large."""

    @staticmethod
    def derivative(m, x, alpha):
        return 1.03 * SIGMOID.derivative(m, x, alpha)


class Shifted(SIGMOID, name="shifted"):
    """A gradient a little off its place."""

    @staticmethod
    def derivative(m, x, alpha):
        return SIGMOID.derivative(m, x - 0.05, alpha)


@pytest.mark.parametrize("wrong", [Twice, Shifted], ids=name_of)
def test_another_gradient_is_found_biased(wrong):
    found = escape(Shape.of(wrong), 2_000_000)
    assert found.unbiased is False
    assert 0 < found.inside.sum() < len(found.u)


def test_straight_through_is_unbiased_where_the_probability_is_its_argument():
    found = escape(Shape.of(REGISTRY["poisson_pass"]), 200_000)
    inner = (found.u > found.h) & (found.u < 1 - found.h)
    outer = (found.u < -found.h) | (found.u > 1 + found.h)
    assert found.inside[inner].all()
    assert not found.inside[outer].any()
    assert inner.any()
    assert outer.any()


@given(st.lists(st.integers(0, 1000), min_size=1, max_size=8))
def test_the_ends_of_the_interval_are_where_chernoff_puts_them(successes):
    from sgcli.maths.mpmath_ import mp

    samples = 1000
    low, high = interval(np.array(successes), samples)
    room = math.log(2 * len(successes) / (1 - CONFIDENCE))
    for k, *ends in zip(successes, low, high, strict=True):
        p = mp.mpf(k) / samples
        assert ends[0] <= p <= ends[1]
        for end in ends:
            if 0 < end < 1:
                parts = [a * mp.log(a / b) for a, b in ((p, end), (1 - p, 1 - mp.mpf(end))) if a]
                assert float(samples * mp.fsum(parts)) == pytest.approx(room, rel=1e-9)


def test_one_seed_gives_one_answer():
    first, again, other = (escape(Shape.of(SIGMOID), 1000, seed) for seed in (3, 3, 4))
    assert (first.estimate == again.estimate).all()
    assert (first.estimate != other.estimate).any()


class Falls(Definition):
    """A primitive within [0, 1] that falls in the middle."""

    @staticmethod
    def primitive(m, x):
        return 0.5 + 0.4 * x / (1 + x * x)

    @staticmethod
    def derivative(m, x):
        r = 1 / (1 + x * x)
        return 0.4 * (1 - x * x) * r * r


NOT_APPLICABLE = [Falls, *(d for d in DEFINITIONS if d not in APPLICABLE)]


@pytest.mark.parametrize("definition", NOT_APPLICABLE, ids=name_of)
def test_what_is_no_probability_says_why(definition):
    found = escape(Shape.of(definition))
    assert found.note.startswith("not applicable because")
    assert (found.unbiased, found.inside, found.off, found.u) == (None,) * 4
