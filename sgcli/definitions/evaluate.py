"""A shape in numbers: float64 arrays by numpy, and 50 correct digits by mpmath."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Literal

from sgcli.definitions.core import Shape

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import ArrayLike, NDArray

DIGITS = 50
Curve = Literal["forward", "primitive", "derivative"]


def curve(shape: Shape, x: ArrayLike, which: Curve = "derivative") -> NDArray[np.float64]:
    """The forward pass, primitive or derivative at each ``x``, in float64."""
    import numpy as np

    from sgcli.maths import numpy_

    points = np.asarray(x, dtype=np.float64)
    with np.errstate(all="ignore"):
        y = getattr(shape, which)(numpy_, points)
    return np.array(np.broadcast_to(y, points.shape), dtype=np.float64)


@contextmanager
def digits_for(x: float) -> Iterator[Any]:
    """mpmath's context with 50 digits beyond those that ``x`` itself takes."""
    from sgcli.maths.mpmath_ import mp

    size = abs(mp.mpf(x))
    extra = int(mp.log10(size)) if 1 < size < mp.inf else 0
    with mp.workdps(DIGITS + 10 + extra):
        yield mp


def exact(shape: Shape, x: Any, which: Curve = "derivative") -> Any:
    """The value at ``x`` to 50 digits, as an mpmath number."""
    from sgcli.maths import mpmath_

    with digits_for(x) as mp:
        values = map(_number(mp), shape.values)
        return mp.mpf(getattr(shape.definition, which)(mpmath_, mp.mpf(x), *values))


def exact_slope(shape: Shape, x: Any) -> Any:
    """dσ/dx of the primitive at ``x`` to 50 digits; at a kink, that of one side or of none."""
    from sgcli.maths import mpmath_
    from sgcli.maths.dual import Dual, Duals

    with digits_for(x) as mp:
        m = Duals(mpmath_)
        (variable,) = m.variables(mp.mpf(x))
        y = shape.definition.primitive(m, variable, *map(_number(mp), shape.values))
        return y.slopes[0] if isinstance(y, Dual) else mp.zero


def exact_condition(shape: Shape, x: Any) -> tuple[Any, Any]:
    """σ′ and |σ′| + |x·σ″| + Σ|p·∂σ′/∂p|: how far rounding x, the p and one product moves it."""
    from sgcli.maths import mpmath_
    from sgcli.maths.dual import Dual, Duals

    with digits_for(x) as mp:
        m = Duals(mpmath_)
        inputs = [mp.mpf(x), *map(_number(mp), shape.values)]
        y = shape.definition.derivative(m, *m.variables(*inputs))
        if not isinstance(y, Dual):
            return mp.mpf(y), abs(mp.mpf(y))
        moved = mp.fsum(abs(v * s) for v, s in zip(inputs, y.slopes, strict=True))
        return mp.mpf(y.value), abs(y.value) + moved


def _number(mp: Any) -> Any:
    return lambda value: value if isinstance(value, int) else mp.mpf(value)
