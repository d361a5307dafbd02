"""sg list."""

from __future__ import annotations

import csv
import io
import json

import pytest
from rich.console import Console

from sgcli.definitions import REGISTRY
from tests.cli.run import sg


def test_every_surrogate_is_listed_in_every_format(capsys):
    for format in ("table", "json", "csv", "md", "latex"):
        done = sg(capsys, "list", "--format", format)
        assert done.status == 0
        for name in REGISTRY:
            assert name in done.out.replace("\\_", "_")


def test_json(capsys):
    rows = json.loads(sg(capsys, "list", "--format", "json").out)["rows"]
    by_name = {r["name"]: r for r in rows}
    assert by_name["sigmoid"]["parameters"][0] == {
        "name": "alpha", "default": 4.0, "domain": "(0, inf)", "integer": False,
    }  # fmt: skip
    assert by_name["nonzero_sign_log_abs"]["area"] == "inf"
    assert by_name["squarewave_fourier_series"]["area"] is None


def test_sorted_by_a_column(capsys):
    done = sg(capsys, "list", "--sort", "-fwhm", "--format", "csv")
    widths = [float(r["fwhm"]) for r in csv.DictReader(io.StringIO(done.out))]
    assert len(widths) == len(REGISTRY)
    assert widths == sorted(widths, reverse=True)


@pytest.mark.parametrize("width", [80, 120])
def test_a_terminal_shows_the_facts_and_breaks_no_word(capsys, monkeypatch, width):
    monkeypatch.setattr("sgcli.cli.formats.screen", lambda: Console(width=width))
    lines = sg(capsys, "list").out.splitlines()
    assert max(map(len, lines)) <= width
    head = lines[0].split()
    assert head[:6] == ["surrogate", "parameters", "peak", "area", "FWHM", "tail"]
    words = {word for line in lines for word in line.split()}
    rows = json.loads(sg(capsys, "list", "--format", "json").out)["rows"]
    assert words >= {row["name"] for row in rows}
    assert words >= {word for row in rows for word in row["tail"].split()}
    values = [f"{p['name']}={p['default']:g}" for row in rows for p in row["parameters"]]
    assert {word.rstrip(",") for word in words} >= set(values)


def test_an_unknown_column_lists_the_columns(capsys):
    done = sg(capsys, "list", "--sort", "heigth")
    assert done.status == 2
    assert "hint: the columns are name, module" in done.err
