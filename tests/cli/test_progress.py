"""The progress of a training on stderr."""

from __future__ import annotations

import re
import sys

import pytest

from sgcli.cli.console import Talk
from sgcli.cli.progress import Bar, Lines, describe, left, reporter, speed
from sgcli.training.run.report import Report

TRAIN = {
    "kind": "train", "epoch": 1, "step": 5, "loss": 0.1234, "accuracy": 0.91,
    "firing_rate": [0.05, 0.1], "samples_per_second": 7000.0, "seconds": 20.0,
}  # fmt: skip


def tell(report: Report) -> None:
    report.start("mnist-atan-0123", 2, 10)
    report.step(5)
    report.line(TRAIN)
    report.line({**TRAIN, "kind": "test", "accuracy": 0.97})
    report.note("a note")
    report.stop()


def test_nothing_when_quiet(capsys):
    tell(reporter(Talk(-1)))
    assert capsys.readouterr() == ("", "")


def test_lines_where_there_is_no_terminal(capsys):
    report = reporter(Talk())
    assert isinstance(report, Lines)
    tell(report)
    out, err = capsys.readouterr()
    assert out == ""
    rest = "firing 0.050 0.100  7,000 samples/s  20 s left"
    assert err.splitlines() == [
        "mnist-atan-0123: goes on at step 2, 10 steps",
        f"epoch 1 step 5/10  train  loss 0.1234  accuracy 91.00 %  {rest}",
        f"epoch 1 step 5/10  test   loss 0.1234  accuracy 97.00 %  {rest}",
        "a note",
    ]


@pytest.fixture
def terminal(monkeypatch):
    def of(columns):
        monkeypatch.setattr(sys.stderr, "isatty", lambda: True, raising=False)
        monkeypatch.setenv("TERM", "xterm")
        monkeypatch.setenv("COLUMNS", str(columns))

    return of


def rows(err):
    """What a terminal was told to draw, a string a line."""
    return re.split(r"[\r\n]+", re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", err))


def test_a_bar_on_a_terminal(capsys, terminal):
    terminal(100)
    report = reporter(Talk())
    assert isinstance(report, Bar)
    tell(report)
    out, err = capsys.readouterr()
    assert out == ""
    for words in (
        "mnist-atan-0123",
        "50 %",
        "accuracy 91.00 %",
        "firing 0.050 0.100  7,000 samples/s",
        "a note",
    ):
        assert words in err
    assert "epoch 1  test  loss 0.1234  accuracy 97.00 %" in err


@pytest.mark.parametrize("layers", [1, 2, 3, 6, 20])
@pytest.mark.parametrize("columns", [40, 80, 100, 120])
def test_share_and_time_left_are_whole_and_the_bar_has_what_the_metrics_leave(
    capsys, terminal, columns, layers
):
    terminal(columns)
    bar = Bar(Talk())
    bar.start("mnist-atan-0123", 0, 1000)
    for step in (180, 181, 182):
        bar.step(step)
    line = {**TRAIN, "firing_rate": [0.05] * layers}
    bar.line(line)
    bar.stop()
    *_, last = (row for row in rows(capsys.readouterr().err) if "loss" in row)
    found = re.fullmatch(r" 18 % ([━╸╺]+) *(\d\d:\d\d) (loss .*)", last)
    assert found is not None, last
    drawn, _, metrics = found.groups()
    whole = f"{describe(line)}  {speed(line)}"
    assert len(last) <= columns
    if len(whole) + len(" 18 % ━ 00:00 ") <= columns:
        assert metrics.rstrip() == whole
        assert len(drawn) == columns - len(" 18 %  00:00 ") - len(whole)
    else:
        assert len(drawn) == 1
        assert metrics.endswith("…")
        assert whole.startswith(metrics[:-1].rstrip())


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0.5, "1 s left"), (60, "1 min left"), (61, "2 min left"), (3599, "1 h 00 min left"),
     (2 * 3600 + 300, "2 h 05 min left")],
)  # fmt: skip
def test_the_time_left_is_that_of_the_steps_left_at_the_speed_so_far(seconds, text):
    assert left({"step": 5, "seconds": seconds / 3}, 20) == text
    assert left({"step": 20, "seconds": seconds}, 20) == ""
