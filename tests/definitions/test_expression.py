"""Expressions are arithmetic, and nothing else is ever executed."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sgcli.definitions import expression
from sgcli.errors import SgError


@given(alpha=st.floats(0.1, 10))
def test_the_value_is_that_of_the_arithmetic(alpha):
    got = expression.evaluate("alpha/2/(1 + (pi/2*alpha)**2) - -1.5", {"alpha": alpha})
    assert got == pytest.approx(alpha / 2 / (1 + (math.pi / 2 * alpha) ** 2) + 1.5)


def test_names_in_order():
    tree = expression.parse("alpha/2/(1+(pi/2*alpha*x)**2) + exp(beta)")
    assert expression.names(tree) == ["alpha", "x", "beta"]


@pytest.mark.parametrize(
    "text",
    [
        "__import__('os')",
        "x.real",
        "9**9**9",
        "2**1000",
        "lambda: 1",
        "[x for x in y]",
        "x if x else 1",
        "'text'",
        "True",
        "1 +",
        "",
        "exp(x, y=1)",
        "x < 1 < 2",
        "x := 1",
        "(" * 60 + "x" + ")" * 60 + "+" * 60 + "x",
        "+".join("x" * 2000),
        "\0",
    ],
)
def test_anything_else_is_refused_in_one_line(text):
    with pytest.raises(SgError) as caught:
        expression.parse(text)
    assert "\n" not in caught.value.message.replace(text, "")


def test_an_unknown_name_says_which_are_known():
    with pytest.raises(SgError, match="known: alpha"):
        expression.evaluate("gamma", {"alpha": 1.0})
