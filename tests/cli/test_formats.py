"""Tables in each format."""

from __future__ import annotations

import ast
import csv
import io
import json
import math
import re
import unicodedata
from pathlib import Path

import pytest

from sgcli.cli import formats
from sgcli.cli.cells import spread
from sgcli.cli.formats import (
    FORMATS,
    SCHEMA_VERSION,
    Column,
    Table,
    emit,
    serialize,
    to_json,
)
from sgcli.cli.glossary import meaning
from sgcli.cli.latex import latex_text
from sgcli.cli.main import main
from sgcli.errors import SgError
from tests.cli.run import sg

TABLE = Table(
    [Column("name", "the name"), Column("value", "a|value_%", right=True)],
    [
        {"name": "a_b", "value": 0.1 + 0.2},
        {"name": "c", "value": math.inf},
        {"name": "d", "value": None},
        {"name": "e", "value": math.nan},
    ],
    extra={"more": [1, -math.inf]},
)


def test_json_is_strict_and_carries_the_schema_version():
    def refuse(constant):
        raise AssertionError(constant)

    found = json.loads(serialize(TABLE, "json"), parse_constant=refuse)
    assert found["schema_version"] == SCHEMA_VERSION
    assert found["more"] == [1, "-inf"]
    assert [r["value"] for r in found["rows"]] == [0.30000000000000004, "inf", None, None]


def test_csv_keeps_every_digit():
    rows = list(csv.DictReader(io.StringIO(serialize(TABLE, "csv"))))
    assert float(rows[0]["value"]) == 0.1 + 0.2
    assert rows[2]["value"] == ""


def test_markdown_escapes_bars():
    lines = serialize(TABLE, "md").splitlines()
    assert lines[0] == r"| the name | a\|value_% |"
    assert lines[1] == "|---|---:|"


def test_latex_is_booktabs_and_escaped():
    text = serialize(TABLE, "latex")
    assert r"a\_b & 0.3 \\" in text
    assert r"a\textbar{}value\_\%" in text
    assert text.count("rule") == 3


def test_sorting_puts_what_does_not_apply_last():
    assert [r["name"] for r in TABLE.sorted("-name").rows] == ["e", "d", "c", "a_b"]
    assert TABLE.sorted("value").rows[-1]["name"] == "d"
    with pytest.raises(SgError, match="name, value"):
        TABLE.sorted("nothing")


@pytest.mark.parametrize("format", FORMATS)
def test_every_format_ends_with_one_newline(capsys, format):
    emit(TABLE, format)
    out = capsys.readouterr().out
    assert out.endswith("\n")
    assert not out.endswith("\n\n")


def test_to_json_of_nested_values():
    assert json.loads(to_json({"a": {"b": (math.inf,)}}))["a"]["b"] == ["inf"]


RANGE = Table(
    [
        Column("name", "the name", style="bold"),
        Column("low", "range", show=lambda low, high: f"{low:g}…{high:g}", more=("high",)),
        Column("note", "a longer heading", extra=True),
    ],
    [{"name": "b", "low": 1.5, "high": 2.5, "note": "x"}, {"name": "a", "low": 0, "high": 3}],
)


def test_what_people_see_in_one_cell_has_columns_of_its_own_in_csv():
    rows = list(csv.DictReader(io.StringIO(serialize(RANGE, "csv"))))
    assert [(row["low"], row["high"]) for row in rows] == [("1.5", "2.5"), ("0", "3")]
    assert "| b | 1.5…2.5 | x |" in serialize(RANGE, "md")
    assert [row["name"] for row in RANGE.sorted("-high").rows] == ["a", "b"]


@pytest.mark.parametrize(("width", "there"), [(20, False), (200, True)])
def test_an_extra_column_stands_in_a_terminal_that_has_room(width, there, capsys, monkeypatch):
    from rich.console import Console

    monkeypatch.setattr("sgcli.cli.formats.screen", lambda: Console(width=width))
    emit(RANGE, "table")
    head, *_, last = capsys.readouterr().out.splitlines()
    assert ("a longer heading" in head) == there
    assert ("in a wider terminal" in last) == (not there)
    assert "a longer heading" in head + last


@pytest.mark.parametrize(
    ("text", "latex"),
    [
        ("1.889e+22", r"$1.889\times10^{22}$"),
        ("alpha=-1e-05", r"alpha=$-1\times10^{-5}$"),
        ("exponential | |x|^-2", r"exponential \textbar{} $|x|^{-2}$"),
        ("−26.3, ∞", r"$-$26.3, $\infty$"),
        ("[-1, 4]", "[$-$1, 4]"),
        ("train-toy 10-20 e+1", "train-toy 10-20 e+1"),
        ("a_b & 5%", r"a\_b \& 5\%"),
    ],
)
def test_numbers_and_symbols_in_latex(text, latex):
    assert latex_text(text) == latex


def test_every_symbol_that_a_table_may_show_has_a_latex_form():
    """Whatever stands in a text of a command or of the facts; docstrings and help are no data."""
    from sgcli import cli, definitions

    folders = [Path(package.__file__).parent for package in (cli, definitions)]
    for path in (path for folder in folders for path in folder.rglob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        talk = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
        texts = [
            node.value
            for node in ast.walk(tree)
            if isinstance(node, ast.Constant)
            and isinstance(node.value, str)
            and id(node) not in talk
        ]
        # LaTeX takes the letters of names as they are.
        left = {
            c
            for text in texts
            for c in latex_text(text)
            if not (c.isascii() or unicodedata.name(c, "").startswith("LATIN"))
        }
        assert not left, f"{path}: {left}"


@pytest.mark.parametrize("command", [["list"], ["compare", "all"]], ids=" ".join)
def test_a_latex_table_is_ascii_and_its_cells_are_balanced(command, capsys):
    assert main([*command, "--format", "latex"]) == 0
    lines = capsys.readouterr().out.splitlines()
    columns = lines[0].count("l", len(r"\begin{tabular}")) + lines[0].count("r", 15)
    for line in (line for line in lines if line.endswith(r"\\")):
        assert line.isascii()
        assert line.count("$") % 2 == 0
        assert line.count("&") - line.count(r"\&") == columns - 1
        assert line.count("{") == line.count("}")
        assert not re.search(r"(?<!\\)[_%#]|\^(?!\{)", line)


TABLES = {
    "list": "list",
    "gradcheck": "gradcheck rect --quick",
    "compare": "compare atan sigmoid",
    "compare a pair": "compare all --near atan",
    "compare the cost": "compare atan sigmoid --cost",
    "flow": "flow atan --depth 2 --units 16 --batch 4 --seeds 2",
    "flow in time": "flow atan --predict --time 3",
    "recommend": "recommend atan",
    "escape": "bias escape atan",
    "fd": "bias fd atan --seeds 2",
    "loop": "bias loop",
    "sign": "bias sign",
    "config": "config show plot --origin",
}


@pytest.mark.parametrize("line", TABLES.values(), ids=TABLES)
def test_every_column_is_explained(line, capsys):
    plain = sg(capsys, *line.split(), "-q")
    done = sg(capsys, *line.split(), "-q", "--explain")
    assert (done.status, done.out) == (plain.status, plain.out) or "--cost" in line
    assert done.status in (0, 1, 2)
    if done.status != 2:
        explained = done.err.removeprefix(plain.err)
        assert explained.strip()
        assert "Error" not in explained


def test_columns_are_chosen_in_every_format(capsys):
    chosen = ["list", "--columns", "FWHM,name"]
    rows = json.loads(sg(capsys, *chosen, "--format", "json").out)["rows"]
    assert all(list(row)[:2] == ["fwhm", "name"] for row in rows)
    text = sg(capsys, *chosen, "--format", "csv").out
    assert text.splitlines()[0].startswith("fwhm,name")
    assert sg(capsys, *chosen, "--format", "md").out.startswith("| FWHM | surrogate |")
    assert "peak" not in sg(capsys, *chosen).out
    wrong = sg(capsys, "list", "--columns", "fwmh")
    assert wrong.status == 2
    assert "did you mean fwhm?" in wrong.err


@pytest.mark.parametrize(
    ("text", "latex"),
    [
        ("r^20 measured", "$r^{20}$ measured"),
        ("0.9823 ± 0.005", r"$0.9823 \pm 0.005$"),
        ("alpha=4, beta=1", r"$\alpha = 4$, $\beta = 1$"),
        ("β_SG", r"$\beta_{\mathrm{SG}}$"),
        ("σ_w²", r"$\sigma_w^2$"),
        ("n=2, T_period=8", r"n=2, T\_period=8"),
    ],
)
def test_latex_sets_mathematics_as_such(text, latex):
    assert latex_text(text) == latex


def test_the_glossary_knows_every_column_of_the_commands():
    """Also of those that take long; keys that are made of others are in the tables above."""
    missing = []
    for path in sorted((Path(formats.__file__).parent).glob("*.py")):
        for call in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(call, ast.Call) and getattr(call.func, "id", "") == "Column":
                words = [a.value if isinstance(a, ast.Constant) else "" for a in call.args[:2]]
                own = any(k.arg == "meaning" for k in call.keywords)
                if len(words) == 2 and words[0] and not own:
                    try:
                        meaning(*words)
                    except KeyError:
                        missing.append((path.name, *words))
    assert missing == []


@pytest.mark.parametrize(
    ("mean", "deviation", "text"),
    [
        (1.034, 0.0004, "1.0340 ± 0.0004"),
        (0.98231, 0.0052, "0.982 ± 0.005"),
        (123.4, 5.2, "123 ± 5"),
        (0.9, 0.098, "0.9 ± 0.1"),
        (2.7e-14, 3.1e-15, "2.7e-14 ± 3e-15"),
        (0.89514, None, "0.8951"),
        (None, 0.1, "–"),
    ],
)
def test_a_mean_ends_where_its_deviation_does(mean, deviation, text):
    assert spread(mean, deviation) == text
