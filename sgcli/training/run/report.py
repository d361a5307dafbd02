"""Progress reports of trainings; the base class prints nothing."""

from __future__ import annotations

from sgcli.training.run.trainer import Line


class ProgressReport:
    """Receives the progress of runs, one after the other; a subclass overrides what it needs."""

    def start(self, run: str, done: int, total: int) -> None:
        """A run begins, with ``done`` of its ``total`` steps behind it."""

    def step(self, done: int) -> None:
        """A step is done."""

    def line(self, line: Line) -> None:
        """A line of metrics was written."""

    def note(self, text: str) -> None:
        """A note for the user."""

    def stop(self) -> None:
        """The run ended, for whatever reason."""
