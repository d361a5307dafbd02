"""What one process tells another of a run: a line of JSON each, read as what anybody may write."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict
from typing import Any, TypeVar, get_args

import numpy as np

from sgcli.checks.session import Results
from sgcli.checks.verdict import Errors, Report, Status, Verdict
from sgcli.errors import DataError

T = TypeVar("T")

# What is said, what is done, what begins, and of the end one of two: an error or the results.
SAY, STEP, BEGIN, ERROR, DONE = "say", "step", "begin", "error", "done"


def line(kind: str, *content: Any) -> bytes:
    """One message."""
    return json.dumps([kind, *content]).encode() + b"\n"


def read(text: bytes) -> tuple[str, list[Any]]:
    """The kind of a message and what it holds."""

    def parsed() -> tuple[str, list[Any]]:
        kind, *content = json.loads(text)
        number = {SAY: 1, STEP: 1, BEGIN: 2, ERROR: 3, DONE: 1}[kind]
        _check(len(content) == number)
        _check(kind == DONE or all(isinstance(c, str) for c in content))
        return kind, content

    return _as_data(parsed)


def write_results(results: Results) -> dict[str, Any]:
    """Results as JSON has them."""
    return {
        "reports": [asdict(report) for report in results.reports],
        "errors": {
            name: [[e.dtype, e.x.tolist(), e.ulp.tolist()] for e in result]
            for name, result in results.errors.items()
        },
    }


def read_results(data: Any) -> Results:
    """The results in a message; :class:`DataError` for anything but reports with verdicts."""

    def parsed() -> Results:
        reports = [_report(**report) for report in data["reports"]]
        _check(bool(reports))
        errors = {
            str(name): [_errors(*error) for error in result]
            for name, result in data["errors"].items()
        }
        return Results(reports, errors)

    return _as_data(parsed)


def _report(verdicts: list[Mapping[str, Any]], params: Mapping[str, Any], **texts: Any) -> Report:
    _check(bool(verdicts))
    _check(all(isinstance(text, str) for text in texts.values()))
    _check(all(map(_number, params.values())))
    return Report(params=dict(params), verdicts=tuple(_verdict(**v) for v in verdicts), **texts)


def _verdict(**fields: Any) -> Verdict:
    result = Verdict(**fields)
    _check(result.status in get_args(Status))
    _check(all(isinstance(text, str) for text in (result.check, result.dtype, result.detail)))
    numbers = (result.x, result.expected, result.got, result.error, result.ulp, result.ulp_median)
    _check(all(number is None or _number(number) for number in numbers))
    _check(type(result.points) is int)
    return result


def _errors(dtype: Any, x: Any, ulp: Any) -> Errors:
    _check(isinstance(dtype, str) and len(x) == len(ulp))
    return Errors(dtype, np.array(x, dtype=np.float64), np.array(ulp, dtype=np.float64))


def _number(value: Any) -> bool:
    return type(value) in (int, float)


def _check(right: bool) -> None:
    if not right:
        raise ValueError("not what is sent")


def _as_data(parsed: Callable[[], T]) -> T:
    try:
        return parsed()
    except (ValueError, TypeError, LookupError, AttributeError) as error:
        raise DataError("the process of the checks sent no valid result") from error
