"""How tables of measurements show what stands in a cell."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence


def params(values: Mapping[str, float]) -> str:
    """``alpha=4, beta=1``."""
    return ", ".join(f"{name}={number:g}" for name, number in values.items())


def spread(mean: float | None, deviation: float | None = None) -> str:
    """``1.034 ± 0.0004``: four digits, and one of the deviation if there is any."""
    if mean is None:
        return "–"
    return f"{mean:.4g}" + (f" ± {deviation:.1g}" if deviation else "")


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
