"""Functions of the vocabulary composed of others, for namespaces and dialects that lack them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


def wrap(m: Any, x: Any, period: Any) -> Any:
    """``x`` shifted by whole periods into [−period/2, period/2], exactly even for large ``x``."""
    # In two steps: torch's fmod is NaN where the quotient overflows.
    r = m.fmod(m.fmod(x, 2.0**60 * period), period)
    return m.where(2 * m.abs(r) > period, r - m.sign(r) * period, r)


def decay(m: Any, x: Any) -> Any:
    """exp(−x) for x ≥ 0."""
    return m.exp(-x)


def cospi(m: Any, x: Any) -> Any:
    """cos(πx)."""
    return m.cos(m.pi * x)


def maximum(m: Any, a: Any, b: Any) -> Any:
    """The larger argument; the second at a tie."""
    if isinstance(b, (int, float)) and b == 0:
        return m.relu(a)
    return m.where(a <= b, b, a)


def minimum(m: Any, a: Any, b: Any) -> Any:
    """The smaller argument; the second at a tie."""
    return m.where(a >= b, b, a)


def total(n: Any, f: Callable[[Any], Any]) -> Any:
    """f(1) + … + f(n)."""
    result = f(1)
    for i in range(2, int(n) + 1):
        result = result + f(i)
    return result


def clip(m: Any, x: Any, low: Any, high: Any) -> Any:
    """``x`` limited to [low, high]."""
    return m.minimum(m.maximum(x, low), high)
