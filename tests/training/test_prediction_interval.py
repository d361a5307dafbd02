"""The interval in which one more training is expected."""

from __future__ import annotations

import math
import random
from statistics import fmean, stdev

import mpmath
import pytest

from sgcli.training.prediction_interval import count_deviation, margin, student


@pytest.mark.parametrize(
    ("degrees", "quantile"),  # of 0.975; where there is a closed form, that
    [
        (1, math.tan(0.475 * math.pi)),
        (2, 0.95 * math.sqrt(2 / (1 - 0.95**2))),
        (3, 3.1824463052837096),
        (4, 2.7764451051977944),
        (9, 2.2621571627982055),
        (10, 2.2281388519862747),
        (100, 1.9839715185235523),
    ],
)
def test_student_has_the_tabulated_quantiles(degrees: int, quantile: float) -> None:
    assert student(0.95, degrees) == pytest.approx(quantile, rel=1e-13)


@pytest.mark.parametrize("confidence", [0.5, 0.95, 0.999])
@pytest.mark.parametrize("degrees", [1, 2, 5, 8, 31])
def test_student_inverts_the_incomplete_beta_function(confidence: float, degrees: int) -> None:
    t = student(confidence, degrees)
    beyond = mpmath.betainc(degrees / 2, 0.5, 0, degrees / (degrees + t * t), regularized=True)
    assert 1 - float(beyond) == pytest.approx(confidence, abs=1e-13)


@pytest.mark.parametrize(
    ("sd", "count", "floor", "want"),
    [
        (0.01, 5, 0.0, 2.7764451051977944 * 0.01 * math.sqrt(1.2)),
        (0.01, 3, 0.0, 4.3026527297494639 * 0.01 * math.sqrt(4 / 3)),
        # A floor is no estimate: it has the normal quantile.
        (0.0, 3, 0.0024, 1.959963984540054 * 0.0024 * math.sqrt(4 / 3)),
        (0.002, 3, 0.0024, 4.3026527297494639 * 0.002 * math.sqrt(4 / 3)),
        (0.001, 3, 0.0024, 1.959963984540054 * 0.0024 * math.sqrt(4 / 3)),
    ],
)
def test_the_margin(sd: float, count: int, floor: float, want: float) -> None:
    assert margin(sd, count, floor) == pytest.approx(want, rel=1e-12)


@pytest.mark.parametrize("count", [3, 5])
def test_one_more_draw_is_within_the_margin_19_times_in_20(count: int) -> None:
    draw, trials = random.Random(0), 4000

    def within() -> bool:
        *seen, one_more = (draw.gauss(0.9, 0.01) for _ in range(count + 1))
        return abs(fmean(seen) - one_more) <= margin(stdev(seen), count)

    # Four deviations of a count of 4000.
    assert fmean(within() for _ in range(trials)) == pytest.approx(0.95, abs=0.014)


def test_the_deviation_of_a_count() -> None:
    assert count_deviation(0.9387, 10_000) == pytest.approx(0.0023988, abs=1e-7)
    assert count_deviation(0.5, 100) == 0.05
    assert count_deviation(1.0, 100) == 0
