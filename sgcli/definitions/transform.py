"""A shape scaled and shifted: another library's surrogate in terms of ours."""

from __future__ import annotations

from typing import Any

from sgcli.definitions.core import Definition, Shape


def transformed(
    shape: Shape, height: float = 1.0, shift: float = 0.0, strict: bool = False
) -> Shape:
    """The shape with the gradient ``height`` · σ′(x − ``shift``).

    With ``strict`` it fires for x > 0 instead of x >= 0. The peak of the result need not be 1.
    """
    if height == 1 and shift == 0 and not strict:
        return shape
    base = shape.definition

    class Transformed(Definition, name=shape.name):
        __doc__ = base.__doc__

        sources = base.sources
        no_primitive = base.no_primitive
        by_quadrature = base.by_quadrature
        signed_sum = base.signed_sum
        stochastic = base.stochastic
        random_gradient = base.random_gradient
        peak_exempt = "another library sets the height"

        @staticmethod
        def primitive(m: Any, x: Any, *p: Any) -> Any:
            return height * base.primitive(m, x - shift, *p)

        @staticmethod
        def derivative(m: Any, x: Any, *p: Any) -> Any:
            return height * base.derivative(m, x - shift, *p)

        @staticmethod
        def drawn(m: Any, x: Any, u: Any, *p: Any) -> Any:
            return height * base.drawn(m, x - shift, u, *p)

        @staticmethod
        def forward(m: Any, x: Any, *p: Any) -> Any:
            if not strict:
                return base.forward(m, x, *p)
            # NaN must not spike: 1 - heaviside(-x) alone would be 1.
            return m.heaviside(x) * (1 - m.heaviside(-x))

        @staticmethod
        def kinks(low: float, high: float, *p: Any) -> Any:
            return [k + shift for k in base.kinks(low - shift, high - shift, *p)]

        @staticmethod
        def jumps(low: float, high: float, *p: Any) -> Any:
            return [k + shift for k in base.jumps(low - shift, high - shift, *p)]

        @staticmethod
        def uncertainty(x: Any) -> Any:
            return abs(height) * base.uncertainty(x - shift)

        @staticmethod
        def period(*p: Any) -> Any:
            return base.period(*p)

    # The parameters are the base's own; a class statement would look for Param attributes.
    Transformed.params, Transformed.defaults = base.params, base.defaults
    return Shape(Transformed, shape.values)
