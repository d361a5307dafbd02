"""sg reproduce."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from sgcli.training import protocols
from sgcli.training.protocols import Protocol, PublishedResult, names
from tests.cli.run import sg
from tests.training.test_reproduce import TINY

pytestmark = pytest.mark.usefixtures("without_figures")
ONE = ("--seeds", "1", "--processes", "1")
THREE = ("--seeds", "3", "--processes", "1")


@pytest.fixture(autouse=True)
def _tiny(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every name means a training of a tenth of a second."""

    def named(name: str) -> Protocol:
        chance = {"what": "loss", "measure": "loss", "statistic": "median"}
        accuracy = {"published": 0.5, "samples": 10, "spread": 1.0}
        claims = [PublishedResult(**chance, above=0.01), PublishedResult("accuracy", **accuracy)]
        return Protocol(name, TINY, f"https://{name}", claims)

    monkeypatch.setattr(protocols, "named", named)


def test_table(capsys: Any) -> None:
    done = sg(capsys, "reproduce", "spytorch-1", *THREE)
    assert done.status == 0
    assert "> 0.010" in done.out
    assert "50.00 %" in done.out
    assert done.out.count("reproduced") == 2
    assert "not judged" not in done.err
    assert "3/3  spytorch-1, seed 2: test accuracy" in done.err
    assert len(list(Path("runs").iterdir())) == 3


def test_json_of_two_seeds(capsys: Any) -> None:
    done = sg(
        capsys,
        "reproduce",
        "spytorch-1",
        "--seeds",
        "2",
        "--processes",
        "1",
        "--format",
        "json",
        "-q",
    )
    assert done.err == ""
    loss, accuracy = json.loads(done.out)["rows"]
    assert loss["above"] == 0.01
    assert loss["published"] is None
    assert accuracy["source"] == "https://spytorch-1"
    assert accuracy["value"] == pytest.approx(sum(accuracy["values"]) / 2)
    assert accuracy["sd"] is not None
    assert [Path(folder).is_dir() for folder in accuracy["folders"]] == [True, True]


def test_all_is_every_protocol(capsys: Any) -> None:
    done = sg(capsys, "reproduce", "all", *ONE, "--format", "json", "-q")
    rows = json.loads(done.out)["rows"]
    assert list(dict.fromkeys(row["protocol"] for row in rows)) == list(names())


def test_a_miss_is_exit_1(capsys: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    missed = Protocol("x", TINY, "", [PublishedResult("accuracy", published=1.0)])
    monkeypatch.setattr(protocols, "named", lambda name: missed)
    done = sg(capsys, "reproduce", "spytorch-1", *THREE)
    assert done.status == 1
    assert "missed" in done.out


def test_too_few_seeds_are_no_verdict_and_exit_0(capsys: Any) -> None:
    done = sg(capsys, "reproduce", "spytorch-1", *ONE)
    assert done.status == 0
    assert done.out.count("not judged") == 2
    assert done.err.count("spytorch-1: not judged: fewer than 3 seeds") == 1


def test_environment_and_files_change_nothing(capsys: Any, monkeypatch: Any) -> None:
    Path("sg.toml").write_text("[reproduce]\nseeds = 3\n[train-toy]\nlr = 9\n")
    monkeypatch.setenv("SG_REPRODUCE_SEEDS", "4")
    monkeypatch.setenv("SG_TRAIN_TOY_LR", "8")
    done = sg(capsys, "reproduce", "spytorch-1", "--processes", "1", "--format", "json", "-q")
    rows = json.loads(done.out)["rows"]
    assert rows[0]["seeds"] == 5
    about = json.loads((Path(rows[0]["folders"][0]) / "run.json").read_text())
    assert about["settings"]["lr"] not in (8, 9)


@pytest.mark.parametrize(
    ("args", "words", "status"),
    [
        (["spytorch"], "spytorch-1", 2),
        ([], "Missing argument", 2),
        (["spytorch-1", "--seeds", "0"], "seeds", 2),
        (["spytorch-1", "--out", "file/runs", *ONE], "cannot write to file/runs", 3),
    ],
)
def test_user_errors(capsys: Any, args: list[str], words: str, status: int) -> None:
    Path("file").write_text("")
    done = sg(capsys, "reproduce", *args)
    assert done.status == status
    assert words in done.err
    assert "Traceback" not in done.err
