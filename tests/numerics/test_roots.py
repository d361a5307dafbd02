"""Places and zeros of functions whose places and zeros are known."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from sgcli.errors import SgError
from sgcli.maths.mpmath_ import mp
from sgcli.numerics.roots import bisect, bracketed, scan, sign_changes

POSITIVE = np.geomspace(1e-4, 1e4, 50).tolist()
SIGNED = [-x for x in reversed(POSITIVE)] + [0.0] + POSITIVE
places = st.floats(-3.9, 3.9).map(lambda e: 10**e)


@given(st.floats(-1e300, 1e300), st.floats(-1e300, 1e300), st.floats(0, 1))
def test_two_ends_close_in_on_a_place(low, high, share):
    """In any order, and for ends whose sum overflows."""
    place = low + share * (high / 2 - low / 2)
    ends = bisect(lambda x: (x >= place) if low < high else (x <= place), low, high, 2200)
    assert place in ends
    assert ends[0] == ends[1] or np.nextafter(ends[0], ends[1]) == ends[1]


def test_each_entry_of_an_array_has_its_place():
    places = np.array([0.1, 0.5, 2.9])
    low, high = bisect(lambda x: x >= places, np.zeros(3), np.array([1.0, 2.0, 3.0]))
    assert (low < places).all()
    np.testing.assert_array_equal(high, places)


def test_numbers_with_many_digits_keep_them():
    low, high = bisect(lambda x: x * x >= 2, mp.mpf(1), mp.mpf(2), 180)
    assert abs(high - mp.sqrt(2)) < mp.mpf(10) ** -50
    assert low * low < 2 <= high * high


def test_every_change_of_sign_is_found_from_and_to_0_too():
    def steps(x):
        return np.where(x < 0.3, -1.0, np.where(x < 0.7, 0.0, np.where(x < 1.6, 2.0, -3.0)))

    points = np.linspace(0, 2, 9)
    assert sign_changes(steps, points).tolist() == [0.3, 0.7, 1.6]
    assert sign_changes(np.exp, points).tolist() == []


@given(places)
def test_a_zero_is_found_to_the_last_digits(x):
    assert scan(lambda a: math.log(a / x), POSITIVE).zeros == pytest.approx([x], rel=1e-13)


@given(st.floats(-3.5, 1.5).map(lambda e: 10**e), st.floats(1.001, 100))
def test_two_zeros_are_found_however_close(low, ratio):
    """Zeros closer than the grid are found by the extremum between them."""
    high = low * ratio
    result = scan(lambda a: math.log(a / low) * math.log(a / high), POSITIVE)
    assert result.zeros == pytest.approx([low, high], rel=1e-9)


@given(st.floats(-1e3, 1e3))
@example(5e-324)  # the product of its neighbours' values is 0
def test_a_zero_on_either_side_of_the_origin(x):
    result = scan(lambda a: a - x, SIGNED)
    assert result.zeros == pytest.approx([x], rel=1e-12, abs=1e-12)


def test_neither_a_jump_nor_a_positive_function_has_a_zero():
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

    result = scan(right, POSITIVE)
    assert result.zeros == pytest.approx([3], rel=1e-13)
    assert min(result.points) >= 1
    with pytest.raises(SgError, match="not there"):
        scan(lambda a: right(0.0), POSITIVE)


@given(st.floats(-5, 5), st.floats(0.1, 5))
def test_a_bracket_closes_on_a_steep_function_too(x, steep):
    def f(a):
        return math.expm1(steep * (a - x))

    assert bracketed(f, -10.0, 10.0, f(-10.0), f(10.0)) == pytest.approx(x, rel=1e-12, abs=1e-12)
