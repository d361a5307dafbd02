"""The file that ``sg new`` writes: a working surrogate to start from."""

from __future__ import annotations

import keyword

from sgcli.errors import SgError

NAME = "MySurrogate"


def template(name: str = NAME) -> str:
    """The text of a Python file that defines a surrogate in a class called ``name``."""
    if not name.isidentifier() or keyword.iskeyword(name):
        raise SgError(f"'{name}' cannot be the name of a class", f"as in --name {NAME}")
    return TEXT.replace(NAME, name)


TEXT = '''\
"""A surrogate gradient of my own."""

from sgcli.definitions import Definition, Param


class MySurrogate(Definition):
    """Fast sigmoid. `sg show` prints this first sentence."""

    # One line for each shape parameter. The domain is an interval such as (0, inf) or [0, 1];
    # checks and tests draw from the range `typical`.
    alpha = Param(10.0, domain="(0, inf)", typical=(1.0, 25.0), doc="steepness")

    # The publications, as doi:... or arXiv:...
    sources = ("doi:10.1162/neco_a_01086",)

    # The arguments are a maths namespace m (m.abs, m.exp, m.log, m.tanh, m.atan, m.erf,
    # m.sigmoid, m.where, m.minimum, m.maximum, m.clip ...), the membrane potential minus the
    # threshold x, and the parameters in their order. Do not use Python's `if` on x or on a
    # parameter: write m.where(x > 0, a, b).

    @staticmethod
    def derivative(m, x, alpha):
        """The gradient of the backward pass, preferably with peak 1."""
        # (1 + alpha * |x|)**2 would overflow where its reciprocal is still positive.
        r = 1 / (1 + alpha * m.abs(x))
        return r * r

    @staticmethod
    def primitive(m, x, alpha):
        """The antiderivative of the gradient, 1/2 at the threshold: `spiking=False` returns it."""
        # x / (1 + alpha * |x|) would be x / inf at the end of a dtype's range.
        return 0.5 + x / (1 / alpha + m.abs(x)) / alpha

    @staticmethod
    def kinks(low, high, alpha):
        """The points where the gradient is continuous but not smooth; () if there are none."""
        return (0,)

    # The points where the gradient jumps, if any:
    # @staticmethod
    # def jumps(low, high, alpha):
    #     return (-1 / alpha, 1 / alpha)

    # The forward pass is a spike for x >= 0. Define `forward` to change it.

    # Without a primitive in closed form, omit `primitive` and give the reason:
    # no_primitive = "it has no closed form"
'''
