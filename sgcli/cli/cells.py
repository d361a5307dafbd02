"""How tables of measurements show what stands in a cell."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence


def params(values: Mapping[str, float]) -> str:
    """``alpha=4, beta=1``."""
    return ", ".join(f"{name}={number:g}" for name, number in values.items())


def spread(mean: float | None, deviation: float | None = None) -> str:
    """``1.0340 ± 0.0004``: one digit of the deviation, and the mean to the same place.

    Four digits without a deviation, or if the mean is too small or large to be written out.
    """
    if mean is None:
        return "–"
    if not deviation:
        return f"{mean:.4g}"
    if not (1e-3 <= abs(mean) < 1e5 and 1e-6 < deviation < 1e4):
        return f"{mean:.4g} ± {deviation:.1g}"
    places = max(0, -math.floor(math.log10(float(f"{deviation:.1g}"))))
    return f"{mean:.{places}f} ± {deviation:.{places}f}"


def percent(value: float | None) -> str:
    """``+0.12 %``."""
    return "–" if value is None else f"{value:+.2f} %".replace("-", "−")


def share(value: float | None) -> str:
    """``42.60 %``: a part of one."""
    return "–" if value is None else f"{100 * value:.2f} %"


def rates(values: Sequence[float]) -> str:
    """``0.072, 0.017``: the firing rates of layers."""
    return ", ".join(f"{rate:.3f}" for rate in values) or "–"


def short(value: float | None) -> str:
    """Three digits."""
    if value is None:
        return "–"
    return "∞" if math.isinf(value) else f"{value:.3g}"
