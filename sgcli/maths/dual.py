"""Exact first derivatives of functions over a maths namespace, by dual numbers.

Over mpmath a primitive is differentiated to 50 correct digits at any x. There is no step size, and
no cancellation in the tails: a difference quotient would lose as many digits as the gradient has
leading zeros.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from sgcli.maths import composed

# The derivative of each function at x, as a function of x and y = f(x). sign, round and heaviside
# are constant between their jumps.
RULES: dict[str, Callable[[Any, Any, Any], Any]] = {
    "exp": lambda m, x, y: y,
    "decay": lambda m, x, y: -y,
    "expm1": lambda m, x, y: m.exp(x),
    "log": lambda m, x, y: 1 / x,
    "log1p": lambda m, x, y: 1 / (1 + x),
    "sqrt": lambda m, x, y: 1 / (2 * y),
    "sin": lambda m, x, y: m.cos(x),
    "cos": lambda m, x, y: -m.sin(x),
    "cospi": lambda m, x, y: -m.pi * m.sin(m.pi * x),
    "tanh": lambda m, x, y: 4 * m.sigmoid(2 * x) * m.sigmoid(-2 * x),
    "atan": lambda m, x, y: 1 / (1 + x * x),
    "erf": lambda m, x, y: 2 / m.sqrt(m.pi) * m.exp(-x * x),
    "erfc": lambda m, x, y: -2 / m.sqrt(m.pi) * m.exp(-x * x),
    "sigmoid": lambda m, x, y: m.sigmoid(x) * m.sigmoid(-x),
    "abs": lambda m, x, y: m.sign(x),
    "sign": lambda m, x, y: 0,
    "round": lambda m, x, y: 0,
    "heaviside": lambda m, x, y: 0,
}


class Dual:
    """A number and its derivatives with respect to the variables of :meth:`Duals.variables`."""

    __slots__ = ("m", "slopes", "value")
    __array_ufunc__ = None  # a numpy array on the left defers to the methods here

    def __init__(self, m: Any, value: Any, slopes: Sequence[Any]) -> None:
        self.m = m
        self.value = value
        self.slopes = tuple(slopes)

    def _lift(self, other: Any) -> Dual:
        return other if isinstance(other, Dual) else self._of(other, [0] * len(self.slopes))

    def _of(self, value: Any, slopes: Sequence[Any]) -> Dual:
        return type(self)(self.m, value, slopes)

    def _combine(self, other: Dual, value: Any, da: Any, db: Any) -> Dual:
        pairs = zip(self.slopes, other.slopes, strict=True)
        return self._of(value, [da * s + db * t for s, t in pairs])

    def _function(self, value: Any, slope: Any) -> Dual:
        """A function of this number: its value and its slope here."""
        return self._of(value, [slope * s for s in self.slopes])

    def __add__(self, other: Any) -> Dual:
        o = self._lift(other)
        return self._combine(o, self.value + o.value, 1, 1)

    def __sub__(self, other: Any) -> Dual:
        o = self._lift(other)
        return self._combine(o, self.value - o.value, 1, -1)

    def __mul__(self, other: Any) -> Dual:
        o = self._lift(other)
        return self._combine(o, self.value * o.value, o.value, self.value)

    def __truediv__(self, other: Any) -> Dual:
        o = self._lift(other)
        quotient = self.value / o.value
        # The division comes last: 1 / o.value would be a 53-bit float if o.value is an int.
        slopes = [(s - quotient * t) / o.value for s, t in zip(self.slopes, o.slopes, strict=True)]
        return self._of(quotient, slopes)

    def __pow__(self, other: Any) -> Dual:
        o = self._lift(other)
        power = self.value**o.value
        da = o.value * self.value ** (o.value - 1) if o.value != 0 else 0
        db = power * self.m.log(self.value) if isinstance(other, Dual) else 0
        return self._combine(o, power, da, db)

    def __neg__(self) -> Dual:
        return self._of(-self.value, [-s for s in self.slopes])

    __radd__, __rmul__ = __add__, __mul__

    def __rsub__(self, other: Any) -> Dual:
        return self._lift(other).__sub__(self)

    def __rtruediv__(self, other: Any) -> Dual:
        return self._lift(other).__truediv__(self)

    def __rpow__(self, other: Any) -> Dual:
        return self._lift(other).__pow__(self)

    def __lt__(self, other: Any) -> Any:
        return self.value < self._lift(other).value

    def __le__(self, other: Any) -> Any:
        return self.value <= self._lift(other).value

    def __gt__(self, other: Any) -> Any:
        return self.value > self._lift(other).value

    def __ge__(self, other: Any) -> Any:
        return self.value >= self._lift(other).value


class Duals:
    """The maths namespace of dual numbers over a namespace ``m`` of scalars or arrays."""

    def __init__(self, m: Any) -> None:
        self.m = m
        self.pi = m.pi

    def __getattr__(self, name: str) -> Callable[[Any], Any]:
        if name not in RULES:
            raise AttributeError(name)
        function, rule = getattr(self.m, name), RULES[name]

        def lifted(x: Any) -> Any:
            if not isinstance(x, Dual):
                return function(x)
            y = function(x.value)
            return x._function(y, rule(self.m, x.value, y))

        return lifted

    def variables(self, *values: Any) -> Sequence[Dual]:
        """Independent variables with the given values."""
        n = len(values)
        return tuple(Dual(self.m, v, [int(i == j) for j in range(n)]) for i, v in enumerate(values))

    def fmod(self, x: Any, period: Any) -> Any:
        a, b = (z.value if isinstance(z, Dual) else z for z in (x, period))
        value = self.m.fmod(a, b)
        remainder = x - period * ((a - value) / b)  # exact slopes, but a rounded value
        return remainder._of(value, remainder.slopes) if isinstance(remainder, Dual) else value

    wrap, clip = composed.wrap, composed.clip

    def where(self, condition: Any, a: Any, b: Any) -> Any:
        dual = next((z for z in (a, b) if isinstance(z, Dual)), None)
        if dual is None:
            return self.m.where(condition, a, b)
        p, q = dual._lift(a), dual._lift(b)
        slopes = [self.m.where(condition, s, t) for s, t in zip(p.slopes, q.slopes, strict=True)]
        return p._of(self.m.where(condition, p.value, q.value), slopes)

    def minimum(self, a: Any, b: Any) -> Any:
        return self.where(a >= b, b, a)

    def maximum(self, a: Any, b: Any) -> Any:
        return self.where(a <= b, b, a)

    def sum(self, n: Any, f: Callable[[Any], Any]) -> Any:
        return composed.total(n.value if isinstance(n, Dual) else n, f)
