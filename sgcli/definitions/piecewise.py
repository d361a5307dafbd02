"""Surrogates whose gradient is defined piecewise."""

from __future__ import annotations

import math
from typing import Any

from sgcli.definitions.core import AT_THRESHOLD, Definition
from sgcli.definitions.param import Param
from sgcli.definitions.peers import Alias, Peer


class PiecewiseQuadratic(Definition, name="piecewise_quadratic"):
    """Quadratic pieces: the gradient is a triangle."""

    alpha = Param(
        1.0, domain="(0, inf)", typical=(0.5, 10.0), doc="height, and inverse of the half width"
    )
    sources = ("doi:10.1073/pnas.1604850113", "doi:10.3389/fnins.2018.00331", "arXiv:1803.09574")
    aliases = (
        Alias("triangle", "arXiv:1803.09574"),
        Alias("zif", "arXiv:2202.11946"),
    )
    peers = (
        Peer(
            "spikingjelly",
            "PiecewiseQuadratic",
            {"alpha": "alpha"},
            note="its primitive squares x: NaN in float16 from |x| = 256 upwards; ours is finite",
        ),
        Peer(
            "norse",
            "triangle",
            {"alpha": "1"},
            only={"alpha": 1.0},
            note="its alpha (default 0.3) scales the height and leaves the width at 1",
        ),
    )
    note = (
        "snnTorch's triangular has no triangular gradient: it is +threshold for x < 0 and "
        "-threshold for x >= 0."
    )

    @staticmethod
    def primitive(m: Any, x: Any, alpha: Any) -> Any:
        u = m.clip(alpha * x, -1, 1)
        return 0.5 + u - u * m.abs(u) / 2

    @staticmethod
    def derivative(m: Any, x: Any, alpha: Any) -> Any:
        return alpha * m.maximum(1 - m.abs(alpha * x), 0)

    @staticmethod
    def kinks(low: float, high: float, alpha: Any) -> Any:
        return (-1 / alpha, 0, 1 / alpha)


class PiecewiseLeakyReLU(Definition, name="piecewise_leaky_relu"):
    """A ramp through the threshold, continued with a small slope on both sides."""

    w = Param(0.5, domain="(0, inf)", typical=(0.25, 2.0), doc="half width of the ramp")
    c = Param(0.01, domain="[0, inf)", typical=(0.0, 0.5), doc="gradient outside the ramp")
    sources = ("doi:10.3389/fnins.2018.00331", "arXiv:1706.04698")
    peers = (
        Peer(
            "spikingjelly",
            "PiecewiseLeakyReLU",
            {"w": "w", "c": "c"},
            default={"w": 1.0},
            note=(
                "at |x| = w its documentation and ours have the inner value, its code the outer one"
            ),
        ),
    )

    @staticmethod
    def primitive(m: Any, x: Any, w: Any, c: Any) -> Any:
        u = m.clip(x, -w, w)
        return 0.5 + u / (2 * w) + c * (x - u)

    @staticmethod
    def derivative(m: Any, x: Any, w: Any, c: Any) -> Any:
        return m.where(m.abs(x) <= w, 1 / (2 * w), c)

    @staticmethod
    def jumps(low: float, high: float, w: Any, c: Any) -> Any:
        return (-w, w)


class S2NN(Definition, name="s2nn"):
    """A logistic function below the threshold and a logarithm above it."""

    alpha = Param(4.0, domain="(0, inf)", typical=(0.5, 10.0), doc="steepness below the threshold")
    beta = Param(
        1.0, domain="(0, inf)", typical=(0.5, 2.0), doc="right-sided gradient at the threshold"
    )
    sources = ("arXiv:2201.10879",)
    peers = (
        Peer(
            "spikingjelly",
            "S2NN",
            {"alpha": "alpha", "beta": "beta"},
            note=(
                "its primitive adds 1e-5 inside the logarithm, so its gradient is not the "
                "derivative of its primitive; its second derivative is NaN at x = -1"
            ),
        ),
    )

    @staticmethod
    def primitive(m: Any, x: Any, alpha: Any, beta: Any) -> Any:
        return m.where(x < 0, m.sigmoid(alpha * x), beta * m.log1p(m.maximum(x, 0)) + 0.5)

    @staticmethod
    def derivative(m: Any, x: Any, alpha: Any, beta: Any) -> Any:
        e = m.decay(m.abs(alpha * x))
        return m.where(x < 0, alpha * e / ((1 + e) * (1 + e)), beta / (1 + m.maximum(x, 0)))

    @staticmethod
    def textbook(m: Any, x: Any, alpha: Any, beta: Any) -> Any:
        return m.where(x < 0, alpha * m.sigmoid(alpha * x) * m.sigmoid(-alpha * x), beta / (1 + x))

    jumps = AT_THRESHOLD


class LeakyKReLU(Definition, name="leaky_k_relu"):
    """Two straight lines: the gradient is k for x >= 0 and leak for x < 0."""

    leak = Param(0.0, domain="[0, inf)", typical=(0.0, 1.0), doc="gradient for x < 0")
    k = Param(1.0, domain="(0, inf)", typical=(0.5, 2.0), doc="gradient for x >= 0")
    steepness_parameter = "k"
    sources = ("doi:10.1126/sciadv.adi1480",)
    peers = (
        Peer(
            "spikingjelly",
            "LeakyKReLU",
            {"leak": "leak", "k": "k"},
            note=(
                "up to release 0.0.0.0.14 the arguments were (spiking, leak, k); the gradient of a "
                "NaN input is leak, as here"
            ),
        ),
        Peer(
            "snntorch",
            "heaviside",
            only={"leak": 0.0, "k": 1.0},
            note="its gradient exactly at the threshold is 0",
        ),
    )
    note = "snnTorch's LSO is k = 1 with leak = slope in intent; release 1.0.0 raises an error."

    @staticmethod
    def primitive(m: Any, x: Any, leak: Any, k: Any) -> Any:
        return leak * m.minimum(x, 0) + k * m.maximum(x, 0)

    @staticmethod
    def derivative(m: Any, x: Any, leak: Any, k: Any) -> Any:
        return m.where(x >= 0, k, leak)

    jumps = AT_THRESHOLD


class FakeNumericalGradient(Definition, name="fake_numerical_gradient"):
    """Secant slope: the gradient is 1/|x|, limited to alpha."""

    alpha = Param(1.0, domain="(0, inf)", typical=(0.25, 10.0), doc="height of the plateau")
    sources = ("doi:10.1126/sciadv.adi1480",)
    peers = (
        Peer(
            "spikingjelly",
            "FakeNumericalGradient",
            {"alpha": "alpha"},
            default={"alpha": 0.3},
            note=("it has no primitive and no spiking argument, and its gradient at -0.0 is -inf"),
        ),
    )

    @staticmethod
    def primitive(m: Any, x: Any, alpha: Any) -> Any:
        a = m.maximum(m.abs(x), 1 / alpha)
        u = m.clip(x, -1 / alpha, 1 / alpha)
        return 0.5 + alpha * u + m.sign(x) * (m.log(a) + m.log(alpha))

    @staticmethod
    def derivative(m: Any, x: Any, alpha: Any) -> Any:
        # min(1/|x|, alpha) would have the derivative 0 * inf at 0.
        return 1 / m.maximum(m.abs(x), 1 / alpha)

    @staticmethod
    def textbook(m: Any, x: Any, alpha: Any) -> Any:
        return m.minimum(1 / m.abs(x), alpha)

    @staticmethod
    def kinks(low: float, high: float, alpha: Any) -> Any:
        return (-1 / alpha, 1 / alpha)


class LogTailedReLU(Definition, name="log_tailed_relu"):
    """A line up to x = 1 and a logarithm beyond, with the slope alpha below the threshold."""

    alpha = Param(0.0, domain="[0, inf)", typical=(0.0, 1.0), doc="gradient for x <= 0")
    sources = ("arXiv:1702.00953",)
    peers = (
        Peer(
            "spikingjelly",
            "LogTailedReLU",
            {"alpha": "alpha"},
            note="the gradient of a NaN input is 1; ours is NaN",
        ),
    )
    note = "Exactly at the threshold the gradient is alpha, by default 0."

    @staticmethod
    def primitive(m: Any, x: Any, alpha: Any) -> Any:
        return alpha * m.minimum(x, 0) + m.clip(x, 0, 1) + m.log(m.maximum(x, 1))

    @staticmethod
    def derivative(m: Any, x: Any, alpha: Any) -> Any:
        return m.where(x <= 0, alpha, 1 / m.maximum(x, 1))

    @staticmethod
    def kinks(low: float, high: float, alpha: Any) -> Any:
        return (1,)

    jumps = AT_THRESHOLD


class Rect(Definition, name="rect"):
    """A ramp: the gradient is a rectangle of area 1."""

    alpha = Param(
        1.0, domain="(0, inf)", typical=(0.5, 10.0), doc="height, and inverse of the width"
    )
    sources = ("doi:10.3389/fnins.2018.00331",)
    aliases = (Alias("boxcar", "doi:10.3389/fnins.2020.00424"),)
    peers = (
        Peer(
            "spikingjelly",
            "Rect",
            {"alpha": "alpha"},
            note="the gradient of a NaN input is 0, as here",
        ),
    )

    @staticmethod
    def primitive(m: Any, x: Any, alpha: Any) -> Any:
        return m.clip(alpha * x + 0.5, 0, 1)

    @staticmethod
    def derivative(m: Any, x: Any, alpha: Any) -> Any:
        return m.where(m.abs(x) < 1 / (2 * alpha), alpha, 0)

    @staticmethod
    def jumps(low: float, high: float, alpha: Any) -> Any:
        return (-1 / (2 * alpha), 1 / (2 * alpha))


class MultiLevelSpikeCount(Definition, name="multi_level_spike_count"):
    """Several spikes per step: the rounded input, with gradient 1 in [0, max_spike_count]."""

    max_spike_count = Param(
        4, domain="[1, inf)", typical=(1, 8), doc="largest number of spikes in a step", integer=True
    )
    sources = ("arXiv:2407.20708",)
    peers = (
        Peer(
            "spikingjelly",
            "MultiLevelSpikeCount",
            {"max_spike_count": "max_spike_count"},
            note=(
                "with its option grad_window the gradient is not the derivative of the primitive"
            ),
        ),
    )
    note = (
        "The forward pass is round(clip(x, 0, max_spike_count)) and rounds half to even: an input "
        "of 0.5 gives no spike."
    )

    @staticmethod
    def forward(m: Any, x: Any, max_spike_count: Any) -> Any:
        return m.round(m.clip(x, 0, max_spike_count))

    @staticmethod
    def breakpoints(low: float, high: float, max_spike_count: Any) -> Any:
        first, last = max(0, math.floor(low)), min(max_spike_count, math.ceil(high))
        return (k + 0.5 for k in range(first, last))

    @staticmethod
    def primitive(m: Any, x: Any, max_spike_count: Any) -> Any:
        return m.clip(x, 0, max_spike_count)

    @staticmethod
    def derivative(m: Any, x: Any, max_spike_count: Any) -> Any:
        return m.where((x >= 0) & (x <= max_spike_count), 1, 0)

    @staticmethod
    def jumps(low: float, high: float, max_spike_count: Any) -> Any:
        return (0, max_spike_count)


class DeterministicPass(Definition, name="deterministic_pass"):
    """Straight-through estimator: the gradient is 1 everywhere."""

    sources = ("arXiv:1308.3432",)
    aliases = (Alias("straight_through", "arXiv:1308.3432"),)
    peers = (
        Peer("spikingjelly", "DeterministicPass"),
        Peer("snntorch", "straight_through_estimator"),
    )

    @staticmethod
    def primitive(m: Any, x: Any) -> Any:
        return x

    @staticmethod
    def derivative(m: Any, x: Any) -> Any:
        return 1
