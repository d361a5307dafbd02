"""sg compare."""

from __future__ import annotations

import csv
import io
import json
import math
import subprocess
import sys
from pathlib import Path

import pytest

from sgcli.definitions import REGISTRY, Shape
from sgcli.definitions.facts import facts
from tests.cli.run import sg


def test_a_table_without_o_and_no_file(capsys):
    done = sg(capsys, "compare", "sigmoid", "soft_sign")
    assert (done.status, done.err) == (0, "")
    assert [n for n in ("sigmoid", "soft_sign", "|x|^-2", "26.3") if n not in done.out] == []
    assert list(Path().iterdir()) == []


def test_the_figure_beside_the_table(capsys):
    words = ["compare", "sigmoid", "soft_sign", "atan", "erf", "--format", "md"]
    table = sg(capsys, *words).out
    done = sg(capsys, *words, "-o", "cmp.png", "-o", "cmp.svg")
    assert (done.status, done.out, done.err) == (0, table, "cmp.png\ncmp.svg\n")
    assert table.startswith("| surrogate |")
    assert Path("cmp.png").read_bytes().startswith(b"\x89PNG")
    assert "sg compare sigmoid,alpha=4 soft_sign,alpha=2" in Path("cmp.svg").read_text()


def test_json_has_the_facts_of_every_entry(capsys):
    document = json.loads(sg(capsys, "compare", "all", "--format", "json").out)
    assert document["schema_version"] >= 1
    assert [row["name"] for row in document["rows"]] == list(REGISTRY)
    for row in document["rows"]:
        found = facts(Shape.of(REGISTRY[row["name"]], **row["parameters"]))
        assert row["peak"] == found.peak
        assert row["width"] == found.width or row["width"] == str(found.width)
        assert float(row["float32_low"]) <= float(row["float32_high"])


@pytest.mark.parametrize("column", ["peak", "area", "width", "float32_high"])
def test_rows_are_sorted_both_ways_with_what_does_not_apply_last(column, capsys):
    for sign, order in (("", False), ("-", True)):
        done = sg(capsys, "compare", "all", "--sort", f"{sign}{column}", "--format", "csv")
        cells = [row[column] for row in csv.DictReader(io.StringIO(done.out))]
        there = [float(cell) for cell in cells if cell]
        assert there == sorted(there, reverse=order)
        assert cells[: len(there)] == [cell for cell in cells if cell]


def test_an_unbounded_range_reads_as_such(capsys):
    (row,) = csv.DictReader(io.StringIO(sg(capsys, "compare", "rect", "--format", "csv").out))
    assert (float(row["float32_low"]), float(row["float32_high"])) == (-0.5, 0.5)
    table = sg(capsys, "compare", "deterministic_pass", "--format", "md").out
    assert "| −∞ | ∞ |" in table
    rows = sg(capsys, "compare", "deterministic_pass", "--format", "csv").out
    assert float(next(csv.DictReader(io.StringIO(rows)))["float32_low"]) == -math.inf


@pytest.mark.parametrize(
    ("words", "error"),
    [
        (["sigmoid", "--sort", "beauty"], "the columns are"),
        (["sigmoid", "-o", "-"], "stdout carries the table"),
        (["sigmoid", "-o", "a.bmp"], "unknown suffix"),
        (["sigmoid", "--xlim", "2,1"], "cannot go from 2 to 1"),
        (["sigmod"], "did you mean sigmoid"),
        ([], "NAME"),
    ],
)
def test_an_error_is_told_with_its_remedy(words, error, capsys):
    done = sg(capsys, "compare", *words)
    assert (done.status, done.out) == (2, "")
    assert error in done.err


def test_no_torch_is_imported():
    code = (
        "import sys; from sgcli.cli.main import main; main(['compare', 'all', '-o', 'a.png']); "
        "sys.exit('torch' in sys.modules or 'matplotlib.pyplot' in sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], capture_output=True, check=True)
