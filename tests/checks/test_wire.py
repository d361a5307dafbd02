"""What one process tells another of a run, and what passes for it."""

from __future__ import annotations

import json
import math
from dataclasses import asdict
from typing import Any

import numpy as np
import pytest

from sgcli.checks import wire
from sgcli.checks.session import Results
from sgcli.checks.verdict import Errors, Report, Verdict
from sgcli.errors import DataError

VERDICTS = (
    Verdict("peak", "note", x=0.0, expected=None, got=math.inf, points=3, detail="σ′ and ∞"),
    Verdict("backward", "fail", "float32", x=-1e-300, error=math.nan),
)
REPORT = Report("a.py:A,alpha=2", "a", {"alpha": 2.0, "n": 3}, VERDICTS, "own", "a.py:A")
ERRORS = Errors("float32", np.array([-1.0, 0.1]), np.array([np.nan, 0.5]))
RESULTS = Results([REPORT], {"a.py:A,alpha=2": [ERRORS]})


def sent() -> Any:
    kind, (data,) = wire.read(wire.line(wire.DONE, wire.write_results(RESULTS)))
    assert kind == wire.DONE
    return data


def test_results_arrive_as_they_were():
    found = wire.read_results(sent())
    # nan is not nan: what is written out is compared.
    assert [repr(asdict(r)) for r in found.reports] == [repr(asdict(REPORT))]
    (errors,) = found.errors["a.py:A,alpha=2"]
    assert errors.dtype == "float32"
    np.testing.assert_array_equal(errors.x, ERRORS.x)
    np.testing.assert_array_equal(errors.ulp, ERRORS.ulp)


@pytest.mark.parametrize("content", [["say", "a\nb"], ["begin", "a.py", "loading"], ["step", ""]])
def test_a_message_is_one_line(content):
    line = wire.line(*content)
    assert line.index(b"\n") == len(line) - 1
    assert wire.read(line) == (content[0], content[1:])


@pytest.mark.parametrize(
    "text",
    [
        "",
        "ready",
        "3",
        "[]",
        "{}",
        '["say"]',
        '["say", 3]',
        '["begin", "a"]',
        '["all", "a"]',
        "[[]]",
    ],
)
def test_another_line_is_no_message(text):
    with pytest.raises(DataError):
        wire.read(text.encode())


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (["reports"], []),
        (["reports"], None),
        (["reports", 0, "verdicts"], []),
        (["reports", 0, "verdicts", 0, "status"], "fine"),
        (["reports", 0, "verdicts", 0, "x"], "0"),
        (["reports", 0, "verdicts", 0, "points"], True),
        (["reports", 0, "verdicts", 0, "else"], 1),
        (["reports", 0, "label"], None),
        (["reports", 0, "params"], {"alpha": "2"}),
        (["errors", "a.py:A,alpha=2", 0, 1], [1.0]),
        (["errors"], [1]),
    ],
)
def test_what_is_no_result_counts_as_none(path, value):
    data = json.loads(json.dumps(sent()))
    inner = data
    for key in path[:-1]:
        inner = inner[key]
    inner[path[-1]] = value
    with pytest.raises(DataError):
        wire.read_results(data)
