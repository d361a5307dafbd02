"""How similar the gradients of two samples are.

A measure that still differs between shapes that all keep the gradient norm.
"""

from __future__ import annotations

from sgcli.definitions.core import Shape
from sgcli.theory.gaussian import gradient_moment


def coherence(shape: Shape, mu: float = 0.0, sigma: float = 1.0) -> float:
    """E[g]²/E[g²] for a membrane minus threshold x ~ N(mu, sigma²), in [0, 1].

    Each layer multiplies the cosine between the gradients of two samples with independent membranes
    by this factor: for the same incoming error their product is E[g(x)·g(x′)] = E[g]², while each
    one's square is E[g²]. Over L layers the L-th power is left; 1 is a constant gradient. Balduzzi
    et al. 2017 (arXiv 1702.08591) call its loss with depth the shattering of gradients. 0 where the
    gradient is 0.
    """
    square = gradient_moment(shape, mu, sigma, power=2)
    return gradient_moment(shape, mu, sigma, power=1) ** 2 / square if square else 0.0


def participation(shape: Shape, mu: float = 0.0) -> float:
    """E[g²]²/E[g⁴]: the share of units that carry the gradient's square, in [0, 1]."""
    fourth = gradient_moment(shape, mu, power=4)
    return gradient_moment(shape, mu, power=2) ** 2 / fourth if fourth else 0.0
