"""Domains accept what is inside, and nothing else."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sgcli.definitions import Param
from sgcli.definitions.param import Interval
from sgcli.errors import ParameterError


@pytest.mark.parametrize("text", ["(0, inf)", "[0, inf)", "(1, inf)", "[0, 1]", "(-inf, inf)"])
@given(value=st.floats(-10, 10))
def test_an_interval_contains_what_its_notation_says(text, value):
    interval = Interval.parse(text)
    assert str(interval) == text
    low, high = map(float, text[1:-1].split(","))
    inside = (low <= value if text[0] == "[" else low < value) and (
        value <= high if text[-1] == "]" else value < high
    )
    assert (value in interval) == inside


@pytest.mark.parametrize("value", [0, -1.0, math.nan, math.inf, "4", None, True, [1.0], 1 + 0j])
def test_a_value_outside_the_domain_is_an_error_with_the_domain(value):
    param = Param(1.0, domain="(0, inf)", typical=(0.5, 2), name="alpha")
    with pytest.raises(ParameterError, match=r"alpha in \(0, inf\)"):
        param.check(value)


@pytest.mark.parametrize("value", [2, 2.5, np.float32(2), np.int64(3)])
def test_any_real_number_will_do(value):
    assert Param(1.0, domain="(0, inf)", typical=(0.5, 2)).check(value) == value


def test_integers():
    param = Param(2, domain="[1, inf)", typical=(1, 6), integer=True, name="n")
    assert param.check(3.0) == 3
    assert isinstance(param.check(3.0), int)
    for wrong in (0, 2.5):
        with pytest.raises(ParameterError, match="an integer in"):
            param.check(wrong)
    with pytest.raises(ParameterError):
        param.parse("two")


def test_a_default_outside_its_own_domain_cannot_be_written():
    with pytest.raises((ParameterError, RuntimeError)):

        class Wrong:
            alpha = Param(-1.0, domain="(0, inf)", typical=(1, 2))
