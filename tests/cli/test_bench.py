from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from sgcli.bench import suites
from sgcli.bench.harness import Bar, Row, compare
from sgcli.cli.bench import NAMES
from sgcli.cli.main import main


def test_the_choices_are_the_suites() -> None:
    assert list(NAMES) == list(suites.SUITES)


def replace(monkeypatch: pytest.MonkeyPatch, bar: Bar) -> None:
    """A benchmark of nothing, so that the command is what is tested."""

    def run(rounds: int, threads: int) -> Iterator[Row]:
        yield Row("start", "absent", "nothing", reason="absent is not installed")
        runs = {"nothing": list, "little": lambda: sum(range(20000))}
        yield from compare("start", runs, "nothing", rounds, bar)

    monkeypatch.setitem(suites.SUITES, "start", (run, 3))


def test_json_has_ratio_quartiles_and_bar(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    replace(monkeypatch, Bar("at least", 1))
    assert main(["bench", "start", "--rounds", "5", "--format", "json"]) == 0
    captured = capsys.readouterr()
    skipped, row = json.loads(captured.out)["rows"]
    assert skipped["ratio"] is None
    assert "skipped start absent: absent is not installed" in captured.err
    assert row["q1"] <= row["ratio"] <= row["q3"]
    assert row["rounds"] == 5
    assert row["bar"] == "at least 1"
    assert row["met"] is True


def test_a_missed_bar_is_exit_status_1(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    replace(monkeypatch, Bar("at most", 1))
    assert main(["bench", "start"]) == 1
    assert "at most 1" in capsys.readouterr().out


def test_an_unknown_benchmark_is_a_users_error(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["bench", "strat"]) == 2
    assert "'strat' is not one of" in capsys.readouterr().err


@pytest.mark.parametrize("name", ["start", "plot"])
def test_the_commands_that_are_timed_run(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    """What it takes depends on what else the machine does; `sg bench` is the judge of that."""
    assert main(["bench", name, "--rounds", "1", "--format", "json"]) in (0, 1)
    rows = json.loads(capsys.readouterr().out)["rows"]
    assert all(row["base_seconds"] > 0 and row["seconds"] > 0 for row in rows)
