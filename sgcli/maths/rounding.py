"""Running error analysis: how far the roundings in a formula may move its value.

For a sum of terms with both signs the derivative of the whole says too little. Where the terms
cancel, their rounding errors do not: each term rounds its own argument.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sgcli.maths.dual import Dual, Duals


class Rounding(Dual):
    """A number, and as its only slope a bound of its error, in units of roundoff."""

    __slots__ = ()

    def _combine(self, other: Dual, value: Any, da: Any, db: Any) -> Dual:
        (s,), (t,) = self.slopes, other.slopes
        return self._of(value, [abs(da) * s + abs(db) * t])

    def __truediv__(self, other: Any) -> Dual:
        o = self._lift(other)
        (s,), (t,), quotient = self.slopes, o.slopes, self.value / o.value
        return self._of(quotient, [(s + abs(quotient) * t) / abs(o.value)])

    def __neg__(self) -> Dual:
        return self._of(-self.value, self.slopes)

    def _function(self, value: Any, slope: Any) -> Dual:
        return self._of(value, [abs(slope) * self.slopes[0] + abs(value)])


class Roundings(Duals):
    """The maths namespace of numbers with error bounds over a namespace ``m``."""

    def variables(self, *values: Any) -> Sequence[Dual]:
        """Inputs of a formula, each rounded once."""
        return [Rounding(self.m, v, [abs(v)]) for v in values]
