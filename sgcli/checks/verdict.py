"""What the checks say: a verdict with its worst point, the errors, a report on one subject."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from sgcli.definitions.core import Shape

Status = Literal["pass", "fail", "known", "note", "skip"]


@dataclass(frozen=True)
class Verdict:
    """The outcome of one check; ``x``, ``expected`` and ``got`` are those of the worst point.

    ``error`` is the largest error as a share of what the law allows, ``ulp`` the largest and
    ``ulp_median`` the median error in units in the last place of the dtype. A known failure is a
    listed defect of another library's release; a note decides nothing.
    """

    check: str
    status: Status
    dtype: str = ""
    x: float | None = None
    expected: float | None = None
    got: float | None = None
    error: float | None = None
    ulp: float | None = None
    ulp_median: float | None = None
    points: int = 0
    detail: str = ""

    @classmethod
    def at(
        cls,
        index: Any,
        check: str,
        status: Status,
        dtype: str,
        x: Any,
        want: Any,
        got: Any,
        **more: Any,
    ) -> Verdict:
        """The verdict whose worst point is at an index of these arrays."""
        result = (float(x[index]), float(want[index]), float(got[index]))
        return cls(check, status, dtype, *result, **more)

    def as_note(self) -> Verdict:
        """The same, but a failure only informs."""
        return replace(self, status="note") if self.status == "fail" else self

    @property
    def name(self) -> str:
        return f"{self.check} {self.dtype}".rstrip()

    @property
    def failure(self) -> str:
        """One line for a failed check: where, what was expected and what came."""
        numbers = {"x": self.x, "expected": self.expected, "got": self.got}
        parts = [f"{key} = {value:.9g}" for key, value in numbers.items() if value is not None]
        return ", ".join(filter(None, [*parts, self.detail]))


def words(error: BaseException) -> str:
    """An exception in one line."""
    text = str(error).strip().splitlines() or [""]
    return f"{type(error).__name__}: {text[0]}"


@dataclass(frozen=True)
class Errors:
    """The error of a gradient in ULP at each x; not finite where the gradient is not."""

    dtype: str
    x: NDArray[np.float64]
    ulp: NDArray[np.float64]


@dataclass(frozen=True)
class Report:
    """All verdicts on one subject; plain data, which one process can send to another.

    ``label`` is what was checked, as the user named it; ``name``, ``params`` and ``origin`` are
    those of the shape that says what it should be, and ``like`` where that came from.
    """

    label: str
    name: str
    params: Mapping[str, float]
    verdicts: tuple[Verdict, ...] = ()
    like: str = "own"
    origin: str = ""

    @classmethod
    def of(
        cls, shape: Shape, verdicts: tuple[Verdict, ...] = (), label: str = "", like: str = "own"
    ) -> Report:
        origin = shape.definition.origin
        return cls(label or shape.label, shape.name, shape.params, verdicts, like, origin)

    @property
    def failures(self) -> list[Verdict]:
        return [v for v in self.verdicts if v.status == "fail"]

    @property
    def ok(self) -> bool:
        return not self.failures

    def as_dict(self) -> dict[str, Any]:
        return {
            "surrogate": self.label,
            "like": self.like,
            "name": self.name,
            "parameters": dict(self.params),
            "ok": self.ok,
            "checks": [asdict(v) for v in self.verdicts],
        }
