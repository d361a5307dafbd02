"""Surrogates compared."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sgcli.definitions import REGISTRY, Shape
from sgcli.definitions.evaluate import exact
from sgcli.definitions.facts import facts
from sgcli.theory.shape import FAR, NEAR, compare, measure
from tests.strategies import DEFINITIONS, name_of, shapes

KINDS = {"float32": np.float32, "float16": np.float16}


@pytest.mark.parametrize("definition", DEFINITIONS, ids=name_of)
@pytest.mark.parametrize("dtype", list(KINDS))
def test_a_dtype_keeps_the_gradient_inside_its_range_only(definition, dtype):
    shape = Shape.of(definition)
    for end, side in zip(measure(shape).zero[dtype], (-1, 1), strict=True):
        if np.isfinite(end) and end != 0:
            inside, outside = end - side * 1e-6 * abs(end), end + side * 1e-6 * abs(end)
            assert KINDS[dtype](float(exact(shape, inside))) != 0
            assert KINDS[dtype](float(exact(shape, outside))) == 0


@given(shapes())
def test_the_range_of_an_even_gradient_is_even_and_that_of_fewer_bits_within_it(shape):
    found = measure(shape)
    for low, high in found.zero.values():
        assert low <= high
        if facts(shape).even:
            assert low == -high
    if math.isfinite(found.zero["float32"][1]):
        assert found.zero["float32"][1] >= found.zero["bfloat16"][1]


@given(shapes(), st.floats(-30, 30))
def test_the_share_inside_is_the_density_between_the_ends(shape, mu):
    """By the trapezoidal rule over 200,001 points of a normal density."""
    found = measure(shape, mu)
    low, high = np.clip(found.facts.half, mu - 12, mu + 12)
    x = np.linspace(low, high, 200_001)
    density = np.exp(-((x - mu) ** 2) / 2) / math.sqrt(2 * math.pi)
    trapezoids = float((density[1:] + density[:-1]) @ np.diff(x)) / 2
    assert found.in_support == pytest.approx(trapezoids, rel=1e-6, abs=1e-12)


def test_a_far_membrane_has_a_share_that_no_cancellation_takes():
    """Published: the normal tail beyond 20, 2.7536e-89."""
    window = measure(Shape.of(REGISTRY["leaky_k_relu"]), -20.0)
    assert window.in_support == pytest.approx(2.753624118606233e-89, rel=1e-12)


def test_a_comparison_keeps_the_order_and_has_two_ranges():
    shapes = [Shape.of(REGISTRY[name]) for name in ("rect", "atan")]
    compared = compare(shapes)
    assert [m.shape for m in compared.measured] == shapes
    for sampled, limits in ((compared.near, NEAR), (compared.far, FAR)):
        assert [one.shape for one in sampled] == shapes
        assert {(one.x[0], one.x[-1]) for one in sampled} == {limits}


def test_one_range_given_holds_for_both():
    compared = compare([Shape.of(REGISTRY["rect"])], (-1.0, 3.0))
    assert {(one.x[0], one.x[-1]) for one in (*compared.near, *compared.far)} == {(-1.0, 3.0)}
