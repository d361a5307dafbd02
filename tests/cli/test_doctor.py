from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
import torch

from sgcli import __version__, doctor
from sgcli.cli.formats import SCHEMA_VERSION
from sgcli.cli.main import main


def findings(capsys: pytest.CaptureFixture[str]) -> dict[str, dict[str, str]]:
    assert main(["doctor", "--format", "json"]) == 0
    data = json.loads(capsys.readouterr().out)
    assert data["schema_version"] == SCHEMA_VERSION
    return {row["item"]: row for row in data["rows"]}


def test_versions_are_those_that_run(capsys: pytest.CaptureFixture[str]) -> None:
    found = findings(capsys)
    assert found["sgcli"]["value"] == __version__
    assert found["python"]["note"] == sys.executable
    assert found["torch"]["value"] == torch.__version__
    assert str(torch.get_num_threads()) in found["cpu"]["note"]


def test_the_table_names_every_topic(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["doctor"]) == 0
    text = capsys.readouterr().out
    for topic in {f.topic for f in doctor.diagnose()}:
        assert topic in text.splitlines()


def test_an_unknown_format_is_a_users_error(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["doctor", "--format", "xml"]) == 2
    assert "xml" in capsys.readouterr().err


def program(path: Path, text: str) -> Path:
    path.write_text(text)
    path.chmod(0o755)
    return path


def test_another_sg_first_on_path_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    theirs = program(tmp_path / "sg", "#!/bin/sh\necho newgrp\n")
    monkeypatch.setenv("PATH", str(tmp_path))
    found = findings(capsys)["sg on PATH"]
    assert found["value"] == str(theirs)
    assert "newgrp" in found["note"]
    program(theirs, "#!/usr/bin/python\nfrom sgcli.cli.main import main\n")
    assert findings(capsys)["sg on PATH"]["note"] == "sgcli's"
    theirs.unlink()
    assert findings(capsys)["sg on PATH"]["value"] == "none"


def test_completion_is_found_where_it_is_turned_on(tmp_path: Path) -> None:
    rc = tmp_path / ".bashrc"
    assert doctor.completion_place("bash", tmp_path) is None
    rc.write_text('# eval "$(sg completion bash)"\n')
    assert doctor.completion_place("bash", tmp_path) is None
    rc.write_text('eval "$(sg completion bash)"\n')
    assert doctor.completion_place("bash", tmp_path) == rc
    assert doctor.completion_place("zsh", tmp_path) is None
    assert doctor.completion_place("csh", tmp_path) is None


def test_files_and_variables_that_have_a_say_are_listed(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("sg.toml").write_text('[show]\nformat = "md"\n')
    monkeypatch.setenv("SG_SHOW_FORMAT", "json")
    found = findings(capsys)
    assert found["file"]["value"].endswith("sg.toml")
    assert found["variable"]["value"] == "SG_SHOW_FORMAT"
