"""The file that ``sg new`` writes: a surrogate that is right as it is, to be changed."""

from __future__ import annotations

import keyword

from sgcli.errors import SgError

NAME = "MySurrogate"


def template(name: str = NAME) -> str:
    """A Python file that defines a surrogate of that class name."""
    if not name.isidentifier() or keyword.iskeyword(name):
        raise SgError(f"'{name}' cannot be the name of a class", f"as in --name {NAME}")
    return TEXT.replace(NAME, name)


TEXT = '''\
"""A surrogate gradient of my own."""

from sgcli.definitions import Definition, Param


class MySurrogate(Definition):
    """Fast sigmoid: this first sentence is what `sg show` says about it."""

    # One line for each shape parameter. The domain is where it may lie, (0, inf) or [0, 1];
    # typical is the range from which checks and tests draw.
    alpha = Param(10.0, domain="(0, inf)", typical=(1.0, 25.0), doc="steepness")

    # Where it was published, as doi:... or arXiv:...
    sources = ("doi:10.1162/neco_a_01086",)

    # The functions are of a maths namespace m (m.abs, m.exp, m.log, m.tanh, m.atan, m.erf,
    # m.sigmoid, m.where, m.minimum, m.maximum, m.clip ...), of x, which is the membrane potential
    # minus the threshold, and of the parameters in their order. Python's `if` on any of them is
    # not possible: m.where(x > 0, a, b) is.

    @staticmethod
    def derivative(m, x, alpha):
        """The gradient of the backward pass; best with a maximum of 1."""
        # (1 + alpha * |x|)**2 would overflow long before its reciprocal is 0.
        r = 1 / (1 + alpha * m.abs(x))
        return r * r

    @staticmethod
    def primitive(m, x, alpha):
        """The function whose derivative that is, 1/2 at the threshold: `spiking=False`."""
        # x / (1 + alpha * |x|) would be x / inf at the end of a dtype's range.
        return 0.5 + x / (1 / alpha + m.abs(x)) / alpha

    @staticmethod
    def kinks(low, high, alpha):
        """Where the gradient is continuous but not smooth; nothing here if it is smooth."""
        return (0,)

    # Where the gradient jumps, if it does:
    # @staticmethod
    # def jumps(low, high, alpha):
    #     return (-1 / alpha, 1 / alpha)

    # The forward pass is a spike at x >= 0 unless it is defined too.

    # Without a primitive in closed form, leave that function out and say why:
    # no_primitive = "it has no closed form"
'''
