"""sg bias loop, sign, escape and fd."""

from __future__ import annotations

import csv
import io
import json
import subprocess
import sys
from pathlib import Path

import pytest

from sgcli.definitions import REGISTRY, Shape
from sgcli.theory.bias import biases
from sgcli.theory.escape import escape
from sgcli.theory.loop import DIRECTIONS, loops
from tests.cli.run import sg

SMALL = {
    "loop": ["--points", "300"],
    "sign": ["--points", "101"],
    "escape": ["--samples", "1000"],
    "fd": ["--units", "8", "--batch", "16", "--seeds", "2"],
}


def _json(capsys, *words):
    done = sg(capsys, "bias", *words, "--format", "json")
    assert (done.status, done.err) == (0, "")
    return json.loads(done.out)


@pytest.mark.parametrize("kind", SMALL)
def test_a_table_and_a_figure(kind, capsys):
    done = sg(capsys, "bias", kind, "sigmoid", "atan", *SMALL[kind], "-o", "a.svg")
    assert (done.status, done.err) == (0, "a.svg\n")
    assert "sigmoid" in done.out
    assert (
        f"sg bias {kind} sigmoid,alpha=4 atan,alpha=2 {SMALL[kind][0]}" in Path("a.svg").read_text()
    )


@pytest.mark.parametrize("kind", SMALL)
def test_every_entry_has_numbers_or_the_reason_and_none_is_nan(kind, capsys):
    done = sg(capsys, "bias", kind, "all", *SMALL[kind], "--format", "csv")
    rows = list(csv.DictReader(io.StringIO(done.out)))
    assert {row["name"] for row in rows} == set(REGISTRY)
    for row in rows:
        empty = [key for key, cell in row.items() if not cell]
        assert row["note"].startswith("not applicable because") or "note" in empty
        assert "nan" not in row.values()


def test_the_loop_in_json_is_that_of_the_library(capsys):
    document = _json(capsys, "loop", "--beta-sg", "1,5,20")
    found = list(loops(Shape.of(REGISTRY["sigmoid"])))
    assert document["directions"] == [list(d) for d in DIRECTIONS]
    assert [row["integral"] for row in document["rows"]] == [one.integral for one in found]
    for curve, one in zip(document["curves"], found, strict=True):
        assert curve["phi"] == one.phi.tolist()
        assert curve["running"] == one.running.tolist()


def test_the_bias_in_json_is_that_of_the_library(capsys):
    document = _json(capsys, "sign", "--sweep=-0.1,0.3", "--weights", "0.1,0.2,1,-1")
    shape = Shape.of(REGISTRY["sigmoid"])
    found = list(biases(shape, weights=(0.1, 0.2, 1, -1), sweep=(-0.1, 0.3)))
    for row, curve, one in zip(document["rows"], document["curves"], found, strict=True):
        assert row["disagreement"] == one.disagreement
        assert row["crossings"] == list(one.crossings)
        assert curve["w"] == one.w[::5].tolist()
        assert curve["true"] == one.true[::5].tolist()


def test_escape_noise_in_json_is_that_of_the_library(capsys):
    document = _json(capsys, "escape", "sigmoid", "--samples", "1000", "--seed", "3")
    found = escape(Shape.of(REGISTRY["sigmoid"]), 1000, 3)
    (row,), (curve,) = document["rows"], document["curves"]
    assert row["unbiased"] == found.unbiased
    assert curve["estimate"] == found.estimate.tolist()
    assert document["confidence"] == 0.99


def test_cosines_in_json_have_a_value_a_network(capsys):
    words = ["fd", "sigmoid", "--alpha", "1,2,5", *SMALL["fd"], "--epsilon", "1,0.5"]
    document = _json(capsys, *words)
    assert [row["parameters"]["alpha"] for row in document["rows"]] == [1, 2, 5]
    for row, one in zip(document["rows"], document["cosines"], strict=True):
        assert one["epsilon"] == [0.5, 1]
        assert [len(values) for values in one["values"]] == [2, 2]
        assert row["cosine"] == max(one["mean"])


def test_directions_from_a_file(capsys):
    Path("d.txt").write_text("\n".join(", ".join(map(str, d)) for d in DIRECTIONS))
    assert _json(capsys, "loop", "--directions", "d.txt") == _json(capsys, "loop")


def test_a_steepness_that_was_given_is_said_to_be_replaced(capsys):
    done = sg(capsys, "bias", "loop", "sigmoid,alpha=7", "sigmoid", "--format", "csv")
    assert (done.status, done.err) == (
        0,
        "sigmoid,alpha=7: alpha is set by --beta and --beta-sg\n",
    )
    assert done.out == sg(capsys, "bias", "loop", "sigmoid", "--format", "csv").out


@pytest.mark.parametrize(
    ("words", "error"),
    [
        (["loop", "--beta-sg", "0"], "cannot be 0"),
        (["loop", "--beta", "1e9"], "too much for float64"),
        (["loop", "--directions", "few.txt"], "does not have two lines of five numbers"),
        (["loop", "--directions", "words.txt"], "does not have two lines of five numbers"),
        (["loop", "--directions", "same.txt"], "no plane"),
        (["loop", "--sweep", "0,1"], "No such option"),
        (["sign", "--sweep", "1,0"], "w cannot go from 1 to 0"),
        (["sign", "--weights", "1,2"], "2 numbers"),
        (["escape"], "NAME"),
        (["escape", "sso", "-o", "a.png"], "no probability to draw from"),
        (["loop", "super_spike", "-o", "a.png"], "no integral to draw"),
        (["fd", "atan", "--epsilon", "0"], "a step cannot be 0"),
    ],
)
def test_an_error_is_one_line(words, error, capsys):
    Path("few.txt").write_text("1 2 3\n4 5 6\n")
    Path("words.txt").write_text("one two three four five\n1 2 3 4 5\n")
    Path("same.txt").write_text("1 2 3 4 5\n2 4 6 8 10\n")
    done = sg(capsys, "bias", *words)
    assert (done.status, done.out) == (2, "")
    assert error in done.err
    assert "Traceback" not in done.err


def test_torch_is_imported_for_finite_differences_only():
    code = (
        "import sys; from sgcli.cli.main import main; "
        "[main(['bias', kind, 'sigmoid', '-o', 'a.png']) for kind in ('loop', 'sign')]; "
        "main(['bias', 'escape', 'sigmoid', '--samples', '1000']); "
        "sys.exit('torch' in sys.modules or 'matplotlib.pyplot' in sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], capture_output=True, check=True)
