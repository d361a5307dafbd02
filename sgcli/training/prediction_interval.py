"""The interval in which one more training is expected, after a few seeds of it."""

from __future__ import annotations

import math
from statistics import NormalDist

from sgcli.numerics.roots import bisect

CONFIDENCE = 0.95


def margin(sd: float, count: int, floor: float = 0.0) -> float:
    """Half the width of the 95 % prediction interval around the mean of ``count`` seeds.

    A published number is one more draw of what the seeds were drawn from: its distance from their
    mean has the variance σ² (1 + 1/count). Where σ is estimated by the ``sd`` of these seeds, the
    quantile is Student's with count − 1 degrees of freedom. The deviations of the epochs and arms
    of one protocol differ by more than chance, so that they are not pooled.

    ``floor`` is a σ known beforehand, which the seeds cannot show; its quantile is the normal one.
    """
    of_seeds = student(CONFIDENCE, count - 1) * sd
    known = NormalDist().inv_cdf((1 + CONFIDENCE) / 2) * floor
    return max(of_seeds, known) * math.sqrt(1 + 1 / count)


def count_deviation(p: float, samples: int) -> float:
    """Standard deviation of a fraction p that was counted on so many samples, √(p (1 − p)/n).

    An accuracy is such a fraction. Seeds are counted on the same test images, so that their sd
    lacks this part, and a few that happen to agree would rule out every other number.
    """
    return math.sqrt(p * (1 - p) / samples)


def student(confidence: float, degrees: int) -> float:
    """The t for which P(|T| ≤ t) = confidence, T having Student's distribution.

    The density of θ = atan(T/√ν) is proportional to cos^(ν−1) θ, which has an elementary integral.
    """
    wanted = confidence * _integral(degrees - 1, math.pi / 2)
    low, high = bisect(lambda angle: _integral(degrees - 1, angle) >= wanted, 0.0, math.pi / 2)
    return math.sqrt(degrees) * math.tan(low / 2 + high / 2)


def _integral(power: int, angle: float) -> float:
    """∫ cos^power from 0 to the angle, by parts."""
    total = math.sin(angle) if power % 2 else angle
    for n in range(3 if power % 2 else 2, power + 1, 2):
        total = (math.cos(angle) ** (n - 1) * math.sin(angle) + (n - 1) * total) / n
    return total
