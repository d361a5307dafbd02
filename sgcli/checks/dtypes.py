"""The floating point formats in numbers, and the error that a correct formula may make in each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

# One constant for all formats and surrogates: rounding of x, of each parameter and of a handful of
# operations moves a correct result by no more than this many times what one rounding of each would.
ALLOWED = 8


@dataclass(frozen=True)
class Format:
    """A binary format: bits of the significand (the hidden one included) and range of exponents."""

    name: str
    precision: int
    lowest: int
    highest: int
    slack: float

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

    def ulp(self, value: Any) -> NDArray[np.float64]:
        """The distance to the next number of the format, at each ``value``."""
        numbers = np.asarray(value, dtype=np.float64)
        exponents = np.where(numbers == 0, self.lowest, np.frexp(numbers)[1] - 1)
        steps = np.maximum(exponents, self.lowest) - self.precision + 1
        return np.asarray(np.ldexp(1.0, steps), dtype=np.float64)


def _format(name: str, precision: int, lowest: int, highest: int) -> Format:
    normal, smallest = 2.0**lowest, 2.0 ** (lowest - precision + 1)
    return Format(name, precision, lowest, highest, smallest if name == "float16" else 64 * normal)


FORMATS: dict[str, Format] = {
    f.name: f
    for f in (
        _format("float64", 53, -1022, 1023),
        _format("float32", 24, -126, 127),
        _format("bfloat16", 8, -126, 127),
        _format("float16", 11, -14, 15),
    )
}
