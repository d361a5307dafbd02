from __future__ import annotations

import json
from pathlib import Path

import pytest

from sgcli.cli.main import COMMANDS, main


def shown(
    capsys: pytest.CaptureFixture[str], *words: str, status: int = 0
) -> dict[tuple[str, str], dict[str, object]]:
    assert main(["config", "show", *words, "--format", "json"]) == status
    rows = json.loads(capsys.readouterr().out)["rows"]
    return {(row["command"], row["option"]): row for row in rows}


def test_every_command_is_there_with_its_defaults(capsys: pytest.CaptureFixture[str]) -> None:
    found = shown(capsys)
    without_options = {"bias", "config"}
    below = {"bias loop", "bias sign", "bias escape", "bias fd", "config show", "runs show"}
    assert {command for command, _ in found} == set(COMMANDS) - without_options | below
    assert found["show", "format"]["value"] == "table"
    assert found["show", "code"]["value"] is None
    assert "origin" not in found["show", "format"]


def test_the_stronger_origin_wins_and_is_named(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def now() -> tuple[object, object]:
        row = shown(capsys, "show", "--origin")["show", "format"]
        return row["value"], row["origin"]

    assert now() == ("table", "default")
    Path("pyproject.toml").write_text('[tool.sg.show]\nformat = "md"\n')
    assert now() == ("md", f"{Path.cwd()}/pyproject.toml [tool.sg]")
    Path("sg.toml").write_text('[show]\nformat = "latex"\n')
    assert now() == ("latex", f"{Path.cwd()}/sg.toml")
    monkeypatch.setenv("SG_SHOW_FORMAT", "json")
    assert now() == ("json", "SG_SHOW_FORMAT")


def test_what_it_shows_is_what_the_command_does(capsys: pytest.CaptureFixture[str]) -> None:
    Path("sg.toml").write_text('[show]\nformat = "md"\n')
    assert main(["show", "sigmoid"]) == 0
    assert capsys.readouterr().out.startswith("## sigmoid")


def test_a_command_below_another_has_a_table_of_its_own(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("sg.toml").write_text('[bias.loop]\nbeta-sg = [1, 5]\nformat = "csv"\n')
    assert main(["bias", "loop"]) == 0
    assert len(capsys.readouterr().out.splitlines()) == 1 + 2
    rows = shown(capsys, "bias", "--origin")
    assert rows["bias loop", "beta_sg"]["origin"] == f"{Path.cwd()}/sg.toml"
    assert rows["bias sign", "format"]["origin"] == "default"
    monkeypatch.setenv("SG_BIAS_LOOP_BETA_SG", "3")
    assert shown(capsys, "bias")["bias loop", "beta_sg"]["value"] == "3"
    assert main(["bias", "loop"]) == 0
    assert len(capsys.readouterr().out.splitlines()) == 1 + 1
    Path("sg.toml").write_text("[bias.loop]\nbeta-gs = 1\n[plot.loop]\n")
    assert main(["bias", "loop"]) == 2
    error = capsys.readouterr().err
    assert "beta_gs in [bias.loop] (did you mean beta_sg?); [plot.loop]" in error


@pytest.mark.parametrize(("name", "near"), [("plott", "plot"), ("train_toy", "train-toy")])
def test_an_unknown_command_is_a_users_error(
    name: str, near: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["config", "show", name]) == 2
    assert f"did you mean {near}?" in capsys.readouterr().err


def test_a_wrong_file_stops_a_command_and_can_still_be_shown(
    capsys: pytest.CaptureFixture[str],
) -> None:
    Path("sg.toml").write_text('[show]\nformt = "md"\nformat = "md"\n')
    assert main(["list"]) == 2
    captured = capsys.readouterr()
    assert "formt in [show] (did you mean format?)" in captured.err
    assert captured.out == ""
    found = shown(capsys, "show", status=2)
    assert found["show", "format"]["value"] == "md"


def test_an_alias_is_the_command(capsys: pytest.CaptureFixture[str]) -> None:
    assert {command for command, _ in shown(capsys, "grad-check")} == {"gradcheck"}


def test_without_a_command_it_shows_the_settings(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["config"]) == 0
    bare = capsys.readouterr().out
    assert main(["config", "show"]) == 0
    assert bare == capsys.readouterr().out
