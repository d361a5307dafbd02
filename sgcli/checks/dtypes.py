"""The error that a correct formula may make in each floating point format."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from sgcli.floats import FLOATS, Float

# One constant for all formats and surrogates: rounding of x, of each parameter and of a handful of
# operations moves a correct result by no more than this many times what one rounding of each would.
ALLOWED = 8


class Format(Float):
    """A format, with the distance between its numbers and the error that is allowed near 0."""

    @property
    def slack(self) -> float:
        return self.smallest if self.name == "float16" else 64 * self.smallest_normal

    def ulp(self, value: Any) -> NDArray[np.float64]:
        """The distance to the next number of the format, at each ``value``."""
        numbers = np.asarray(value, dtype=np.float64)
        exponents = np.where(numbers == 0, self.lowest, np.frexp(numbers)[1] - 1)
        steps = np.maximum(exponents, self.lowest) - self.precision + 1
        return np.asarray(np.ldexp(1.0, steps), dtype=np.float64)


FORMATS = {name: Format(**vars(limits)) for name, limits in FLOATS.items()}
