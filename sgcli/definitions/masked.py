"""Surrogates with a smooth gradient that jumps to 0 at an edge."""

from __future__ import annotations

from typing import Any

from sgcli.definitions.core import AT_THRESHOLD, Definition
from sgcli.definitions.param import Param
from sgcli.definitions.peers import Peer


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
        e = m.decay(2 * b * m.minimum(m.abs(x), 0.5))
        inside = 2 * b / m.tanh(b / 2) * e / ((1 + e) * (1 + e))
        return m.where(m.abs(x) <= 0.5, inside, 0)

    @staticmethod
    def textbook(m: Any, x: Any, b: Any) -> Any:
        inside = b * (1 - m.tanh(b * x) ** 2) / (2 * m.tanh(b / 2))
        return m.where(m.abs(x) <= 0.5, inside, 0)

    @staticmethod
    def jumps(low: float, high: float, b: Any) -> Any:
        return (-0.5, 0.5)


class SparseFastSigmoid(Definition, name="sparse_fast_sigmoid"):
    """Sparse gradient: that of fast_sigmoid above a bound b, and 0 below it."""

    alpha = Param(25.0, domain="(0, inf)", typical=(0.5, 100.0), doc="steepness")
    b = Param(-0.5, domain="(-inf, inf)", typical=(-1.0, 0.25), doc="lower end of the support")
    sources = ("arXiv:2105.08810",)
    peers = (
        Peer(
            "snntorch",
            "SFS",
            {"slope": "alpha", "B": "b"},
            default={"b": 1.0},
            note=(
                "with its default B = 1 the gradient is 0 up to x = 1, one unit above the "
                "threshold, and at most 1/676 beyond it"
            ),
        ),
    )
    note = "The paper bounds |x|. Here, as in snnTorch, x is bounded from below only."

    @staticmethod
    def primitive(m: Any, x: Any, alpha: Any, b: Any) -> Any:
        u = m.maximum(x, b)
        return 0.5 + u / (1 / alpha + m.abs(u)) / alpha

    @staticmethod
    def derivative(m: Any, x: Any, alpha: Any, b: Any) -> Any:
        r = 1 / (1 + m.abs(alpha * x))
        return m.where(x > b, r * r, 0)

    @staticmethod
    def textbook(m: Any, x: Any, alpha: Any, b: Any) -> Any:
        return m.where(x > b, 1 / (1 + alpha * m.abs(x)) ** 2, 0)

    kinks = AT_THRESHOLD

    @staticmethod
    def jumps(low: float, high: float, alpha: Any, b: Any) -> Any:
        return (b,)


class Window(Definition, name="window"):
    """One-sided window: the gradient is 1 for x >= -w and has no upper end."""

    w = Param(
        1.0, domain="[0, inf)", typical=(0.0, 2.0), doc="width of the window below the threshold"
    )
    sources = ("arXiv:1308.3432",)
    peers = (
        Peer(
            "sinabs",
            "Heaviside",
            {"window": "w"},
            height="1/v_threshold",
            note="its window is an absolute distance; its documentation calls it relative",
        ),
    )

    @staticmethod
    def primitive(m: Any, x: Any, w: Any) -> Any:
        return m.maximum(x + w, 0)

    @staticmethod
    def derivative(m: Any, x: Any, w: Any) -> Any:
        return m.where(x >= -w, 1, 0)

    @staticmethod
    def jumps(low: float, high: float, w: Any) -> Any:
        return (-w,)
