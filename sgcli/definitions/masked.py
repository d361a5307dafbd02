"""Surrogates whose gradient is a smooth one cut off at an edge, where it jumps to 0."""

from __future__ import annotations

from typing import Any

from sgcli.definitions.core import Definition
from sgcli.definitions.param import Param


class Dspike(Definition, name="dspike"):
    """Differentiable spike: a hyperbolic tangent that rises from 0 to 1 within half a unit."""

    b = Param(3.0, domain="(0, inf)", typical=(0.5, 10.0), doc="steepness")
    sources = (
        "https://proceedings.neurips.cc/paper/2021/file/c4ca4238a0b923820dcc509a6f75849b-Paper.pdf",
    )
    peak_exempt = "its area is 1 on a support of length 1, so its peak exceeds 1 for every b"
    note = "b near 0 gives the rectangle of rect, a large b a step."

    @staticmethod
    def primitive(m: Any, x: Any, b: Any) -> Any:
        return 0.5 + m.tanh(b * m.clip(x, -0.5, 0.5)) / (2 * m.tanh(b / 2))

    @staticmethod
    def derivative(m: Any, x: Any, b: Any) -> Any:
        # 1 - tanh(b * x) ** 2 would cancel near the edges.
        e = m.exp(-2 * b * m.minimum(m.abs(x), 0.5))
        r = 1 / (1 + e)
        return m.where(m.abs(x) <= 0.5, 2 * b / m.tanh(b / 2) * e * r * r, 0)

    @staticmethod
    def textbook(m: Any, x: Any, b: Any) -> Any:
        inside = b * (1 - m.tanh(b * x) ** 2) / (2 * m.tanh(b / 2))
        return m.where(m.abs(x) <= 0.5, inside, 0)

    @staticmethod
    def jumps(low: float, high: float, b: Any) -> Any:
        return (-0.5, 0.5)
