"""Surrogates whose forward pass or gradient is random."""

from __future__ import annotations

from typing import Any

from sgcli.definitions.core import AT_THRESHOLD, NOWHERE, Definition
from sgcli.definitions.param import Param
from sgcli.definitions.peers import Peer
from sgcli.definitions.smooth import Circ, Sigmoid


class PoissonPass(Definition, name="poisson_pass"):
    """Bernoulli spikes with probability x; the backward pass is straight through."""

    sources = ("arXiv:1308.3432", "doi:10.1126/sciadv.adi1480")
    peers = (
        Peer(
            "spikingjelly",
            "PoissonPass",
            note=(
                "it returns float32 and raises an error outside [0, 1]; ours keeps the dtype and "
                "clips the probability"
            ),
        ),
    )
    stochastic = "the forward pass draws a spike with the probability clip(x, 0, 1)"

    @staticmethod
    def forward(m: Any, x: Any) -> Any:
        return m.clip(x, 0, 1)

    @staticmethod
    def breakpoints(low: float, high: float) -> Any:
        return (0, 1)

    @staticmethod
    def primitive(m: Any, x: Any) -> Any:
        return x

    @staticmethod
    def derivative(m: Any, x: Any) -> Any:
        return 1


class Logistic(Definition, name="logistic"):
    """Bernoulli spikes with logistic probability; the gradient is the slope of the probability."""

    alpha = Sigmoid.alpha
    sources = ("doi:10.1017/CBO9780511815706", "doi:10.5281/zenodo.4422025")
    peers = (
        Peer(
            "norse",
            "logistic",
            {"k": "alpha/2"},
            height="4/alpha",
            note=(
                "a function (logistic_fn), not a method; its gradient is the slope of its "
                "probability for k = 2 only"
            ),
        ),
    )
    stochastic = "the forward pass draws a spike with the probability σ(x)"
    primitive = forward = staticmethod(Sigmoid.primitive)
    derivative = staticmethod(Sigmoid.derivative)
    textbook = staticmethod(Sigmoid.textbook)

    breakpoints = NOWHERE


class CircDist(Definition, name="circ_dist"):
    """Bernoulli spikes with the primitive of circ as probability; the gradient is its slope."""

    alpha = Circ.alpha
    sources = ("doi:10.5281/zenodo.4422025",)
    peers = (
        Peer(
            "norse",
            "circ_dist",
            {"k": "alpha"},
            height="2*alpha",
            note=(
                "a function (circ_dist_fn), not a method; its gradient is the slope of its "
                "probability for k = 1/2 only"
            ),
        ),
    )
    stochastic = "the forward pass draws a spike with the probability σ(x)"
    primitive = forward = staticmethod(Circ.primitive)
    derivative = staticmethod(Circ.derivative)
    textbook = staticmethod(Circ.textbook)

    breakpoints = NOWHERE


class SSO(Definition, name="sso"):
    """Stochastic spike operator: the gradient is 1 for x >= 0 and random below."""

    mean = Param(0.0, domain="(-inf, inf)", typical=(-0.5, 0.5), doc="mean of the noise")
    variance = Param(0.2, domain="[0, inf)", typical=(0.1, 1.0), doc="amplitude of the noise")
    sources = ("doi:10.1109/JPROC.2023.3308088",)
    peers = (
        Peer(
            "snntorch",
            "SSO",
            {"mean": "mean", "variance": "variance"},
            note="it draws from torch's global generator; ours accepts any generator",
        ),
    )
    random_gradient = (
        "below the threshold the gradient is variance*(mean + u), u uniform in [-1/2, 1/2)"
    )
    no_primitive = "its gradient is random, so it is the derivative of no function"
    note = (
        "The gradient shown is the mean. The parameter variance, named as in snnTorch, is an "
        "amplitude: the variance of the noise is variance^2/12."
    )

    @staticmethod
    def derivative(m: Any, x: Any, mean: Any, variance: Any) -> Any:
        return m.where(x >= 0, 1, mean * variance)

    @staticmethod
    def drawn(m: Any, x: Any, u: Any, mean: Any, variance: Any) -> Any:
        return m.where(x >= 0, 1, (u - 0.5 + mean) * variance)

    jumps = AT_THRESHOLD
