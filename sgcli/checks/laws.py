"""The laws of the mathematics, one function a law; none needs torch."""

from __future__ import annotations

import math

from sgcli.checks import points
from sgcli.checks.dtypes import FORMATS
from sgcli.checks.judge import judge
from sgcli.checks.truth import both_sides, exactly, exactly_at
from sgcli.checks.verdict import Verdict
from sgcli.definitions.core import Shape
from sgcli.definitions.evaluate import curve, exact, exact_condition, exact_slope
from sgcli.definitions.facts import facts

DIGITS = 40


def derivative(shape: Shape) -> Verdict:
    """dσ/dx of the primitive equals σ′ to 40 digits, away from kinks and on both sides of each."""
    reason = shape.definition.no_primitive or shape.definition.by_quadrature
    if reason:
        return Verdict("derivative", "skip", detail=f"not applicable: {reason}")
    edges = [*exactly_at(shape, "kinks"), *exactly_at(shape, "jumps")]
    where = [v for v in points.telling(shape, FORMATS["float64"]) if v not in edges]
    where += [side for edge in edges for side in both_sides(edge)]
    worst, at = 0.0, where[0]
    for x in where:
        value, moved = exact_condition(shape, x)
        scale = moved * 10.0**-DIGITS
        off = abs(exact_slope(shape, x) - value)
        error = float(off / scale) if scale else (0.0 if off == 0 else math.inf)
        if error > worst:
            worst, at = error, x
    return Verdict(
        "derivative",
        "pass" if worst <= 1 else "fail",
        x=float(at),
        expected=float(exact_slope(shape, at)),
        got=float(exact(shape, at)),
        error=worst,
        points=len(where),
    )


def evaluation(shape: Shape) -> Verdict:
    """The float64 evaluation by numpy, which the dense checks rest on, holds against 50 digits."""
    truth = exactly(shape, FORMATS["float64"])
    return judge("evaluation", "float64", [(truth, curve(shape, truth.x))])


def peak(shape: Shape, required: float | None) -> Verdict:
    """The supremum of σ′, where it lies, and the area; it decides if ``required`` is given."""
    result = facts(shape)
    right = required is not None and abs(result.peak - required) <= 4 * 2.0**-53 * required
    exempt = shape.definition.peak_exempt
    decided = required is not None and not exempt
    return Verdict(
        "peak",
        ("pass" if right else "fail") if decided else "note",
        x=result.peak_at,
        expected=required,
        got=result.peak,
        detail=exempt or ("" if result.area is None else f"area {result.area:.9g}"),
    )
