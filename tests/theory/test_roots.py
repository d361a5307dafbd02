"""Zeros over a domain, of functions whose zeros are known."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sgcli.definitions.param import Interval
from sgcli.errors import SgError
from sgcli.theory.roots import bracketed, grid, scan

POSITIVE = Interval.parse("(0, inf)")
places = st.floats(-3.9, 3.9).map(lambda e: 10**e)


@given(places)
def test_a_zero_is_found_to_the_last_digits(x):
    assert scan(lambda a: math.log(a / x), POSITIVE).zeros == pytest.approx([x], rel=1e-13)


@given(st.floats(-3.5, 1.5).map(lambda e: 10**e), st.floats(1.001, 100))
def test_two_zeros_are_found_however_close(low, ratio):
    """Closer than the grid they are seen by the extremum between them."""
    high = low * ratio
    found = scan(lambda a: math.log(a / low) * math.log(a / high), POSITIVE)
    assert found.zeros == pytest.approx([low, high], rel=1e-9)


@given(st.floats(-1e3, 1e3))
def test_a_zero_on_either_side_of_the_origin(x):
    found = scan(lambda a: a - x, Interval.parse("(-inf, inf)"))
    assert found.zeros == pytest.approx([x], rel=1e-12, abs=1e-12)


@pytest.mark.parametrize(
    ("domain", "x"),
    [("[0, inf)", 0.0), ("(1, inf)", 1.002), ("(-inf, 3]", -7.0), ("(0, 1)", 0.999), ("[2, 5]", 5)],
)
def test_every_kind_of_domain(domain, x):
    interval = Interval.parse(domain)
    assert all(point in interval for point in grid(interval))
    assert scan(lambda a: a - x, interval).zeros == pytest.approx([x], rel=1e-12, abs=1e-15)


def test_a_jump_is_no_zero_and_no_zero_is_none():
    assert scan(lambda a: 1.0 if a > 2 else -1.0, POSITIVE).zeros == []
    assert scan(lambda a: 1 + a, POSITIVE).zeros == []


def test_a_function_that_does_not_depend_on_its_argument():
    assert scan(lambda a: 1.0, POSITIVE).constant
    assert not scan(lambda a: 1.0 + 1e-6 * a, POSITIVE).constant


def test_a_function_may_have_no_value_somewhere_but_not_everywhere():
    def right(a):
        if a < 1:
            raise SgError("not there")
        return a - 3

    found = scan(right, POSITIVE)
    assert found.zeros == pytest.approx([3], rel=1e-13)
    assert min(found.points) >= 1
    with pytest.raises(SgError, match="not there"):
        scan(lambda a: right(0.0), POSITIVE)


@given(st.floats(-5, 5), st.floats(0.1, 5))
def test_a_bracket_closes_on_a_steep_function_too(x, steep):
    def f(a):
        return math.expm1(steep * (a - x))

    assert bracketed(f, -10.0, 10.0, f(-10.0), f(10.0)) == pytest.approx(x, rel=1e-12, abs=1e-12)
