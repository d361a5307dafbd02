"""The interval in which the result of one more seed is expected."""

from __future__ import annotations

import math
from statistics import NormalDist

from sgcli.numerics.roots import bisect

CONFIDENCE = 0.95


def margin(sd: float, count: int, floor: float = 0.0) -> float:
    """Half the width of the 95 % prediction interval around the mean of ``count`` seeds.

    A published number is one more draw from the distribution of the seeds. Its distance from their
    mean has the variance σ² (1 + 1/count). The seeds estimate σ by their ``sd``, so the quantile is
    Student's with count − 1 degrees of freedom. Standard deviations are not pooled over the epochs
    and arms of a protocol, because they differ by more than chance.

    ``floor`` is a known σ that the seeds cannot show; its quantile is the normal one.
    """
    of_seeds = student(CONFIDENCE, count - 1) * sd
    known = NormalDist().inv_cdf((1 + CONFIDENCE) / 2) * floor
    return max(of_seeds, known) * math.sqrt(1 + 1 / count)


def count_deviation(p: float, samples: int) -> float:
    """Standard deviation of a fraction p of n samples, such as an accuracy: √(p (1 − p)/n).

    All seeds are tested on the same images, so their sd lacks this part. Without it, a few seeds
    that happen to agree would rule out every other number.
    """
    return math.sqrt(p * (1 - p) / samples)


def student(confidence: float, degrees: int) -> float:
    """The t for which P(|T| ≤ t) = confidence, T having Student's distribution.

    The density of θ = atan(T/√ν) is proportional to cos^(ν−1) θ; its integral is elementary.
    """
    wanted = confidence * _integral(degrees - 1, math.pi / 2)
    low, high = bisect(lambda angle: _integral(degrees - 1, angle) >= wanted, 0.0, math.pi / 2)
    return math.sqrt(degrees) * math.tan(low / 2 + high / 2)


def _integral(power: int, angle: float) -> float:
    """∫ cos^power from 0 to an angle, by parts."""
    total = math.sin(angle) if power % 2 else angle
    for n in range(3 if power % 2 else 2, power + 1, 2):
        total = (math.cos(angle) ** (n - 1) * math.sin(angle) + (n - 1) * total) / n
    return total
