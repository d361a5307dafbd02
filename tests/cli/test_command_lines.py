"""Whatever is typed: an answer or a sentence, the status that is documented, and nothing hangs."""

from __future__ import annotations

import csv
import io
import json
import shlex
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

from sgcli.training.data import tasks
from tests.cli.command_lines import commands, lines
from tests.cli.run import sg
from tests.cli.test_train_toy import mnist

LONGEST = 20  # seconds
MINE = "from sgcli.definitions.smooth import ATan\nclass Mine(ATan):\n    pass\n"


@contextmanager
def limited(line: str) -> Iterator[None]:
    def stop(number: int, frame: FrameType | None) -> None:
        pytest.fail(f"over {LONGEST} s: {line}")

    before = signal.signal(signal.SIGALRM, stop)
    signal.alarm(LONGEST)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setitem(tasks.LOADERS, "mnist", lambda settings: mnist())
    Path("mine.py").write_text(MINE)
    Path("binary.dat").write_bytes(bytes(range(256)))
    Path("settings.toml").write_text('surrogate = "atan"\nlr = 0.001\n')
    Path("folder").mkdir()


def holds(capsys: Any, words: list[str]) -> None:
    line = shlex.join(words)
    with limited(line):
        done = sg(capsys, *words)
    assert done.status in (0, 1, 2, 3), line
    assert "Traceback" not in done.err, line
    assert "--debug shows" not in done.err, f"{line}\n{done.err}"
    if done.status == 2:
        assert "Error: " in done.err, line
    elif "--help" not in words:
        readable(words, done.out, line)


def readable(words: list[str], out: str, line: str) -> None:
    formats = [value for option, value in pairwise(words) if option == "--format"]
    if "-" in words or not out:  # a figure or data on stdout
        return
    if formats and formats[-1] == "json":
        json.loads(out)
    if formats and formats[-1] == "csv":
        rows = list(csv.reader(io.StringIO(out)))
        assert len({len(row) for row in rows}) == 1, line


def test_the_lines_reach_every_command() -> None:
    reached = {" ".join(words) for words in lines(600, seed=1)}
    for name in commands():
        assert any(line.startswith(name) for line in reached), name


@pytest.mark.parametrize("seed", range(4))
def test_a_few_command_lines(capsys: Any, seed: int) -> None:
    for words in lines(15, seed=1000 + seed):
        holds(capsys, words)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(20))
def test_two_thousand_command_lines(capsys: Any, seed: int) -> None:
    for words in lines(100, seed):
        holds(capsys, words)


DIGITS = "9" * 400
DEEP = "[" * 20_000 + "]" * 20_000


@pytest.mark.parametrize(
    ("settings", "words", "error"),
    [
        ("[list]\nquiet = []", ["list"], "quiet = [] in sg.toml or pyproject.toml cannot be used"),
        ("[plot]\ndebug = [1]", ["plot", "atan"], "debug = [1] in sg.toml"),
        (f"[plot]\nwidth = {DIGITS}", ["plot", "atan"], "width = 9999"),
        (f"[plot]\nalpha = {DEEP}", ["plot", "atan"], "its arrays are nested too deeply"),
        (f"lr = {DIGITS}", ["train-toy", "mnist", "--config", "sg.toml"], "lr = 9999"),
        (f"hidden = {DEEP}", ["train-toy", "mnist", "--config", "x.toml"], "nested too deeply"),
        ("seeds = [1]", ["train-toy", "mnist", "--config", "x.toml"], "seeds = [1] in the file"),
    ],
)
def test_a_wrong_value_in_a_file_names_its_key(
    capsys: Any, settings: str, words: list[str], error: str
) -> None:
    Path("x.toml" if "--config" in words else "sg.toml").write_text(settings)
    words = ["x.toml" if word == "sg.toml" else word for word in words]
    done = sg(capsys, *words)
    assert done.status == 2
    assert error in done.err
    assert "--debug" not in done.err.replace("what --debug takes", "")


@pytest.mark.parametrize(
    ("words", "error"),
    [
        (["new", "."], "'.' is not a Python file"),
        (["new", ""], "is not a Python file"),
        (["bias"], "sg bias needs a command"),
        (["plot", "atan", "--xlim", "1.7e308,1.79e308"], "too far out to be drawn"),
        (["plot", "--formula", "1/(abs(x)-alpha)", "--alpha", "2"], "is not finite at x = -2"),
        (["show", "--formula", "exp(1e9)"], "exp(1e9) is larger than any float at x = 0"),
        (["show", "--formula", "abs(x)**a", "-p", "a=1e300"], "larger than any float at x = 3.7"),
    ],
)
def test_these_lines_end_in_a_sentence(capsys: Any, words: list[str], error: str) -> None:
    with limited(shlex.join(words)):
        done = sg(capsys, *words)
    assert done.status == 2
    assert error in done.err
    assert "--debug" not in done.err


@pytest.mark.parametrize(
    "words", [["recommend", "soft_sign,alpha=1e300"], ["show", "--formula", "+x"]]
)
def test_these_lines_have_an_answer(capsys: Any, words: list[str]) -> None:
    done = sg(capsys, *words)
    assert done.status == 0
    assert done.out
