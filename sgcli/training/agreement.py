"""How well predictions rank what came of trainings."""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sgcli.training.deep import Entry


def agreement(entries: Sequence[Entry], optimizer: str) -> dict[str, float | None]:
    """Spearman's rank correlation of the mean accuracy with each prediction.

    ``flow`` is -|log r|, how near the factor of a gradient's norm is to 1; ``mean_ratio`` is
    r·√coherence, the factor of what is common to the gradients of all samples.
    """
    trained = [e for e in entries if e.ratio is not None and e.accuracies(optimizer)]
    reached = [statistics.fmean(e.accuracies(optimizer)) for e in trained]
    predictions = {
        # Rounded, because of shapes that are made for r = 1 it has the last digits only.
        "flow": [-round(abs(math.log(e.ratio)), 4) if e.ratio else -math.inf for e in trained],
        "coherence": [e.coherence or 0.0 for e in trained],
        "mean_ratio": [e.mean_ratio or 0.0 for e in trained],
        "participation": [e.participation or 0.0 for e in trained],
    }
    return {name: spearman(values, reached) for name, values in predictions.items()}


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
