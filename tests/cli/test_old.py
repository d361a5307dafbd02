"""An option that a command had once is refused with what stands for it now."""

from __future__ import annotations

from pathlib import Path

import pytest

from sgcli.cli.old import OLD
from tests.cli.run import sg


@pytest.fixture(autouse=True)
def _a_row(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(OLD, ("list", "by_name"), "--sort name")


@pytest.mark.parametrize("option", ["--by-name", "--no-by-name"])
def test_on_the_command_line(capsys, option):
    done = sg(capsys, "list", option, "3")
    assert (done.status, done.err) == (2, f"Error: {option} is now --sort name\n")


@pytest.mark.parametrize(
    ("file", "table"), [("sg.toml", "list"), ("pyproject.toml", "tool.sg.list")]
)
def test_in_a_settings_file(capsys, file, table):
    Path(file).write_text(f"[{table}]\nby-name = true\n")
    done = sg(capsys, "show", "atan")
    assert done.status == 2
    assert done.err.endswith("by_name in [list] is now --sort name\n")
    assert done.err.count("\n") == 1


def test_as_a_variable(capsys, monkeypatch):
    monkeypatch.setenv("SG_LIST_BY_NAME", "1")
    done = sg(capsys, "list")
    assert (done.status, done.err) == (2, "Error: SG_LIST_BY_NAME: --by-name is now --sort name\n")
    assert sg(capsys, "list", "--help").status == 0
    assert sg(capsys, "show", "atan").status == 0


def test_an_option_that_never_was_is_unknown(capsys):
    done = sg(capsys, "list", "--sorted")
    assert done.status == 2
    assert "No such option" in done.err
    assert "--sort" in done.err


@pytest.mark.parametrize("option", ["--strict", "--no-strict"])
def test_strict_is_fire_above(capsys, option):
    done = sg(capsys, "train-toy", "mnist", option)
    assert (done.status, done.err) == (2, f"Error: {option} is now --fire-above\n")
    Path("sg.toml").write_text("[train-toy]\nstrict = true\n")
    done = sg(capsys, "train-toy", "mnist")
    assert done.status == 2
    assert "strict in [train-toy] is now --fire-above" in done.err


@pytest.mark.parametrize(
    ("words", "now"),
    [
        ("compare all --depth 20", "--depth is now sg flow --depth"),
        (
            "compare atan --no-detach-reset",
            "--no-detach-reset is now sg flow --time T --detach-reset",
        ),
        ("compare atan --train --layers 3", "--train is now sg flow --train"),
        ("compare --from-run runs/x", "--from-run is now sg flow --run"),
        ("compare --loop", "--loop is now sg bias loop"),
        ("compare --bias --points 3", "--bias is now sg bias sign"),
        ("compare atan --figure-width 3", "--figure-width is now --width"),
        ("recommend atan --method herranz", "--method is now gone, with condition IV"),
    ],
)
def test_the_modes_of_compare_are_commands(capsys, words, now):
    done = sg(capsys, *words.split())
    assert (done.status, done.out) == (2, "")
    assert done.err.startswith(f"Error: {now}")
    assert done.err.count("\n") == 1


def test_the_modes_of_compare_in_settings(capsys, monkeypatch):
    Path("sg.toml").write_text("[compare]\ndepth = 20\n")
    assert sg(capsys, "list").err.endswith("depth in [compare] is now sg flow --depth\n")
    Path("sg.toml").unlink()
    monkeypatch.setenv("SG_COMPARE_BETA_SG", "3")
    done = sg(capsys, "compare", "atan")
    assert (done.status, done.err.count("\n")) == (2, 1)
    assert "SG_COMPARE_BETA_SG: --beta-sg is now sg bias loop --beta-sg" in done.err
