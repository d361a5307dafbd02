"""Surrogates whose gradient has one formula on each side of the threshold and is nowhere 0."""

from __future__ import annotations

from typing import Any

from sgcli.definitions.core import AT_THRESHOLD, Definition
from sgcli.definitions.param import Param
from sgcli.definitions.peers import Alias, Equal, Peer


class PiecewiseExp(Definition, name="piecewise_exp"):
    """Laplace distribution: the gradient decays exponentially on both sides of the threshold."""

    alpha = Param(2.0, domain="(0, inf)", typical=(0.5, 10.0), doc="steepness")
    sources = ("arXiv:1810.08646", "doi:10.1109/MSP.2019.2931595")
    peers = (
        Peer("spikingjelly", "PiecewiseExp", {"alpha": "alpha"}, default={"alpha": 1.0}),
        Peer("sinabs", "SingleExponential", {"grad_width": "1/(alpha*v_threshold)"}, height="2"),
    )

    @staticmethod
    def primitive(m: Any, x: Any, alpha: Any) -> Any:
        half = m.exp(-m.abs(alpha * x)) / 2
        return m.where(x < 0, half, 1 - half)

    @staticmethod
    def derivative(m: Any, x: Any, alpha: Any) -> Any:
        return alpha / 2 * m.decay(m.abs(alpha * x))

    kinks = AT_THRESHOLD


class Sigmoid(Definition, name="sigmoid"):
    """Logistic function of the distance to the threshold."""

    alpha = Param(4.0, domain="(0, inf)", typical=(0.5, 10.0), doc="steepness")
    sources = ("doi:10.3389/fnins.2018.00331", "doi:10.1109/MSP.2019.2931595")
    peers = (
        Peer(
            "spikingjelly",
            "Sigmoid",
            {"alpha": "alpha"},
            note=(
                "its alpha*s*(1 - s) cancels above the threshold: in float32 it is 0 for "
                "alpha*x >= 17, in bfloat16 for x >= 1.5625 at alpha = 4; ours is accurate on both "
                "sides in every dtype"
            ),
        ),
        Peer(
            "snntorch",
            "sigmoid",
            {"slope": "alpha"},
            default={"alpha": 25.0},
            note=(
                "in release 1.0.0 the gradient is 0 below x = -44.4/slope and NaN below "
                "x = -85.5/slope"
            ),
        ),
        Peer("norse", "tanh", {"k": "alpha/2"}, default={"alpha": 200.0}, height="4/alpha"),
    )

    @staticmethod
    def primitive(m: Any, x: Any, alpha: Any) -> Any:
        return m.sigmoid(alpha * x)

    @staticmethod
    def derivative(m: Any, x: Any, alpha: Any) -> Any:
        # s * (1 - s) would be exactly 0 from alpha * x = 17 on in float32.
        e = m.decay(m.abs(alpha * x))
        return alpha * e / ((1 + e) * (1 + e))

    @staticmethod
    def textbook(m: Any, x: Any, alpha: Any) -> Any:
        return alpha * m.sigmoid(alpha * x) * m.sigmoid(-alpha * x)


class SoftSign(Definition, name="soft_sign"):
    """Softsign: the gradient falls with the square of the distance and is never 0."""

    alpha = Param(2.0, domain="(0, inf)", typical=(0.5, 10.0), doc="steepness")
    sources = ("doi:10.1162/neco_a_01086", "doi:10.1109/MSP.2019.2931595")
    peers = (
        Peer(
            "spikingjelly",
            "SoftSign",
            {"alpha": "alpha"},
            note="its primitive is NaN in float16 for alpha*|x| > 65504; ours is finite",
        ),
        Peer(
            "snntorch",
            "fast_sigmoid",
            {"slope": "alpha"},
            default={"alpha": 25.0},
            height="2/alpha",
        ),
    )

    @staticmethod
    def primitive(m: Any, x: Any, alpha: Any) -> Any:
        # alpha * x / (1 + alpha * |x|) is inf / inf at the end of a dtype's range.
        return (1 + x / (1 / alpha + m.abs(x))) / 2

    @staticmethod
    def derivative(m: Any, x: Any, alpha: Any) -> Any:
        r = 1 / (1 + m.abs(alpha * x))
        return alpha / 2 * r * r

    @staticmethod
    def textbook(m: Any, x: Any, alpha: Any) -> Any:
        return alpha / (2 * (1 + alpha * m.abs(x)) ** 2)

    kinks = AT_THRESHOLD


class SuperSpike(Definition, name="super_spike"):
    """SuperSpike with a height: alpha scales the gradient, and its width is fixed."""

    alpha = Param(1.0, domain="(0, inf)", typical=(0.5, 10.0), doc="height (not a steepness)")
    sources = ("doi:10.1162/neco_a_01086",)
    equals = (
        Equal("fast_sigmoid", {"alpha": "1"}, height="alpha"),
        Equal("soft_sign", {"alpha": "1"}, height="2*alpha"),
    )
    peers = (
        Peer(
            "spikingjelly",
            "SuperSpike",
            {"alpha": "alpha"},
            note=("it has no primitive; the constant of ours makes it 1/2 at the threshold"),
        ),
    )
    note = (
        "Here alpha is a height, as in SpikingJelly. The steepness of Zenke and Ganguli is alpha "
        "of fast_sigmoid."
    )

    @staticmethod
    def primitive(m: Any, x: Any, alpha: Any) -> Any:
        return 0.5 + alpha * (x / (1 + m.abs(x)))

    @staticmethod
    def derivative(m: Any, x: Any, alpha: Any) -> Any:
        r = 1 / (1 + m.abs(x))
        return alpha * r * r

    @staticmethod
    def textbook(m: Any, x: Any, alpha: Any) -> Any:
        return alpha / (1 + m.abs(x)) ** 2

    kinks = AT_THRESHOLD


class FastSigmoid(Definition, name="fast_sigmoid"):
    """Zenke and Ganguli's SuperSpike: alpha sets the steepness, and the peak is always 1."""

    alpha = Param(25.0, domain="(0, inf)", typical=(0.5, 100.0), doc="steepness")
    sources = ("doi:10.1162/neco_a_01086", "doi:10.1162/neco_a_01367")
    equals = (Equal("soft_sign", {"alpha": "alpha"}, height="2/alpha"),)
    peers = (
        Peer("snntorch", "fast_sigmoid", {"slope": "alpha"}),
        Peer(
            "norse",
            "super",
            {"alpha": "alpha"},
            default={"alpha": 100.0},
            note="release 1.1.0 ignores alpha: its gradient is (1 + |x|)^-2 for every alpha",
        ),
    )
    note = (
        "SpikingJelly's SuperSpike is super_spike: its alpha is a height, and its steepness is 1."
    )

    @staticmethod
    def primitive(m: Any, x: Any, alpha: Any) -> Any:
        # x / (1 + alpha * |x|) is 0 once alpha * |x| overflows.
        return 0.5 + x / (1 / alpha + m.abs(x)) / alpha

    @staticmethod
    def derivative(m: Any, x: Any, alpha: Any) -> Any:
        r = 1 / (1 + m.abs(alpha * x))
        return r * r

    @staticmethod
    def textbook(m: Any, x: Any, alpha: Any) -> Any:
        return 1 / (1 + alpha * m.abs(x)) ** 2

    kinks = AT_THRESHOLD


class ATan(Definition, name="atan"):
    """Arctangent: the gradient is a Cauchy density, smooth at 0 and with heavy tails."""

    alpha = Param(2.0, domain="(0, inf)", typical=(0.5, 10.0), doc="steepness")
    sources = ("doi:10.1109/ICCV48922.2021.00266",)
    peers = (
        Peer("spikingjelly", "ATan", {"alpha": "alpha"}),
        Peer("snntorch", "atan", {"alpha": "alpha"}),
    )

    @staticmethod
    def primitive(m: Any, x: Any, alpha: Any) -> Any:
        return m.atan(m.pi / 2 * alpha * x) / m.pi + 0.5

    @staticmethod
    def derivative(m: Any, x: Any, alpha: Any) -> Any:
        # 1 + (π/2 · alpha · x)² overflows where alpha times its inverse still counts.
        z = m.pi * m.sqrt(alpha / 2) * x
        return 1 / (2 / alpha + z * z)

    @staticmethod
    def textbook(m: Any, x: Any, alpha: Any) -> Any:
        return alpha / 2 / (1 + (m.pi / 2 * alpha * x) ** 2)


class NonzeroSignLogAbs(Definition, name="nonzero_sign_log_abs"):
    """Signed logarithm of the distance: the gradient falls only as 1/|x|."""

    alpha = Param(1.0, domain="(0, inf)", typical=(0.5, 10.0), doc="height at the threshold")
    sources = ("doi:10.1126/sciadv.adi1480",)
    peers = (Peer("spikingjelly", "NonzeroSignLogAbs", {"alpha": "alpha"}),)

    @staticmethod
    def primitive(m: Any, x: Any, alpha: Any) -> Any:
        # log1p(alpha * |x|) would be inf where alpha * |x| overflows.
        a = m.maximum(m.abs(x), 1e6)
        near = m.log1p(alpha * m.minimum(m.abs(x), 1e6))
        return m.sign(x) * m.where(m.abs(x) > 1e6, m.log(a) + m.log(alpha + 1 / a), near)

    @staticmethod
    def derivative(m: Any, x: Any, alpha: Any) -> Any:
        return 1 / (1 / alpha + m.abs(x))

    kinks = AT_THRESHOLD


class Erf(Definition, name="erf"):
    """Error function: the gradient is a Gaussian."""

    alpha = Param(
        1.7724538509055160273, domain="(0, inf)", typical=(0.5, 10.0), doc="steepness; default √π"
    )
    sources = ("doi:10.3389/fnins.2018.00331", "doi:10.1145/3407197.3407225")
    aliases = (Alias("gaussian", "doi:10.1038/s42256-021-00397-w"),)
    peers = (
        Peer("spikingjelly", "Erf", {"alpha": "alpha"}, default={"alpha": 2.0}),
        Peer("norse", "heavi_erfc", {"k": "alpha"}, default={"alpha": 100.0}, height="2/alpha"),
        Peer(
            "sinabs",
            "Gaussian",
            {"sigma": "1/(alpha*sqrt(2))"},
            default={"alpha": 1.4142135623730951},
        ),
    )

    @staticmethod
    def primitive(m: Any, x: Any, alpha: Any) -> Any:
        return m.erfc(-alpha * x) / 2

    @staticmethod
    def derivative(m: Any, x: Any, alpha: Any) -> Any:
        z = alpha * x
        return alpha / m.sqrt(m.pi) * m.decay(z * z)


class QPseudoSpike(Definition, name="q_pseudo_spike"):
    """q-PseudoSpike: the gradient falls as |x|^-alpha."""

    alpha = Param(2.0, domain="(1, inf)", typical=(1.5, 10.0), doc="exponent of the tail")
    sources = ("arXiv:2202.00282",)
    peers = (
        Peer(
            "spikingjelly",
            "QPseudoSpike",
            {"alpha": "alpha"},
            note=(
                "braintools documents the same gradient but computes it with alpha + 1 in place "
                "of alpha - 1"
            ),
        ),
    )

    @staticmethod
    def primitive(m: Any, x: Any, alpha: Any) -> Any:
        tail = m.exp((1 - alpha) * m.log1p(2 / (alpha - 1) * m.abs(x))) / 2
        return m.where(x < 0, tail, 1 - tail)

    @staticmethod
    def derivative(m: Any, x: Any, alpha: Any) -> Any:
        # (1 + t) ** -alpha would multiply the rounding error of 1 + t by alpha.
        return m.decay(alpha * m.log1p(2 / (alpha - 1) * m.abs(x)))

    @staticmethod
    def textbook(m: Any, x: Any, alpha: Any) -> Any:
        return (1 + 2 * m.abs(x) / (alpha - 1)) ** -alpha

    kinks = AT_THRESHOLD


class SpikeRateEscape(Definition, name="spike_rate_escape"):
    """Exponential escape rate mirrored at the threshold, with separate height and steepness."""

    alpha = Param(1.0, domain="(0, inf)", typical=(0.5, 10.0), doc="steepness")
    height = Param(1.0, domain="(0, inf)", typical=(0.5, 10.0), doc="height at the threshold")
    sources = ("doi:10.1017/CBO9780511815706",)
    aliases = (Alias("slayer", "arXiv:1810.08646"),)
    equals = (Equal("piecewise_exp", {"alpha": "alpha"}, height="2*height/alpha"),)
    peers = (
        Peer(
            "snntorch",
            "spike_rate_escape",
            {"beta": "alpha", "slope": "height"},
            default={"height": 25.0},
            shift="1",
            note=(
                "its peak is at x = 1, one unit above the threshold; its slope is the "
                "height and its beta the steepness"
            ),
        ),
    )

    @staticmethod
    def primitive(m: Any, x: Any, alpha: Any, height: Any) -> Any:
        return 0.5 - height / alpha * m.sign(x) * m.expm1(-m.abs(alpha * x))

    @staticmethod
    def derivative(m: Any, x: Any, alpha: Any, height: Any) -> Any:
        return height * m.decay(m.abs(alpha * x))

    kinks = AT_THRESHOLD


class Circ(Definition, name="circ"):
    """Algebraic sigmoid: the gradient falls with the cube of the distance."""

    alpha = Param(
        0.5, domain="(0, inf)", typical=(0.1, 2.0), doc="width; the height is 1/(2*alpha)"
    )
    sources = ("doi:10.5281/zenodo.4422025",)
    peers = (Peer("norse", "circ", {"alpha": "alpha"}, default={"alpha": 100.0}, height="2*alpha"),)

    @staticmethod
    def primitive(m: Any, x: Any, alpha: Any) -> Any:
        # The same as u / sqrt(1 + u * u), whose square would overflow.
        return (1 + m.sin(m.atan(x / alpha))) / 2

    @staticmethod
    def derivative(m: Any, x: Any, alpha: Any) -> Any:
        u = x / alpha
        r = 1 / m.sqrt(1 + u * u)
        return r * r * r / (2 * alpha)

    @staticmethod
    def textbook(m: Any, x: Any, alpha: Any) -> Any:
        return alpha**2 / (2 * m.sqrt(alpha**2 + x**2) ** 3)
