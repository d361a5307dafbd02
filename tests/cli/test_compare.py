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
        assert row["fwhm"] == found.fwhm or row["fwhm"] == str(found.fwhm)
        assert float(row["float32_low"]) <= float(row["float32_high"])


@pytest.mark.parametrize("column", ["peak", "area", "fwhm", "float32_high"])
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
    assert "| ±∞ | ±∞ | ±∞ |" in table
    rows = sg(capsys, "compare", "deterministic_pass", "--format", "csv").out
    assert float(next(csv.DictReader(io.StringIO(rows)))["float32_low"]) == -math.inf


def test_json_holds_the_curves_of_the_figure_and_the_share_of_the_membrane(capsys):
    found = json.loads(sg(capsys, "compare", "rect", "--mu", "0.5", "--format", "json").out)
    (row,), (near,) = found["rows"], found["curves"]["near"]
    assert found["mu"] == 0.5
    assert row["in_support"] == pytest.approx(math.erf(1 / math.sqrt(2)) / 2)
    assert (near["surrogate"], near["x"][0], near["x"][-1]) == ("rect,alpha=1", -2.5, 2.5)
    assert (row["left_tail"]["law"], row["right_tail"]["end"]) == ("compact", 0.5)


def test_the_same_function_under_another_name_is_told(capsys):
    words = ["compare", "soft_sign", "q_pseudo_spike", "super_spike,alpha=3", "--format", "json"]
    done = sg(capsys, *words)
    assert "q_pseudo_spike,alpha=2 has the gradient of soft_sign,alpha=2\n" in done.err
    assert "super_spike,alpha=3 has 3 times the gradient of soft_sign,alpha=2 at 0.5 x" in done.err
    assert [(s["height"], s["width"], s["exact"]) for s in json.loads(done.out)["same"]] == [
        (1, 1, True),
        (3, 0.5, True),
    ]
    assert sg(capsys, *words, "-q").err == ""


def test_distances_are_a_table_of_pairs_and_a_matrix(capsys):
    words = ["compare", "rect", "piecewise_quadratic", "leaky_k_relu", "--figure", "distances"]
    done = sg(capsys, *words, "--format", "json", "-o", "d.png")
    assert "leaky_k_relu,leak=0,k=1: no distance at equal area, its area is infinite" in done.err
    found = json.loads(done.out)
    first = found["rows"][0]
    assert (first["surrogate"], first["peak"], first["area"]) == ("rect,alpha=1", 0.5, 0.5)
    assert found["distances"]["peak"][0] == [0, 0.5, "inf"]
    assert found["distances"]["area"][2] == [None, None, None]
    assert Path("d.png").read_bytes().startswith(b"\x89PNG")
    assert len(sg(capsys, *words, "--format", "md", "-q").out.splitlines()) == 2 + 3


def test_the_cost_is_measured_on_request(capsys, monkeypatch):
    monkeypatch.setattr("sgcli.measure.cost.costs.__defaults__", (2, 64))
    done = sg(capsys, "compare", "sigmoid", "poisson_pass", "--cost", "--format", "csv", "-q")
    for row in csv.DictReader(io.StringIO(done.out)):
        assert float(row["nanoseconds"]) > 0
        assert float(row["copies"]) > 0


@pytest.mark.parametrize(
    ("words", "error"),
    [
        (["sigmoid", "--figure", "distances"], "needs two"),
        (["sigmoid", "atan", "--figure", "curve"], "Did you mean curves?"),
        (["sigmoid", "atan", "--figure", "distances", "--cost"], "no cost"),
        (["sigmoid", "atan", "--figure", "distances", "--mu", "1"], "no mu"),
        (["sigmoid", "--mu", "nan"], "not in the range"),
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
