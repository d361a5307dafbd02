"""Spearman's rank correlation."""

from __future__ import annotations

import statistics
from collections.abc import Sequence


def spearman(one: Sequence[float], other: Sequence[float]) -> float | None:
    """Rank correlation, equal values sharing their mean rank.

    None for fewer than three pairs, or where all values of one side are equal.
    """
    if min(len(one), len(set(one)), len(set(other))) < 2 or len(one) < 3:
        return None
    return statistics.correlation(_ranks(one), _ranks(other))


def _ranks(values: Sequence[float]) -> list[float]:
    ordered = sorted(values)
    return [ordered.index(v) + (ordered.count(v) - 1) / 2 for v in values]
