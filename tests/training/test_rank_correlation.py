"""Rank correlation."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sgcli.training.rank_correlation import spearman

VALUES = st.lists(st.integers(-50, 50), min_size=3, max_size=12).filter(lambda v: len(set(v)) > 1)


@given(VALUES)
def test_only_the_order_matters(values: list[int]) -> None:
    assert spearman(values, [v**3 + 7 for v in values]) == pytest.approx(1)
    assert spearman(values, [-v for v in values]) == pytest.approx(-1)


@given(VALUES, st.randoms())
def test_it_is_symmetric(values: list[int], random: object) -> None:
    other = list(range(len(values)))
    random.shuffle(other)  # type: ignore[attr-defined]
    assert spearman(values, other) == pytest.approx(spearman(other, values))


def test_by_hand() -> None:
    # 1 − 6·Σd²/(n(n² − 1)) without ties: d = 0, 1, 1, 0.
    assert spearman([1, 2, 3, 4], [10, 30, 20, 40]) == pytest.approx(1 - 6 * 2 / (4 * 15))
    # Ranks 0.5, 0.5, 2 and 0, 1, 2: covariance 1.5, variances 1.5 and 2.
    assert spearman([5, 5, 9], [1, 2, 3]) == pytest.approx(1.5 / (1.5 * 2) ** 0.5)


@pytest.mark.parametrize(("one", "other"), [([1, 2], [1, 2]), ([1, 1, 1], [1, 2, 3]), ([], [])])
def test_where_there_is_none(one: list[float], other: list[float]) -> None:
    assert spearman(one, other) is None
