"""The progress of a training on stderr: a bar on a terminal, lines elsewhere."""

from __future__ import annotations

import math
import sys
from typing import Any

from rich.progress import (
    BarColumn,
    Progress,
    RenderableColumn,
    TextColumn,
    TimeRemainingColumn,
)
from rich.table import Column
from rich.text import Text

from sgcli.cli.console import Talk, screen
from sgcli.training.run.report import Report


def reporter(talk: Talk) -> Report:
    """Nothing with ``-q``; a bar on a terminal; a line for every line of metrics elsewhere."""
    if talk.verbosity < 0:
        return Report()
    return Bar(talk) if sys.stderr.isatty() else Lines(talk)


def describe(line: Any) -> str:
    """The numbers of a line of metrics."""
    rates = " ".join(f"{rate:.3f}" for rate in line["firing_rate"])
    return f"loss {line['loss']:.4f}  accuracy {100 * line['accuracy']:5.2f} %  firing {rates}"


def speed(line: Any) -> str:
    return f"{line['samples_per_second']:,.0f} samples/s"


def left(line: Any, total: int) -> str:
    """How long the steps to come take at the speed of those that are done; nothing at the end."""
    seconds = line["seconds"] / line["step"] * (total - line["step"])
    if line["step"] >= total:
        return ""
    if seconds < 60:
        return f"{math.ceil(seconds)} s left"
    minutes = math.ceil(seconds / 60)
    return (
        f"{minutes} min left" if minutes < 60 else f"{minutes // 60} h {minutes % 60:02} min left"
    )


class Lines(Report):
    """Plain lines, for files and logs."""

    def __init__(self, talk: Talk) -> None:
        self.talk = talk
        self.total = 0

    def start(self, run: str, done: int, total: int) -> None:
        self.total = total
        self.talk.say(f"{run}: {f'goes on at step {done}' if done else 'begins'}, {total} steps")

    def line(self, line: Any) -> None:
        where = f"epoch {line['epoch']} step {line['step']}/{self.total}"
        rest = f"{speed(line)}  {left(line, self.total)}".rstrip()
        self.talk.say(f"{where}  {line['kind']:<5}  {describe(line)}  {rest}")

    def note(self, text: str) -> None:
        self.talk.say(text)


class Bar(Report):
    """A bar with the time left, loss, accuracy and firing rate, on one line of any terminal."""

    def __init__(self, talk: Talk) -> None:
        self.talk = talk
        self.progress: Any = None
        self.task: Any = None
        self.latest: Any = None

    def start(self, run: str, done: int, total: int) -> None:
        # Where there is little room rich takes it from the widest column that may be wrapped: the
        # metrics, which are cut instead. The bar has the cells that nothing else needs.
        self.latest = Text(no_wrap=True, overflow="ellipsis")
        columns = [
            TextColumn("{task.percentage:>3.0f} %", table_column=Column(no_wrap=True)),
            BarColumn(bar_width=None, table_column=Column(ratio=1)),
            TimeRemainingColumn(
                compact=True, elapsed_when_finished=True, table_column=Column(no_wrap=True)
            ),
            RenderableColumn(self.latest),
        ]
        self.talk.say(run)
        self.progress = Progress(*columns, console=screen(stderr=True), expand=True)
        self.task = self.progress.add_task("", total=total, completed=done)
        self.progress.start()

    def step(self, done: int) -> None:
        self.progress.update(self.task, completed=done)

    def line(self, line: Any) -> None:
        if line["kind"] == "train":
            self.latest.plain = f"{describe(line)}  {speed(line)}"
        else:
            self.progress.print(f"epoch {line['epoch']}  {line['kind']}  {describe(line)}")

    def note(self, text: str) -> None:
        self.talk.say(text)

    def stop(self) -> None:
        if self.progress is not None:
            self.progress.stop()
