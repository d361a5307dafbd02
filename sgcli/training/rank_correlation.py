"""Spearman's rank correlation."""

from __future__ import annotations

import statistics
from collections.abc import Sequence


def spearman(x: Sequence[float], y: Sequence[float]) -> float | None:
    """The rank correlation of x and y; equal values share their mean rank.

    None for fewer than three pairs, and where all of x or all of y are equal.
    """
    if len(x) < 3 or min(len(set(x)), len(set(y))) < 2:
        return None
    return statistics.correlation(_ranks(x), _ranks(y))


def _ranks(values: Sequence[float]) -> list[float]:
    ordered = sorted(values)
    return [ordered.index(v) + (ordered.count(v) - 1) / 2 for v in values]
