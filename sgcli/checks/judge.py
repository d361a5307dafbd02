"""From truth and what was computed to a verdict."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sgcli.checks.dtypes import FORMATS, Format
from sgcli.checks.truth import Truth
from sgcli.checks.verdict import Verdict

Pair = tuple[Truth, "NDArray[np.float64]"]


class Gathered(NamedTuple):
    """Several sets of points as one: what is right there, what came, and the error in ULP."""

    x: NDArray[np.float64]
    want: NDArray[np.float64]
    got: NDArray[np.float64]
    ulp: NDArray[np.float64]


def gathered(pairs: Sequence[Pair], format: Format) -> Gathered:
    """The points of all pairs."""
    x = np.concatenate([t.x for t, _ in pairs])
    want = np.concatenate([t.value for t, _ in pairs])
    got = np.concatenate([g for _, g in pairs])
    with np.errstate(invalid="ignore", over="ignore"):
        return Gathered(x, want, got, np.abs(got - want) / format.ulp(want))


def judge(check: str, dtype: str, pairs: Sequence[Pair]) -> Verdict:
    """The verdict over several sets of points, with the worst of all of them."""
    x, want, got, ulps = gathered(pairs, FORMATS[dtype])
    error = np.concatenate([t.error(g) for t, g in pairs])
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
