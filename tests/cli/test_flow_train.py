"""sg flow --train."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from sgcli.training import grid
from sgcli.training.run.folder import Folder
from sgcli.training.run.schema import RESULT
from tests.cli.run import sg

WORDS = [
    "flow", "sigmoid", "deterministic_pass", "--train", "--depth", "2", "--units", "8",
    "--steps", "2", "--seeds", "1", "--out", "here",
]  # fmt: skip


@pytest.fixture(autouse=True)
def _one_process(monkeypatch):
    monkeypatch.setattr(grid, "_cores", lambda: 1)


def test_a_table_a_figure_and_all_numbers(capsys):
    done = sg(capsys, *WORDS, "--format", "json", "-o", "train.svg")
    assert done.status == 0, done.err
    assert "6/6" in done.err
    assert Path("train.svg").read_text().startswith("<?xml")
    document = json.loads(done.out)
    kinds = [(row["name"], row["kind"]) for row in document["rows"]]
    names = ("sigmoid", "deterministic_pass")
    assert kinds == [(name, kind) for name in names for kind in ("default", "recommended")]
    for row in document["rows"][:3]:
        for optimizer in ("sgd", "adam"):
            reached = [run["accuracy"] for run in row[f"{optimizer}_runs"]]
            assert len(reached) == 1
            assert row[f"{optimizer}_accuracy"] == reached[0]
            assert all((Path("here") / run["folder"]).is_dir() for run in row[f"{optimizer}_runs"])
    none = document["rows"][3]
    assert none["parameters"] is none["sgd_accuracy"] is none["measured"] is None
    assert none["note"]
    assert set(document["rank_correlation"]) == {"sgd", "adam"}
    again = sg(capsys, *WORDS, "--format", "json")
    assert again.out == done.out
    locked = document["rows"][0]["sgd_runs"][0]["folder"]
    (Path("here") / locked / RESULT).unlink()
    with Folder(Path("here") / locked).locked():
        failed = sg(capsys, *WORDS, "--format", "md")
    assert failed.status == 3
    assert "seed 0, sgd: another process is at work in" in failed.out
    assert "| sigmoid,alpha=4 | default |" in failed.out


@pytest.mark.parametrize(
    ("words", "error"),
    [
        (["--optimizers", "sgd,adan"], "Did you mean adam?"),
        (["--figure", "layers"], "it is factor or mean-ratio or coherence"),
        (["--time", "3"], "--time has no effect with --train"),
        (["--predict"], "--predict has no effect with --train"),
        (["--mu", "7"], "mu = 7"),
        (["--batch", "70000"], "more than the"),
    ],
)
def test_an_error_is_told_with_its_remedy(words, error, capsys):
    done = sg(capsys, *WORDS, *words)
    assert (done.status, done.out) == (2, "")
    assert error in done.err
