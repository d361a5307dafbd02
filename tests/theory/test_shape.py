"""Surrogates compared."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given

from sgcli.definitions import REGISTRY, Shape
from sgcli.definitions.evaluate import exact
from sgcli.definitions.facts import facts
from sgcli.theory.shape import FAR, NEAR, compare, measure
from tests.strategies import DEFINITIONS, name_of, shapes


@pytest.mark.parametrize("definition", DEFINITIONS, ids=name_of)
def test_float32_keeps_the_gradient_inside_its_range_only(definition):
    shape = Shape.of(definition)
    found = measure(shape)
    for end, side in ((found.float32_low, -1), (found.float32_high, 1)):
        if np.isfinite(end) and end != 0:
            inside, outside = end - side * 1e-6 * abs(end), end + side * 1e-6 * abs(end)
            assert np.float32(float(exact(shape, inside))) != 0
            assert np.float32(float(exact(shape, outside))) == 0


@given(shapes())
def test_the_range_of_an_even_gradient_is_even(shape):
    found = measure(shape)
    assert found.float32_low <= found.float32_high
    if facts(shape).even:
        assert found.float32_low == -found.float32_high


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
