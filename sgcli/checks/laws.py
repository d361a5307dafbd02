"""The laws of a surrogate, one function a law; each returns a verdict with the worst point.

The first three need no torch. The others take any torch ``function`` of the input: ours, or what
a user or another library wrote.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from sgcli.checks import points
from sgcli.checks.dtypes import FORMATS, Format
from sgcli.checks.truth import Truth, both_sides, densely, exactly
from sgcli.checks.verdict import Verdict
from sgcli.definitions.core import Shape
from sgcli.definitions.evaluate import curve, exact, exact_condition, exact_slope
from sgcli.definitions.facts import facts

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from torch import Tensor

DIGITS = 40
Implementation = Callable[["Tensor"], "Tensor"]


def derivative(shape: Shape) -> Verdict:
    """dσ/dx of the primitive equals σ′ to 40 digits, away from kinks and on both sides of each."""
    if shape.definition.no_primitive:
        return Verdict("derivative", "skip", detail=shape.definition.no_primitive)
    edges = points.edges(shape)
    where = [v for v in points.telling(shape, FORMATS["float64"]) if v not in edges]
    where += [side for edge in edges for side in both_sides(edge)]
    worst, at = 0.0, where[0]
    for x in where:
        value, moved = exact_condition(shape, x)
        scale = max(moved, _peak_if_signed(shape)) * 10.0**-DIGITS
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
    return _judge("evaluation", "float64", [(truth, curve(shape, truth.x))])


def peak(shape: Shape, required: float | None) -> Verdict:
    """The supremum of σ′ and where it lies; it decides if ``required`` is given."""
    found = facts(shape)
    right = required is not None and abs(found.peak - required) <= 4 * 2.0**-53 * required
    exempt = shape.definition.peak_exempt
    decided = required is not None and not exempt
    return Verdict(
        "peak",
        ("pass" if right else "fail") if decided else "note",
        x=found.peak_at,
        expected=required,
        got=found.peak,
        detail=exempt,
    )


def backward(shape: Shape, function: Implementation, format: Format, device: str) -> Verdict:
    """The gradient that autograd returns, for upstream gradients of both signs and sizes."""
    truths = [densely(shape, format)]
    if format.precision >= 24:
        truths.append(exactly(shape, format))
    return _judge("backward", format.name, [(t, _gradient(function, t, device)) for t in truths])


def forward(shape: Shape, function: Implementation, format: Format, device: str) -> Verdict:
    """The spikes are exactly those declared, in the dtype and shape of the input; NaN spikes 0."""
    import numpy as np
    import torch

    x = np.concatenate([points.dense(format), [np.inf, -np.inf, np.nan]])
    given = torch.tensor(x, dtype=getattr(torch, format.name), device=device).reshape(1, -1)
    y = function(given)
    if y.dtype != given.dtype or y.shape != given.shape:
        detail = f"{given.dtype} {tuple(given.shape)} became {y.dtype} {tuple(y.shape)}"
        return Verdict("forward", "fail", format.name, detail=detail)
    got = y.detach().double().cpu().numpy().ravel()
    if shape.definition.stochastic:
        return _forward_in_mean(shape, function, format, device)
    want = curve(shape, x, "forward")
    wrong = ~((got == want) | (np.isnan(got) & np.isnan(want)))
    at = int(np.argmax(wrong))
    return Verdict(
        "forward",
        "fail" if wrong.any() else "pass",
        format.name,
        x=float(x[at]),
        expected=float(want[at]),
        got=float(got[at]),
        points=x.size,
    )


def _forward_in_mean(
    shape: Shape, function: Implementation, format: Format, device: str
) -> Verdict:
    """Draws are 0 or 1, with the declared mean to within 5 standard errors at each of 17 points."""
    import numpy as np
    import torch

    draws = 20_000
    x = np.linspace(-0.5, 1.5, 17)
    given = torch.tensor(x, dtype=getattr(torch, format.name), device=device)
    drawn = function(given.repeat(draws, 1)).detach().double().cpu().numpy()
    want = curve(shape, x, "forward")
    # A point of probability 0 or 1 leaves no room; elsewhere 5 sd is a false alarm in 10^5 runs.
    room = 5 * np.sqrt(want * (1 - want) / draws)
    off = np.abs(drawn.mean(axis=0) - want)
    wrong = (off > room) | ~np.isin(drawn, [0.0, 1.0]).all(axis=0)
    at = int(np.argmax(np.where(wrong, np.inf, off)))
    return Verdict(
        "forward",
        "fail" if wrong.any() else "pass",
        format.name,
        x=float(x[at]),
        expected=float(want[at]),
        got=float(drawn[:, at].mean()),
        points=x.size,
        detail=f"mean of {draws} draws, 5 standard errors",
    )


def primitive(shape: Shape, function: Implementation, format: Format, device: str) -> Verdict:
    """``spiking=False`` returns the primitive, finite wherever the input is."""
    if shape.definition.no_primitive:
        return Verdict("primitive", "skip", format.name, detail=shape.definition.no_primitive)
    truths = [densely(shape, format, "primitive")]
    if format.precision >= 24:
        truths.append(exactly(shape, format, "primitive"))
    return _judge("primitive", format.name, [(t, _values(function, t, device)) for t in truths])


def _values(function: Implementation, truth: Truth, device: str) -> NDArray[np.float64]:
    import torch

    x = torch.tensor(truth.x, dtype=getattr(torch, truth.format.name), device=device)
    return function(x).detach().double().cpu().numpy()


def _gradient(function: Implementation, truth: Truth, device: str) -> NDArray[np.float64]:
    import numpy as np
    import torch

    dtype = getattr(torch, truth.format.name)
    x = torch.tensor(truth.x, dtype=dtype, device=device, requires_grad=True)
    # Powers of two: dividing by them afterwards changes no bit of the gradient.
    upstream = np.random.default_rng(0).choice([-2.0, -1.0, 1.0, 2.0], size=truth.x.shape)
    given = torch.tensor(upstream, dtype=dtype, device=device)
    (got,) = torch.autograd.grad(function(x), x, given)
    return np.asarray(got.detach().double().cpu().numpy() / upstream)


def _judge(check: str, dtype: str, pairs: list[tuple[Truth, Any]]) -> Verdict:
    """The verdict over several sets of points, with the worst of all of them."""
    import numpy as np

    x = np.concatenate([t.x for t, _ in pairs])
    want = np.concatenate([t.value for t, _ in pairs])
    got = np.concatenate([g for _, g in pairs])
    error = np.concatenate([t.error(g) for t, g in pairs])
    with np.errstate(invalid="ignore"):
        ulps = np.abs(got - want) / FORMATS[dtype].ulp(want)
    # A truth below the slack is judged absolutely: its ULP say nothing.
    judged = ulps[(np.abs(want) >= FORMATS[dtype].slack) & np.isfinite(ulps)]
    at = int(np.argmax(error))
    return Verdict(
        check,
        "pass" if error[at] <= 1 else "fail",
        dtype,
        x=float(x[at]),
        expected=float(want[at]),
        got=float(got[at]),
        error=float(error[at]),
        ulp=float(judged.max()) if judged.size else None,
        ulp_median=float(np.median(judged)) if judged.size else None,
        points=x.size,
    )


def _peak_if_signed(shape: Shape) -> float:
    return facts(shape).peak if shape.definition.signed_sum else 0.0
