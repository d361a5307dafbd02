"""A surrogate from the formula of its gradient: ``formula:alpha/2/(1+abs(alpha*x))**2``.

The formula is parsed against a whitelist (see :mod:`expression`) and never run as Python. Every
variable except ``x`` is a parameter without a default. The primitive is computed by quadrature.
Kinks and jumps are the points where the arguments of abs, sign, minima and comparisons change sign.
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Mapping
from functools import cache
from typing import Any, ClassVar

from sgcli.definitions import expression
from sgcli.definitions.core import Definition, Shape
from sgcli.definitions.param import Param
from sgcli.errors import ParameterError, SgError

PREFIX = "formula:"
RESERVED = ("self", "spiking", "learnable", "generator", "forward", "definition")
REACH, PROBES = 1e4, (0, 1e-3, 0.1, 0.37, 1, 3.7, 50, 1e3)
CLOSE = 4  # probes near the threshold, where values are floats
FAILURES = (ArithmeticError, ValueError, TypeError, AttributeError)


class Formula(Definition, name="formula"):
    """A surrogate whose gradient is a formula."""

    tree: ClassVar[ast.expr]
    names: ClassVar[tuple[str, ...]]
    function: ClassVar[expression.Function]
    by_quadrature = "the primitive of a formula is the integral of its gradient"

    @classmethod
    def bind(cls, values: Mapping[str, Any]) -> tuple[Any, ...]:
        """The parameter values; also :class:`SgError` if the formula is not finite for them."""
        bound = super().bind(values)
        _check_real(cls.name, bound)
        return bound

    @classmethod
    def derivative(cls, m: Any, x: Any, *p: Any) -> Any:
        variables = {**dict(zip(cls.names, p, strict=True)), "x": x}
        try:
            return cls.function(_Mixed(m) if hasattr(x, "detach") else m, variables)
        except (ArithmeticError, ValueError) as error:
            raise SgError(f"{cls.name} has no value at x = {x}", str(error)) from error

    @classmethod
    def primitive(cls, m: Any, x: Any, *p: Any) -> Any:
        from sgcli.numerics import quadrature

        numbers = tuple(map(float, p))

        def gradient(m: Any, t: Any) -> Any:
            return cls.derivative(m, t, *numbers)

        return quadrature.primitive(gradient, x, _switches(cls.name, numbers))

    @classmethod
    def kinks(cls, low: float, high: float, *p: Any) -> Any:
        return [
            at for at, jumps in _switches(cls.name, p).items() if not jumps and low <= at <= high
        ]

    @classmethod
    def jumps(cls, low: float, high: float, *p: Any) -> Any:
        return [at for at, jumps in _switches(cls.name, p).items() if jumps and low <= at <= high]


def from_formula(text: str, values: Mapping[str, Any]) -> Shape:
    """The shape with that gradient; :class:`SgError` for a parameter without a value."""
    return Shape.of(definition(text), **values)


def definition(text: str) -> type[Formula]:
    """The definition with that gradient; equal texts give the same class."""
    return _class_of(text.strip())


@cache
def _class_of(text: str) -> type[Formula]:
    tree = expression.parse(text)
    names = tuple(n for n in expression.names(tree) if n != "x")
    for name in names:
        if name in RESERVED:
            raise ParameterError(
                f"'{name}' in '{text}' cannot be the name of a parameter", "rename it"
            )
    body: dict[str, Any] = {"__doc__": f"The gradient {text}.", "tree": tree, "names": names}
    body["function"] = staticmethod(expression.function(tree))
    formula: type[Formula] = type("Formula", (Formula,), body)
    formula.name = text
    formula.origin = PREFIX + text
    # pickle looks the class up by this name: see __getattr__.
    formula.__qualname__ = "of_" + text.encode().hex()
    formula.params = {n: Param(float("nan"), "(-inf, inf)", (0.5, 2.0), name=n) for n in names}
    formula.defaults = tuple(p.default for p in formula.params.values())
    return formula


def __getattr__(name: str) -> Any:
    """The class of a formula by its qualified name, for pickle."""
    if not name.startswith("of_"):
        raise AttributeError(name)
    return definition(bytes.fromhex(name.removeprefix("of_")).decode())


def split(text: str) -> tuple[str, list[str]]:
    """Split ``formula:EXPRESSION[,PARAM=VALUE…]`` into the expression and the assignments."""
    head, *assignments = re.split(r",(?=\s*[^\W\d]\w*\s*=(?!=))", text.removeprefix(PREFIX))
    return head, assignments


class _Mixed:
    """A torch namespace that also accepts plain numbers, as in abs(alpha)."""

    def __init__(self, m: Any) -> None:
        self.m = m
        self.pi = m.pi

    def __getattr__(self, name: str) -> Any:
        def call(*args: Any) -> Any:
            if any(hasattr(a, "detach") for a in args):
                return getattr(self.m, name)(*args)
            from sgcli.maths import numpy_

            return float(getattr(numpy_, name)(*args))

        return call


@cache
def _check_real(text: str, values: tuple[float, ...]) -> None:
    """Raise :class:`SgError` if the formula is not a finite real number at a probed x."""
    from sgcli.maths import mpmath_
    from sgcli.maths.mpmath_ import mp

    formula, exact = definition(text), tuple(map(mp.mpf, values))
    for x in (s * p for p in PROBES for s in (1, -1)):
        try:
            y = mp.mpf(formula.function(mpmath_, _variables(formula, mp.mpf(x), exact)))
        except FAILURES:
            y = mp.nan
        assignments = ", ".join(f"{k} = {v:g}" for k, v in zip(formula.params, values, strict=True))
        place = f"at x = {x:g}{' with ' * bool(assignments)}{assignments}"
        if not mp.isfinite(y):
            raise SgError(
                f"{formula.name} is not a finite number {place}",
                "a gradient needs a value at every x; where(x > 0, a, b) chooses between two",
            )
        if abs(x) <= CLOSE and abs(y) > sys.float_info.max:
            raise SgError(
                f"{formula.name} is larger than any float {place}",
                "a gradient lies within the range of floats near the threshold",
            )


def _variables(formula: type[Formula], x: Any, values: tuple[Any, ...]) -> dict[str, Any]:
    return {**dict(zip(formula.params, values, strict=True)), "x": x}


@cache
def _switches(text: str, values: tuple[Any, ...]) -> dict[Any, bool]:
    """The points where a switching argument changes sign; True where the gradient jumps."""
    import numpy as np

    from sgcli.maths import mpmath_, numpy_
    from sgcli.maths.mpmath_ import mp

    away = np.union1d(np.geomspace(1e-6, REACH, 2401), np.arange(1, 2001) * 0.01)
    grid = np.concatenate([-away[::-1], [0.0], away])
    formula, exact = definition(text), tuple(map(mp.mpf, values))
    switches: dict[Any, bool] = {}
    for argument in _arguments(formula.tree):

        def exactly(x: Any, argument: ast.expr = argument) -> Any:
            return expression.value(argument, mpmath_, _variables(formula, x, exact))

        with np.errstate(all="ignore"):
            numbers = _variables(formula, grid, tuple(map(float, values)))
            signs = np.sign(expression.value(argument, numpy_, numbers) + 0 * grid)
        changes = [(i, i + 1) for i in np.flatnonzero(signs[:-1] * signs[1:] < 0)]
        changes += [(i, i + 2) for i in np.flatnonzero(signs[:-2] * signs[2:] < 0)]
        for low, high in changes:
            if high == low + 1 or signs[low + 1] == 0:
                root = _root(exactly, mp.mpf(grid[low]), mp.mpf(grid[high]))
                switches[root] = _jumps(formula, root, exact)
    return dict(sorted(switches.items()))


def _arguments(tree: ast.expr) -> list[ast.expr]:
    """The subexpressions whose sign selects a branch of the formula."""
    arguments: list[ast.expr] = []

    def difference(a: ast.expr, b: ast.expr) -> ast.expr:
        return ast.BinOp(a, ast.Sub(), b)

    for node in ast.walk(tree):
        match node:
            case ast.Call(func=ast.Name(id="abs" | "sign" | "heaviside"), args=[u]):
                arguments.append(u)
            case ast.Call(func=ast.Name(id="minimum" | "maximum"), args=[a, b]):
                arguments.append(difference(a, b))
            case ast.Call(func=ast.Name(id="clip"), args=[u, low, high]):
                arguments += [difference(u, low), difference(u, high)]
            case ast.Compare(left=a, comparators=[b]):
                arguments.append(difference(a, b))
    return arguments


def _root(sign_of: Any, low: Any, high: Any) -> Any:
    """The sign change of a function between two points, as a double if it is exact there."""
    from sgcli.maths.mpmath_ import mp
    from sgcli.numerics.roots import bisect

    with mp.workdps(80):
        rising = sign_of(high) > 0
        for halvings in (60, 220):
            low, high = bisect(lambda x: (sign_of(x) > 0) == rising, low, high, halvings)
            for near in (mp.mpf(float(low)), mp.mpf(float(high))):
                if sign_of(near) == 0:
                    return near
        return high


def _jumps(formula: type[Formula], at: Any, values: tuple[Any, ...]) -> bool:
    from sgcli.maths import mpmath_
    from sgcli.maths.mpmath_ import mp

    def apart(off: Any) -> Any:
        left, right = (formula.derivative(mpmath_, at + s * off, *values) for s in (-1, 1))
        return abs(right - left)

    # Across a jump the difference does not shrink with the distance.
    with mp.workdps(80):
        near = apart(mp.mpf(10) ** -50 * max(1, abs(at)))
        return bool(near > 0.5 * apart(mp.mpf(10) ** -40 * max(1, abs(at))))
