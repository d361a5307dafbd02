"""Tables in each format."""

from __future__ import annotations

import csv
import io
import json
import math

import pytest

from sgcli.cli.formats import FORMATS, Column, Table, emit, serialize, to_json
from sgcli.errors import SgError

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
    assert found["schema_version"] == 1
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
