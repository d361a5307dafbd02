"""sg gradcheck."""

from __future__ import annotations

import csv
import io
import json

import pytest

from sgcli.definitions import REGISTRY
from tests.cli.run import sg


def test_a_table_with_a_line_a_surrogate(capsys):
    done = sg(capsys, "gradcheck", "sigmoid", "soft-sign")
    assert done.status == 0
    lines = done.out.splitlines()
    assert [line.split()[0] for line in lines[2:4]] == ["sigmoid", "soft_sign"]
    assert all(line.rstrip().endswith("pass") for line in lines[2:4])
    assert "checking 6 shapes" in done.err


def test_the_other_spelling_of_the_command(capsys):
    assert sg(capsys, "grad-check", "SoftSign", "--alpha", "3", "--dtype", "float32").status == 0


def test_a_failure_names_x_expected_and_got(capsys):
    done = sg(capsys, "gradcheck", "erf,alpha=2", "--require-peak", "1", "-q", "--quick")
    assert done.status == 1
    assert "FAILED  erf,alpha=2  peak: x = 0, expected = 1, got = 1.1283" in done.out
    assert done.err == ""


def test_json_holds_every_verdict(capsys):
    done = sg(capsys, "gradcheck", "all", "--quick", "--format", "json")
    found = json.loads(done.out)
    assert (done.status, found["ok"], found["schema_version"]) == (0, True, 1)
    assert {r["name"] for r in found["reports"]} == set(REGISTRY)
    assert {c["check"] for c in found["reports"][0]["checks"]} == {
        "derivative",
        "evaluation",
        "peak",
    }
    assert "that need no torch" in done.err


def test_csv_has_a_line_a_verdict(capsys):
    done = sg(capsys, "gradcheck", "rect", "--format", "csv", "--dtype", "float32")
    rows = list(csv.DictReader(io.StringIO(done.out)))
    assert {r["surrogate"] for r in rows} == {"rect,alpha=1", "rect,alpha=0.5", "rect,alpha=10"}
    assert {r["status"] for r in rows} <= {"pass", "note"}


@pytest.mark.parametrize(
    ("args", "says"),
    [
        (["sigmoidd"], "did you mean sigmoid"),
        (["sigmoid", "-p", "beta=1"], "sigmoid has alpha"),
        (["sigmoid", "--alpha", "0"], "alpha in (0, inf)"),
        (["sigmoid", "--dtype", "int8"], "float16"),
        (["sigmoid", "--device", "nowhere"], "nowhere"),
        ([], "NAME"),
    ],
)
def test_a_user_error_is_one_line_and_exit_2(capsys, args, says):
    done = sg(capsys, "gradcheck", *args)
    assert done.status == 2
    assert says in done.err
    assert "Traceback" not in done.err
    assert done.out == ""
