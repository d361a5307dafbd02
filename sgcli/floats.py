"""The numbers that characterise binary floating point formats."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Float:
    """A format: bits of the significand, hidden bit included, and range of exponents."""

    name: str
    precision: int
    lowest: int
    highest: int

    @property
    def unit(self) -> float:
        """The unit roundoff."""
        return float(2.0**-self.precision)

    @property
    def smallest_normal(self) -> float:
        return float(2.0**self.lowest)

    @property
    def smallest(self) -> float:
        """The smallest subnormal."""
        return float(2.0 ** (self.lowest - self.precision + 1))

    @property
    def largest(self) -> float:
        return float((2.0 - 2.0 ** (1 - self.precision)) * 2.0**self.highest)


FLOATS = {
    format.name: format
    for format in (
        Float("float64", 53, -1022, 1023),
        Float("float32", 24, -126, 127),
        Float("bfloat16", 8, -126, 127),
        Float("float16", 11, -14, 15),
    )
}
HALVES = ("bfloat16", "float16")
