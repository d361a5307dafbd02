"""Runs of an earlier version are known by their names, found again, resumed and opened.

``stored`` has two runs that the version of July 2026 made with torch 2.13, one of which was
interrupted at its fifth step, and the names that it gave to runs. Their folders' names are worked
out here, because the version of torch is part of them.
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
import torch

from sgcli.cli.main import main
from sgcli.training import protocols
from sgcli.training.data.tasks import load
from sgcli.training.run import folder
from sgcli.training.run.reopen import reopen
from sgcli.training.run.report import Report
from sgcli.training.run.runs import run
from sgcli.training.run.trainer import Trainer
from sgcli.training.settings import Settings, settings_for

STORED = Path(__file__).parent / "stored"
NAMES = json.loads((STORED / "names.json").read_text())
MADE_AS = {"finished": "f13b3f65aa47", "interrupted": "c3a16f68df07"}
MINE = '''from sgcli.definitions.smooth import ATan


class Mine(ATan):
    """A surrogate of a user."""
'''


class Recorder(Report):
    def __init__(self) -> None:
        self.steps: list[int] = []

    def step(self, done: int) -> None:
        self.steps.append(done)


def name(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setattr(torch, "__version__", "2.13.0")
    return folder.name_of(folder.identity(settings, "data", "sequence"))


@pytest.mark.parametrize("entry", NAMES["typed"], ids=lambda entry: entry["name"])
def test_settings_lead_to_the_same_folder(entry: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    Path("mine.py").write_text(MINE)
    assert name(settings_for(**entry["settings"]), monkeypatch) == entry["name"]


@pytest.mark.parametrize("key", NAMES["protocols"])
def test_protocols_lead_to_the_same_folder(key: str, monkeypatch: pytest.MonkeyPatch) -> None:
    protocol, arm, length = key.split(", ")
    settings = protocols.named(protocol).settings_of(arm, 1, length == "full")
    assert name(settings, monkeypatch) == NAMES["protocols"][key]


def about(which: str) -> dict[str, Any]:
    text: dict[str, Any] = json.loads((STORED / which / "run.json").read_text())
    return text


def settings_of(which: str) -> Settings:
    return settings_for(**about(which)["settings"])


def unpacked(which: str, out: Path) -> Path:
    """A stored run under the name that it would have with the torch and the kernels of here."""
    settings = settings_of(which)
    made = about(which)
    made["identity"] |= {
        "torch": torch.__version__,
        "path": Trainer(settings, load(settings)).path,
    }
    path = out / folder.name_of(made["identity"])
    shutil.copytree(STORED / which, path)
    (path / "run.json").write_text(json.dumps(made))
    return path


@pytest.mark.parametrize("which", MADE_AS)
def test_the_name_of_a_stored_identity_is_that_of_its_folder(which: str) -> None:
    assert folder.name_of(about(which)["identity"]) == f"spytorch-soft_sign-{MADE_AS[which]}"


@pytest.mark.parametrize("resume", [False, True])
def test_a_finished_run_is_found(resume: bool, tmp_path: Path) -> None:
    path = unpacked("finished", tmp_path)
    recorder = Recorder()
    result = run(settings_of("finished"), tmp_path, resume=resume, report=recorder)
    assert result.folder == path
    assert result.loss == json.loads((path / "result.json").read_text())["loss"]
    assert recorder.steps == []


def test_an_interrupted_run_goes_on(tmp_path: Path) -> None:
    path = unpacked("interrupted", tmp_path)
    recorder = Recorder()
    before = (path / "metrics.jsonl").read_bytes()
    result = run(settings_of("interrupted"), tmp_path, resume=True, report=recorder)
    assert result.folder == path
    assert recorder.steps[-1] == 8
    assert len(recorder.steps) < 8
    assert (path / "metrics.jsonl").read_bytes().startswith(before)
    assert list(tmp_path.iterdir()) == [path]


def test_a_run_opens(tmp_path: Path) -> None:
    opened = reopen(unpacked("interrupted", tmp_path))
    assert opened.settings.shape.label == "soft_sign,alpha=3"
    assert [layer.linear.weight.shape for layer in opened.stack()] == [(2, 100), (2, 2)]
    assert opened.settings.fire_above


@pytest.mark.parametrize(
    ("which", "state"), [("finished", "finished"), ("interrupted", "interrupted 62 %")]
)
def test_a_run_is_shown(which: str, state: str, tmp_path: Path, capsys: Any) -> None:
    path = unpacked(which, tmp_path)
    assert main(["runs", "show", path.name, "--out", str(tmp_path)]) == 0
    shown = capsys.readouterr().out
    assert state in shown
    assert "soft_sign,alpha=3.0" in shown
    assert "sg train-toy spytorch" in shown


def test_a_run_without_figures_gets_them(tmp_path: Path) -> None:
    path = unpacked("finished", tmp_path)
    for figure in ("learning", "raster", "membrane"):
        given = ["--figure", figure, "-o", str(tmp_path / f"{figure}.png")]
        assert main(["runs", "show", path.name, "--out", str(tmp_path), *given]) == 0
        assert (tmp_path / f"{figure}.png").read_bytes().startswith(b"\x89PNG")


def test_the_settings_of_a_run_are_a_config(tmp_path: Path, capsys: Any) -> None:
    path = unpacked("finished", tmp_path)
    given = ["--config", str(path / "config.toml"), "--out", str(tmp_path), "--format", "json"]
    assert main(["train-toy", "spytorch", *given]) == 0
    assert json.loads(capsys.readouterr().out)["folder"] == str(path)
