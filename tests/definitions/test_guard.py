"""Whatever a user's definition does, a command ends in time, with data or with one line."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest

from sgcli.definitions import guard, load
from sgcli.definitions.evaluate import curve
from sgcli.errors import SgError
from tests.cli.run import sg

DEFINITION = '''
    import threading, time
    from sgcli.definitions import Definition, Param

    class Stop(BaseException):
        pass

    class Mine(Definition):
        """A triangle."""

        alpha = Param(1.0, domain="(0, inf)", typical=(0.5, 3.0))

        @staticmethod
        def primitive(m, x, alpha):
            u = m.clip(alpha * x, -1, 1)
            return 0.5 + u - u * m.abs(u) / 2

        @staticmethod
        def derivative(m, x, alpha):
            {derivative}

        @staticmethod
        def kinks(low, high, alpha):
            {kinks}
'''
RIGHT = "return alpha * m.maximum(1 - m.abs(alpha * x), 0)"
KINKS = "return (-1 / alpha, 0, 1 / alpha)"
COMMANDS = [
    ["plot", "mine.py:Mine", "-o", "a.png"],
    ["show", "mine.py:Mine"],
    ["compare", "mine.py:Mine", "atan"],
    ["flow", "mine.py:Mine", "--predict"],
    ["recommend", "mine.py:Mine"],
    ["bias", "loop", "mine.py:Mine"],
]


def write(derivative: str = RIGHT, kinks: str = KINKS) -> None:
    text = textwrap.dedent(DEFINITION)
    for key, body in (("derivative", derivative), ("kinks", kinks)):
        text = text.replace(f"{{{key}}}", body.replace("\n", "\n        "))
    Path("mine.py").write_text(text)


@pytest.mark.parametrize("command", COMMANDS, ids=lambda c: c[0])
@pytest.mark.parametrize(
    ("derivative", "words"),
    [
        ("while True: pass", "it did not finish within 0.5 s"),
        ("raise Stop('at once')", "Mine.derivative in mine.py fails: Stop: at once (line 20)"),
        ("raise ValueError('x' * 100_000)", f"ValueError: {'x' * guard.LONGEST}… (line 20)"),
        ("return None", "Mine.derivative in mine.py (line 18) returns None"),
        ("return 'spike'", "Mine.derivative in mine.py (line 18) returns a str"),
        ("import nothing_like_this", "ModuleNotFoundError: No module named 'nothing_like_this'"),
    ],
    ids=["endless", "BaseException", "long", "None", "text", "import"],
)
def test_a_fault_is_one_line_of_every_command(capsys, command, derivative, words):
    write(derivative)
    limit = ["--timeout", "0.5"] if derivative.startswith("while") else []
    started = time.monotonic()
    done = sg(capsys, *command, *limit)
    assert done.status == 2
    assert done.out == ""
    assert words in done.err
    errors = [line for line in done.err.splitlines() if line.startswith("Error: ")]
    assert len(errors) == 1
    assert "Traceback" not in done.err
    assert len(done.err) < 1000
    assert time.monotonic() - started < 30


@pytest.mark.parametrize("command", COMMANDS[1:4], ids=lambda c: c[0])
def test_what_is_printed_is_no_data(capsys, command):
    write(f"print('from derivative'); {RIGHT}")
    done = sg(capsys, *command, "--format", "json")
    assert done.status == 0
    assert json.loads(done.out)["schema_version"]
    assert "from derivative" in done.err


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("return alpha if x > 0 else 0 * x", "m.where(x > 0, a, b) chooses between two values"),
        ("return alpha * x.clip(0, 1)", "(line 20)"),
    ],
)
def test_code_for_plain_numbers_is_told_what_to_write(capsys, body, words):
    write(body)
    done = sg(capsys, "plot", "mine.py:Mine", "-o", "a.png")
    if done.status:
        assert words in done.err
    assert sg(capsys, "show", "mine.py:Mine", "--code", "torch").status == 2


@pytest.mark.parametrize(
    ("kinks", "words"),
    [
        ("return 1", "(line 22) returns a int, not points"),
        ("return 'ab'", "(line 22) returns a str, not points"),
        ("return [None]", "(line 22) returns 'None', which is no number"),
        ("return ['0.5']", "which is no number"),
        ("return range(100_000)", "(line 22) returns more than 10000 points"),
        ("while True: yield 0", "(line 22) returns more than 10000 points"),
    ],
)
def test_wrong_kinks_are_an_error_of_their_line(capsys, kinks, words):
    write(kinks=kinks)
    for command in COMMANDS[:3]:
        done = sg(capsys, *command)
        assert done.status == 2
        assert words in done.err


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        (
            "@staticmethod\n    def derivative(m,",
            "def derivative(self, m,",
            "Mine.derivative in mine.py (line 18) takes self, m, x, alpha, not m, x, alpha "
            "(@staticmethod above it, and no self: def derivative(m, x, alpha))",
        ),
        ("def derivative(m, x, alpha)", "def derivative(x, alpha)", "takes x, alpha, not m, x, al"),
        ("def kinks(low, high, alpha)", "def kinks()", "takes nothing, not low, high, alpha"),
        ("def derivative", "def derivation", "Mine in mine.py (line 8) has no derivative"),
        ("def primitive", "def primitiv", "has no primitive"),
    ],
)
def test_an_ordinary_mistake_says_what_to_write(before, after, words):
    write()
    Path("mine.py").write_text(Path("mine.py").read_text().replace(before, after))
    with pytest.raises(SgError) as caught:
        load.parse("mine.py:Mine")
    assert words in str(caught.value)


def test_a_timer_of_the_caller_goes_on():
    write()
    shape = load.parse("mine.py:Mine").shape
    signal.setitimer(signal.ITIMER_REAL, 50)
    try:
        curve(shape, [0.0, 0.5])
        left, _ = signal.getitimer(signal.ITIMER_REAL)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
    assert 30 < left < 50


def run(*args: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    return subprocess.run(
        [sys.executable, "-m", "sgcli", *args],
        capture_output=True, text=True, check=False, timeout=60, env=environment,
    )  # fmt: skip


def test_a_thread_does_not_keep_sg_alive():
    write(f"threading.Thread(target=time.sleep, args=(1000,)).start(); {RIGHT}")
    done = run("show", "mine.py:Mine", "--format", "json")
    assert done.returncode == 0
    assert json.loads(done.stdout)


def test_code_that_catches_the_end_of_its_time_ends_the_process():
    write(
        "while True:\n    try:\n        while True: pass\n    except BaseException:\n        pass"
    )
    done = run("plot", "mine.py:Mine", "--timeout", "0.3", "-o", "a.png")
    assert done.returncode == 2
    assert done.stderr.startswith(
        "Error: Mine.derivative in mine.py fails: it did not finish within 0.3 s"
    )
    assert done.stdout == ""
    assert not Path("a.png").exists()
