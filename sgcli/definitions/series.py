"""Surrogates that are sums of terms or periodic."""

from __future__ import annotations

from typing import Any

from sgcli.definitions.core import Definition
from sgcli.definitions.param import Param
from sgcli.definitions.peers import Peer


class SquarewaveFourierSeries(Definition, name="squarewave_fourier_series"):
    """The first terms of the Fourier series of a square wave."""

    n = Param(2, domain="[1, 1000]", typical=(1, 6), doc="number of terms", integer=True)
    T_period = Param(8.0, domain="(0, inf)", typical=(2.0, 16.0), doc="period of the wave")
    sources = ("doi:10.1126/sciadv.adi1480",)
    peers = (
        Peer(
            "spikingjelly",
            "SquarewaveFourierSeries",
            {"n": "n + 1", "T_period": "T_period"},
            default={"n": 1},
            note="it sums n - 1 terms, ours n; its gradient for n = 1 is 0 everywhere",
        ),
    )
    signed_sum = "its terms have both signs, so rounding errors are relative to their sizes"

    @staticmethod
    def primitive(m: Any, x: Any, n: Any, T_period: Any) -> Any:
        z = 2 * m.pi / T_period * m.wrap(x, T_period)
        return 0.5 + 2 / m.pi * m.sum(n, lambda i: m.sin((2 * i - 1) * z) / (2 * i - 1))

    @staticmethod
    def derivative(m: Any, x: Any, n: Any, T_period: Any) -> Any:
        # The closed form sin(2nz) / sin(z) would lose the second derivative near the threshold.
        half_periods = 2 / T_period * m.wrap(x, T_period)
        return 4 / T_period * m.sum(n, lambda i: m.cospi((2 * i - 1) * half_periods))

    @staticmethod
    def textbook(m: Any, x: Any, n: Any, T_period: Any) -> Any:
        return 4 / T_period * m.sum(n, lambda i: m.cos((2 * i - 1) * 2 * m.pi * x / T_period))

    @staticmethod
    def period(n: Any, T_period: Any) -> Any:
        return T_period


class MultiGaussian(Definition, name="multi_gaussian"):
    """A Gaussian with two wide negative lobes: far from the threshold the gradient is negative."""

    sigma = Param(
        0.43911163665655058,
        domain="(0, inf)",
        typical=(0.2, 1.0),
        doc="width; the default has peak 1",
    )
    h = Param(0.15, domain="[0, inf)", typical=(0.0, 0.3), doc="weight of the negative lobes")
    s = Param(
        6.0, domain="(0, inf)", typical=(2.0, 8.0), doc="width of the lobes in units of sigma"
    )
    sources = ("doi:10.1038/s42256-021-00397-w",)
    peers = (
        Peer(
            "sinabs",
            "MultiGaussian",
            {"sigma": "sigma", "h": "h", "s": "s"},
            default={"sigma": 0.5},
        ),
    )
    signed_sum = "its lobes have both signs, so rounding errors are relative to their sizes"

    @staticmethod
    def primitive(m: Any, x: Any, sigma: Any, h: Any, s: Any) -> Any:
        u, v = (x - sigma) / (s * sigma), (x + sigma) / (s * sigma)
        root = m.sqrt(2)
        middle = (1 + h) * m.erf(x / sigma / root)
        return 0.5 + (middle - h * (m.erf(u / root) + m.erf(v / root))) / 2

    @staticmethod
    def derivative(m: Any, x: Any, sigma: Any, h: Any, s: Any) -> Any:
        z, u, v = x / sigma, (x - sigma) / (s * sigma), (x + sigma) / (s * sigma)
        middle = (1 + h) * m.decay(z * z / 2)
        sides = h / s * (m.decay(u * u / 2) + m.decay(v * v / 2))
        return (middle - sides) / (sigma * m.sqrt(2 * m.pi))


PERIODS = 4  # the number of periods whose kinks are listed; the others repeat them


class PeriodicExponential(Definition, name="periodic_exponential"):
    """A peak at every multiple of the threshold, for neurons with several spikes in one step."""

    w = Param(0.5, domain="(0, inf)", typical=(0.25, 1.0), doc="decay length below the threshold")
    v_threshold = Param(
        1.0, domain="(0, inf)", typical=(0.5, 2.0), doc="threshold, the distance between peaks"
    )
    sources = ("arXiv:2111.01456",)
    peers = (Peer("sinabs", "PeriodicExponential", {"grad_width": "w"}),)
    note = (
        "The gradient decays twice as fast for x >= 0. The formulas hold up to half a threshold; "
        "beyond it the gradient repeats with the period v_threshold."
    )

    @staticmethod
    def primitive(m: Any, x: Any, w: Any, v_threshold: Any) -> Any:
        r = m.wrap(x, v_threshold)
        below, above = m.where(r < 0, r, 0), m.where(r < 0, 0, r)
        part = w / 2 * m.expm1(2 * below / w) - w / 2 * m.expm1(-2 * above / w)
        whole = -w * m.expm1(-v_threshold / w) / v_threshold * (x - r)
        return 0.5 + m.where(x < 0, w * m.expm1(m.minimum(x, 0) / w), whole + part)

    @staticmethod
    def derivative(m: Any, x: Any, w: Any, v_threshold: Any) -> Any:
        # The minimum is 2|r| everywhere; at its kink all derivatives are then 0.
        d = m.minimum(2 * m.abs(m.wrap(x, v_threshold)), v_threshold)
        return m.decay(m.where(x < 0, m.abs(x), d) / w)

    @staticmethod
    def kinks(low: float, high: float, w: Any, v_threshold: Any) -> Any:
        return (k * v_threshold / 2 for k in range(2 * PERIODS + 1))

    @staticmethod
    def period(w: Any, v_threshold: Any) -> Any:
        return v_threshold
