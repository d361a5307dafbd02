"""What a training tells while it runs; the base class keeps silent."""

from __future__ import annotations

from sgcli.training.run.trainer import Line


class Report:
    """Receives the progress of one run after the other; all methods may be left out."""

    def start(self, run: str, done: int, total: int) -> None:
        """A run begins, with ``done`` of its ``total`` steps behind it."""

    def step(self, done: int) -> None:
        """A step is done."""

    def line(self, line: Line) -> None:
        """Metrics were written."""

    def note(self, text: str) -> None:
        """Something that a person should know."""

    def stop(self) -> None:
        """The run ended, in whatever way."""
