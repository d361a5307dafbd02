"""Surrogates that are sums of terms, and those that repeat."""

from __future__ import annotations

from typing import Any

from sgcli.definitions.core import Definition
from sgcli.definitions.param import Param
from sgcli.definitions.peers import Peer


def within_period(m: Any, x: Any, period: Any) -> Any:
    """``x`` moved by whole periods to the middle one, exactly: a large argument costs no digits."""
    r = m.fmod(x, period)
    return m.where(r > period / 2, r - period, m.where(r < -period / 2, r + period, r))


class SquarewaveFourierSeries(Definition, name="squarewave_fourier_series"):
    """The first terms of the Fourier series of a square wave."""

    n = Param(2, domain="[1, inf)", typical=(1, 6), doc="number of terms", integer=True)
    T_period = Param(8.0, domain="(0, inf)", typical=(2.0, 16.0), doc="period of the wave")
    sources = ("doi:10.1126/sciadv.adi1480",)
    peers = (
        Peer(
            "spikingjelly",
            "SquarewaveFourierSeries",
            {"n": "n + 1", "T_period": "T_period"},
            default={"n": 1},
            note="theirs sums n - 1 terms, ours n; with n = 1 their gradient is 0 everywhere",
        ),
    )
    signed_sum = "its terms have both signs, so rounding is relative to the peak and not to the sum"

    @staticmethod
    def primitive(m: Any, x: Any, n: Any, T_period: Any) -> Any:
        z = 2 * m.pi / T_period * within_period(m, x, T_period)
        return 0.5 + 2 / m.pi * m.sum(n, lambda i: m.sin((2 * i - 1) * z) / (2 * i - 1))

    @staticmethod
    def derivative(m: Any, x: Any, n: Any, T_period: Any) -> Any:
        z = 2 * m.pi / T_period * within_period(m, x, T_period)
        return 4 / T_period * m.sum(n, lambda i: m.cos((2 * i - 1) * z))

    @staticmethod
    def textbook(m: Any, x: Any, n: Any, T_period: Any) -> Any:
        return 4 / T_period * m.sum(n, lambda i: m.cos((2 * i - 1) * 2 * m.pi * x / T_period))

    @staticmethod
    def period(n: Any, T_period: Any) -> Any:
        return T_period


class MultiGaussian(Definition, name="multi_gaussian"):
    """A Gaussian with two wide negative ones at its sides: far from threshold it turns back."""

    sigma = Param(
        0.43911163665655058, domain="(0, inf)", typical=(0.2, 1.0), doc="width; default peak 1"
    )
    h = Param(0.15, domain="[0, inf)", typical=(0.0, 0.3), doc="weight of the negative lobes")
    s = Param(6.0, domain="(0, inf)", typical=(2.0, 8.0), doc="their width in units of sigma")
    sources = ("doi:10.1038/s42256-021-00397-w",)
    peers = (
        Peer(
            "sinabs",
            "MultiGaussian",
            {"sigma": "sigma", "h": "h", "s": "s"},
            default={"sigma": 0.5},
        ),
    )
    signed_sum = "its lobes have both signs, so rounding is relative to the peak and not to the sum"

    @staticmethod
    def primitive(m: Any, x: Any, sigma: Any, h: Any, s: Any) -> Any:
        u, v = (x - sigma) / (s * sigma), (x + sigma) / (s * sigma)
        root = m.sqrt(2)
        middle = (1 + h) * m.erf(x / sigma / root)
        return 0.5 + (middle - h * (m.erf(u / root) + m.erf(v / root))) / 2

    @staticmethod
    def derivative(m: Any, x: Any, sigma: Any, h: Any, s: Any) -> Any:
        z, u, v = x / sigma, (x - sigma) / (s * sigma), (x + sigma) / (s * sigma)
        middle = (1 + h) * m.exp(-z * z / 2)
        sides = h / s * (m.exp(-u * u / 2) + m.exp(-v * v / 2))
        return (middle - sides) / (sigma * m.sqrt(2 * m.pi))
