"""The formula of a surrogate as a readable SymPy expression in its parameters.

Definitions contain clips and minima that keep them accurate in floating point. Between two
neighbouring kinks or jumps every comparison has one outcome, so each such piece is one plain
expression. Neighbouring pieces with the same expression are joined: a clip becomes the cases that a
textbook prints.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import sympy

from sgcli.definitions.core import Definition, Shape
from sgcli.definitions.evaluate import exact
from sgcli.maths import composed, sympy_

Which = Literal["primitive", "derivative"]
x = sympy.Symbol("x", real=True)


def formula(definition: type[Definition], which: Which) -> Any:
    """The formula of the primitive, or of the derivative in its textbook form."""
    function = definition.primitive if which == "primitive" else definition.textbook_derivative()
    symbols = parameter_symbols(definition)
    if definition.by_quadrature:
        return _tidy(sympy.sympify(function(sympy_, x, *symbols)))
    shape = Shape.of(definition)
    joined = _by_pieces(shape, function, symbols)
    if _agrees(joined, shape, which, symbols):
        return joined
    # A branch without a declared kink or jump: fall back to the definition as written.
    return _tidy(sympy.piecewise_fold(sympy.sympify(function(sympy_, x, *symbols))))


def parameter_symbols(definition: type[Definition]) -> list[Any]:
    """The parameters as symbols with their sign, so that |alpha·x| simplifies to alpha·|x|."""
    return [
        sympy.Symbol(
            name,
            real=True,
            nonnegative=True if p.interval.low >= 0 else None,
            positive=True if p.interval.low >= 0 and 0.0 not in p.interval else None,
            integer=p.integer or None,
        )
        for name, p in definition.params.items()
    ]


class _Piece:
    """SymPy's namespace on the piece of the line that contains the sample point."""

    clip = composed.clip

    def __init__(self, sample: Mapping[Any, Any]) -> None:
        self.sample = sample

    def __getattr__(self, name: str) -> Any:
        return getattr(sympy_, name)

    def holds(self, condition: Any) -> bool:
        return bool(sympy.sympify(condition).subs(self.sample))

    def where(self, condition: Any, a: Any, b: Any) -> Any:
        return a if self.holds(condition) else b

    def minimum(self, a: Any, b: Any) -> Any:
        return a if self.holds(a <= b) else b

    def maximum(self, a: Any, b: Any) -> Any:
        return a if self.holds(a >= b) else b

    def fmod(self, z: Any, period: Any) -> Any:
        return z if self.holds(sympy_.abs(z) < period) else sympy_.fmod(z, period)

    def wrap(self, z: Any, period: Any) -> Any:
        moved = z - sympy_.sign(z.subs(self.sample)) * period
        near = (v for v in (z, moved) if self.holds(2 * sympy_.abs(v) <= period))
        return next(near, sympy_.wrap(z, period))


@dataclass(frozen=True)
class _Span:
    """An expression between two special points; None is infinity."""

    value: Any
    low: Any
    high: Any


def _by_pieces(shape: Shape, function: Callable[..., Any], symbols: list[Any]) -> Any:
    values = dict(zip(symbols, map(sympy.nsimplify, shape.values), strict=True))
    points = _special_points(shape, symbols, values)
    numbers = [p.subs(values) for p in points]
    spans: list[_Span] = []
    for i in range(len(points) + 1):
        low, high = (points[i - 1] if i else None), (points[i] if i < len(points) else None)
        sample = {**values, x: _inside(numbers, i)}
        value = sympy.sympify(function(_Piece(sample), x, *symbols))
        if spans and sympy.simplify(spans[-1].value - value) == 0:
            spans[-1] = _Span(spans[-1].value, spans[-1].low, high)
        else:
            spans.append(_Span(value, low, high))
    if len(spans) == 1:
        return _tidy(spans[0].value)

    def closed(left: _Span, right: _Span) -> bool:
        """Whether the point between two spans belongs to the left span only."""
        here = {**values, x: left.high.subs(values)}
        try:
            at = sympy.sympify(function(_Piece(here), x, *symbols)).subs(here)
        except TypeError:  # a comparison with NaN or an infinity
            return False
        return bool(at == left.value.subs(here)) and bool(at != right.value.subs(here))

    if len(spans) == 3 and spans[0].value == spans[2].value:
        middle, outside = spans[1], spans[0]
        if middle.low == -middle.high:
            less = sympy.Le if closed(middle, outside) else sympy.Lt
            return _cases([(middle.value, less(abs(x), middle.high)), (outside.value, True)])
    cases = []
    for left, right in itertools.pairwise(spans):
        less = sympy.Le if closed(left, right) else sympy.Lt
        cases.append((_one_sided(left, values), less(x, left.high, evaluate=False)))
    return _cases([*cases, (_one_sided(spans[-1], values), True)])


def _cases(cases: list[tuple[Any, Any]]) -> Any:
    """Cases without evaluation: SymPy would turn x < -w into w < -x."""
    return sympy.Piecewise(
        *[(_tidy(value), condition) for value, condition in cases], evaluate=False
    )


def _special_points(shape: Shape, symbols: list[Any], values: Mapping[Any, Any]) -> list[Any]:
    """0, kinks and jumps in increasing order; for a periodic gradient 0 only."""
    definition = shape.definition
    if shape.period is not None:
        return [sympy.Integer(0)]
    far = (-sympy.oo, sympy.oo)
    points = [*definition.kinks(*far, *symbols), *definition.jumps(*far, *symbols), 0]
    unique = dict.fromkeys(sympy.sympify(p) for p in points)
    return sorted(unique, key=lambda p: float(p.subs(values)))


def _inside(numbers: list[Any], i: int) -> Any:
    """A point of the i-th piece, off any round number."""
    off = sympy.Rational(31, 97)
    if not numbers:
        return off
    if i == 0:
        return numbers[0] - off
    if i == len(numbers):
        return numbers[-1] + off
    return numbers[i - 1] + (numbers[i] - numbers[i - 1]) * off


def _one_sided(span: _Span, values: Mapping[Any, Any]) -> Any:
    """The expression with |x| and sign(x) resolved where the sign of x is known."""
    if span.high is not None and span.high.subs(values) <= 0:
        side = -1
    elif span.low is not None and span.low.subs(values) >= 0:
        side = 1
    else:
        return span.value
    return span.value.subs({sympy.Abs(x): side * x, sympy.sign(x): side})


def _tidy(expression: Any) -> Any:
    """Exact fractions instead of 0.5, and powers instead of exp(a·log(b))."""
    exact_numbers = sympy.nsimplify(expression, rational=True)
    return sympy.expand_log(exact_numbers).replace(
        lambda e: isinstance(e, sympy.exp) and e.args[0].has(sympy.log),
        lambda e: e.rewrite(sympy.Pow),
    )


def _agrees(expression: Any, shape: Shape, which: Which, symbols: list[Any]) -> bool:
    """Whether the formula equals the definition at sample points, jumps included."""
    values = dict(zip(symbols, shape.values, strict=True))
    points = [s * 0.0137 * 2.31**i for i in range(12) for s in (-1, 1)]
    if shape.period is None:
        points += shape.jumps(-1e3, 1e3)
    else:
        points = [p for p in points if abs(p) < shape.period / 2]
    for point in points:
        actual = expression.subs({**values, x: point}).evalf(20)
        if not actual.is_number:
            return False
        expected = float(exact(shape, point, which))
        if abs(float(actual) - expected) > 1e-9 * max(1, abs(expected)):
            return False
    return True


def pretty(expression: Any) -> str:
    """The formula drawn with characters."""
    text: str = sympy.pretty(expression, use_unicode=True, wrap_line=False)
    return text


def latex(expression: Any) -> str:
    """The formula as LaTeX source."""
    text: str = sympy.latex(expression, ln_notation=True)
    return text
