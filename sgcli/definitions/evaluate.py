"""The values of a shape: float64 arrays by numpy, or 50 correct digits by mpmath."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import cache
from typing import TYPE_CHECKING, Any, Literal

from sgcli.definitions.core import Shape
from sgcli.maths.dual import Dual, Duals
from sgcli.maths.rounding import Roundings

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import ArrayLike, NDArray

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
    """mpmath's context with 50 digits after the integer digits of ``x``."""
    from sgcli.maths.mpmath_ import mp

    extra = int(mp.mag(x) * 0.30103) if mp.isfinite(x) and x else 0
    with mp.workdps(mp.dps + max(extra, 0)):
        yield mp


def exact(shape: Shape, x: Any, which: Curve = "derivative") -> Any:
    """The value at ``x`` to 50 digits, as an mpmath number."""
    from sgcli.maths import mpmath_

    with digits_for(x) as mp:
        values = map(_number(mp), shape.values)
        return mp.mpf(getattr(shape.definition, which)(mpmath_, mp.mpf(x), *values))


def exact_slope(shape: Shape, x: Any) -> Any:
    """dσ/dx of the primitive at ``x`` to 50 digits.

    At a kink it is the slope of one side, or of neither.
    """
    from sgcli.maths import mpmath_

    with digits_for(x) as mp:
        m = Duals(mpmath_)
        (variable,) = m.variables(mp.mpf(x))
        y = shape.definition.primitive(m, variable, *map(_number(mp), shape.values))
        return y.slopes[0] if isinstance(y, Dual) else mp.zero


@cache
def exact_condition(shape: Shape, x: Any, which: Curve = "derivative") -> tuple[Any, Any]:
    """f and |f| + |x·∂f/∂x| + Σ|p·∂f/∂p|, to 50 digits.

    The second number times the unit roundoff bounds how far the rounding of ``x``, of the
    parameters and of one product moves f.
    """
    from sgcli.maths import mpmath_

    with digits_for(x) as mp:
        values = map(_number(mp), shape.values)
        value, sensitivity = _conditioned(shape, which, mpmath_, mp.mpf(x), values)
        return mp.mpf(value), mp.mpf(sensitivity)


def condition(
    shape: Shape, x: ArrayLike, which: Curve = "derivative"
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The two numbers of :func:`exact_condition` in float64, for each ``x``."""
    import numpy as np

    from sgcli.maths import numpy_

    points = np.asarray(x, dtype=np.float64)
    with np.errstate(all="ignore"):
        value, sensitivity = _conditioned(shape, which, numpy_, points, shape.values)
    return np.broadcast_to(value, points.shape), np.broadcast_to(sensitivity, points.shape)


def parameter_slopes(shape: Shape, x: ArrayLike) -> dict[str, NDArray[np.float64]]:
    """∂σ/∂p of the primitive for each real parameter, in float64."""
    import numpy as np

    from sgcli.maths import numpy_

    points = np.asarray(x, dtype=np.float64)
    m = Duals(numpy_)
    real = {k: v for k, v in shape.params.items() if not isinstance(v, int)}
    variables = dict(zip(real, m.variables(*real.values()), strict=True))
    with np.errstate(all="ignore"):
        y = shape.definition.primitive(m, points, *({**shape.params, **variables}.values()))
    slopes = y.slopes if isinstance(y, Dual) else [0.0] * len(real)
    return {
        k: np.array(np.broadcast_to(slope, points.shape), dtype=np.float64)
        for k, slope in zip(real, slopes, strict=True)
    }


def _conditioned(
    shape: Shape, which: Curve, base: Any, x: Any, values: Iterable[Any]
) -> tuple[Any, Any]:
    m = Roundings(base) if shape.definition.signed_sum else Duals(base)
    parameters = list(values)
    real = [v for v in parameters if not isinstance(v, int)]
    variables = iter(m.variables(x, *real))
    point = next(variables)
    function = getattr(shape.definition, which)
    y = function(m, point, *[v if isinstance(v, int) else next(variables) for v in parameters])
    if not isinstance(y, Dual):
        return y, abs(y)
    if shape.definition.signed_sum:
        return y.value, y.slopes[0]
    return y.value, abs(y.value) + sum(
        abs(v * s) for v, s in zip([x, *real], y.slopes, strict=True)
    )


def _number(mp: Any) -> Any:
    return lambda value: value if isinstance(value, int) else mp.mpf(value)
