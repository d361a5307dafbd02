"""Surrogates whose forward pass is random."""

from __future__ import annotations

from typing import Any

from sgcli.definitions.core import Definition
from sgcli.definitions.peers import Peer


class PoissonPass(Definition, name="poisson_pass"):
    """A spike with probability x, straight through in the backward pass."""

    sources = ("arXiv:1308.3432", "doi:10.1126/sciadv.adi1480")
    peers = (
        Peer(
            "spikingjelly",
            "PoissonPass",
            note=(
                "theirs returns float32 and raises outside [0, 1]; ours keeps the dtype "
                "and clips the probability"
            ),
        ),
    )
    stochastic = "the forward pass draws a spike with the probability clip(x, 0, 1)"

    @staticmethod
    def forward(m: Any, x: Any) -> Any:
        return m.clip(x, 0, 1)

    @staticmethod
    def breaks(low: float, high: float) -> Any:
        return (0, 1)

    @staticmethod
    def primitive(m: Any, x: Any) -> Any:
        return x

    @staticmethod
    def derivative(m: Any, x: Any) -> Any:
        return 1
