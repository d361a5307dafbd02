"""From truth and what was computed to a verdict."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from sgcli.checks.dtypes import FORMATS, Format
from sgcli.checks.truth import Truth
from sgcli.checks.verdict import Status, Verdict

Array = NDArray[np.float64]
Pair = tuple[Truth, Array]


def gathered(pairs: Sequence[Pair], format: Format) -> tuple[Array, Array, Array, Array]:
    """The points of all pairs, what is right there, what came, and the error in ULP."""
    x = np.concatenate([t.x for t, _ in pairs])
    want = np.concatenate([t.value for t, _ in pairs])
    got = np.concatenate([g for _, g in pairs])
    with np.errstate(invalid="ignore", over="ignore"):
        return x, want, got, np.abs(got - want) / format.ulp(want)


def judge(check: str, dtype: str, pairs: Sequence[Pair]) -> Verdict:
    """The verdict over several sets of points, with the worst of all of them."""
    x, want, got, ulps = gathered(pairs, FORMATS[dtype])
    error = np.concatenate([t.error(g) for t, g in pairs])
    # A truth below the slack is judged absolutely: its ULP say nothing.
    judged = ulps[(np.abs(want) >= FORMATS[dtype].slack) & np.isfinite(ulps)]
    at = int(np.argmax(error))
    status: Status = "pass" if error[at] <= 1 else "fail"
    return Verdict.at(
        at, check, status, dtype, x, want, got,
        error=float(error[at]),
        ulp=float(judged.max()) if judged.size else None,
        ulp_median=float(np.median(judged)) if judged.size else None,
        points=x.size,
    )  # fmt: skip
