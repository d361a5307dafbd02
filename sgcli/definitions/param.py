"""A shape parameter: its default, its domain, and the typical range of tests and plots."""

from __future__ import annotations

import math
import numbers
from dataclasses import dataclass
from typing import Any

from sgcli.errors import ParameterError


@dataclass(frozen=True)
class Interval:
    """An interval of the real line: ``Interval.parse("(0, inf)")``."""

    low: float
    high: float
    closed_low: bool
    closed_high: bool

    @classmethod
    def parse(cls, text: str) -> Interval:
        low, high = text[1:-1].split(",")
        return cls(float(low), float(high), text[0] == "[", text[-1] == "]")

    def __contains__(self, value: float) -> bool:
        above = value >= self.low if self.closed_low else value > self.low
        below = value <= self.high if self.closed_high else value < self.high
        return above and below

    def __str__(self) -> str:
        brackets = "[" if self.closed_low else "(", "]" if self.closed_high else ")"
        return f"{brackets[0]}{self.low:g}, {self.high:g}{brackets[1]}"


@dataclass(frozen=True)
class Param:
    """A shape parameter of a definition, named after the attribute that holds it.

    A default of NaN means that the parameter has no default.
    """

    default: float
    domain: str
    typical: tuple[float, float]
    doc: str = ""
    integer: bool = False
    name: str = ""

    def __set_name__(self, owner: type, name: str) -> None:
        object.__setattr__(self, "name", name)
        self.check(self.default)

    @property
    def required(self) -> bool:
        """Whether there is no default."""
        return math.isnan(self.default)

    @property
    def interval(self) -> Interval:
        return Interval.parse(self.domain)

    @property
    def domain_text(self) -> str:
        """The domain in words, as errors and tables show it."""
        return f"an integer in {self.domain}" if self.integer else self.domain

    @property
    def default_text(self) -> str:
        return "–" if self.required else f"{self.default:g}"

    def check(self, value: Any) -> float:
        """The value as a Python number; :class:`ParameterError` if it is outside the domain."""
        if isinstance(value, bool) or not isinstance(value, numbers.Real):
            raise self._error(value)
        number = float(value) + 0.0  # -0 becomes 0: equal values are one cache key
        if math.isnan(number) or number not in self.interval:
            raise self._error(value)
        if self.integer:
            if not number.is_integer():
                raise self._error(value)
            return int(number)
        return number

    def parse(self, text: str) -> float:
        """The value of a text, checked as by :meth:`check`."""
        try:
            number = float(text)
        except ValueError:
            raise ParameterError(
                f"{self.name} = {text!r} is not a number", f"{self.name} in {self.domain_text}"
            ) from None
        try:
            return self.check(number)
        except (ValueError, OverflowError):
            raise self._error(text) from None

    def _error(self, value: Any) -> ParameterError:
        return ParameterError(
            f"{self.name} = {value!r} is outside its domain", f"{self.name} in {self.domain_text}"
        )
