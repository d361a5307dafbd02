"""Where a surrogate is looked at: kinks from both sides, whole tails, zeros, the peak."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sgcli.checks.dtypes import FORMATS, Format
from sgcli.definitions.core import Shape
from sgcli.definitions.evaluate import curve
from sgcli.definitions.facts import facts

REACH = 20.0
NEAR = 4  # ULP on either side of a jump within which either one-sided value is right


def reach(shape: Shape) -> float:
    """How far out kinks and jumps are looked at: a periodic gradient has infinitely many."""
    return 1e4 if shape.period is None else REACH + 1


def edges(shape: Shape) -> list[float]:
    """The kinks and jumps within the reach of the checks, as floats."""
    return shape.edges(-reach(shape), reach(shape))


def telling(shape: Shape, format: Format, seed: int = 0) -> NDArray[np.float64]:
    """A few hundred numbers of the format that tell most, each worth evaluating to 50 digits.

    Those of float32 are among those of float64, so that their truth is computed once.
    """
    special = [facts(shape).peak_at, *edges(shape)]
    ends = _ends(format)
    around = [s * (1 + k * format.unit) for s in special for k in (-64, -8, -2, 0, 2, 8, 64)]
    own = _rounded(np.concatenate([ends, -ends, around, faint(shape, format)]), format)
    if format.precision > 24:
        return _distinct(np.concatenate([own, telling(shape, FORMATS["float32"], seed)]))
    random = np.random.default_rng(seed)
    magnitudes = np.concatenate([10.0 ** random.uniform(-4, 2, 24), random.normal(size=16)])
    near = [s + d for s in special for d in (-1e-2, -1e-4, 1e-4, 1e-2)]
    more = _rounded(np.concatenate([magnitudes, -magnitudes, near]), format)
    return _distinct(np.concatenate([own, more]))


def faint(shape: Shape, format: Format) -> list[float]:
    """Where each tail is a few times the slack: there, a factor that is flushed to 0 shows.

    Tails that end, are constant or periodic have no such points.
    """
    if shape.period is not None:
        return []
    middle, far = facts(shape).peak_at, min(format.largest, 1e160)
    points = []
    for side in (-1.0, 1.0):
        for level in (1.25 * format.slack, 16 * format.slack):
            distances = np.geomspace(1e-8, far, 1024)
            for _ in range(3):  # the last time within a millionth
                below = np.abs(curve(shape, middle + side * distances)) < level
                last = int(np.flatnonzero(~below)[-1]) if not below.all() else -1
                if last in (-1, len(distances) - 1):
                    break
                distances = np.linspace(distances[last], distances[last + 1], 128)
            else:
                points.append(middle + side * float(distances[0]))
    return points


def _ends(format: Format) -> NDArray[np.float64]:
    """0, the ends of the range and numbers of every size between them."""
    largest, smallest = np.log10(format.largest), np.log10(format.smallest)
    sizes = 10.0 ** np.linspace(smallest + 1, largest - 1e-9, 24)
    ends = [0.0, format.smallest, format.smallest * 3, format.smallest_normal, format.largest]
    return np.concatenate([ends, sizes])


@cache
def dense(format: Format, seed: int = 0) -> NDArray[np.float64]:
    """Every number of a 16-bit format; else a grid of 0.002 in |x| ≤ 20 and random ones."""
    if format.precision < 24:
        result = every(format)
    else:
        random = np.random.default_rng([seed, format.precision])
        grid = np.linspace(-REACH, REACH, 20001)
        result = _rounded(np.concatenate([grid, random.uniform(-REACH, REACH, 20000)]), format)
    result.setflags(write=False)  # all checks share it
    return result


@cache
def sizes(format: Format) -> NDArray[np.float64]:
    """The distinct absolute values of the dense points."""
    return np.unique(np.abs(dense(format)))


def every(format: Format) -> NDArray[np.float64]:
    """All finite numbers of a 16-bit format."""
    bits = np.arange(2**16, dtype=np.uint16)
    if format.name == "float16":
        values = bits.view(np.float16).astype(np.float64)
    else:
        with np.errstate(invalid="ignore"):
            values = (bits.astype(np.uint32) << 16).view(np.float32).astype(np.float64)
    return values[np.isfinite(values)]


def _rounded(x: NDArray[np.float64], format: Format) -> NDArray[np.float64]:
    """The nearest numbers of the format, each once; -0.0 is kept beside 0.0."""
    near = np.clip(x, -format.largest, format.largest).astype(format.name).astype(np.float64)
    return _distinct(near)


def _distinct(x: NDArray[np.float64]) -> NDArray[np.float64]:
    """Each number once, -0.0 beside 0.0."""
    return np.concatenate([np.unique(x + 0.0), [-0.0]])  # -0.0 + 0.0 is 0.0


def near_any(x: NDArray[np.float64], where: list[float], format: Format, ulps: int) -> Any:
    """Which ``x`` lie within ``ulps`` of one of the points ``where``."""
    close = np.zeros(x.shape, dtype=bool)
    for point in where:
        close |= np.abs(x - point) <= ulps * format.ulp(point)
    return close
