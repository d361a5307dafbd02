"""Expressions are arithmetic, and nothing else is ever executed."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sgcli.definitions import expression
from sgcli.errors import SgError
from sgcli.maths import mpmath_, numpy_


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
        "x.__class__",
        "().__class__.__bases__",
        "x[0]",
        "exp.real(x)",
        "x and 1",
        "not x",
        "x % 2",
        "x // 2",
        "~x",
        "f'{x}'",
        "*x",
        "x**x**9**9",
        "x**(2*x)",
        "x**1e9",
        "exp(x, x)",
        "exp()",
        "where(x, 1, 2)",
        "sum(3, x)",
        "eval(x)",
        "1e999",
        "1j",
        "-" * 200 + "x",
        "abs(" * 50 + "x" + ")" * 50,
        "x\ny",
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


def test_powers_of_powers_of_integers_end_at_once():
    with pytest.raises(OverflowError):
        expression.evaluate("((((9**64)**64)**64)**64)**64", {})


@pytest.mark.parametrize(
    ("text", "x", "want"),
    [
        ("where(x < 1, 2*x, 7)", 0.5, 1.0),
        ("where(x < 1, 2*x, 7)", 1.0, 7.0),
        ("(x >= 1)*3 + (x > 1)/2", 1.0, 3.0),
        ("where(x > 0, log(x), 5)", -1.0, 5.0),
        ("clip(x, -1, maximum(1, 2)) + minimum(x, 3)", 2.5, 4.5),
    ],
)
def test_comparisons_choose_and_count(text, x, want):
    tree = expression.parse(text)
    assert float(expression.value(tree, mpmath_, {"x": mpmath_.mp.mpf(x)})) == want
    with np.errstate(all="ignore"):
        got = expression.value(tree, numpy_, {"x": np.array([x, x])})
    assert np.asarray(got, dtype=float).tolist() == [want, want]


def test_an_unknown_name_says_which_are_known():
    with pytest.raises(SgError, match="known: alpha"):
        expression.evaluate("gamma", {"alpha": 1.0})
