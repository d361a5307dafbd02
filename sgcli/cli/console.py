"""stdout is data, stderr is talk."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console


@dataclass
class Talk:
    """What a command says besides its data: nothing with ``-q``, more with ``-v``."""

    verbosity: int = 0

    def say(self, text: str) -> None:
        if self.verbosity >= 0:
            print(text, file=sys.stderr, flush=True)

    @property
    def _over(self) -> bool:
        return self.verbosity == 0 and sys.stderr.isatty()

    def step(self, text: str) -> None:
        """Where a long command is: one line, written over on a terminal; elsewhere a line each."""
        if self._over:
            print(f"\r\x1b[K{text}", end="", file=sys.stderr, flush=True)
        else:
            self.say(text)

    def stepped(self) -> None:
        """Clear the line of :meth:`step`."""
        if self._over:
            print("\r\x1b[K", end="", file=sys.stderr, flush=True)

    def detail(self, text: str) -> None:
        if self.verbosity > 0:
            print(text, file=sys.stderr, flush=True)


def screen(stderr: bool = False) -> Console:
    """A rich console; as wide as its contents where the output is not a terminal."""
    from rich.console import Console

    stream = sys.stderr if stderr else sys.stdout
    width = None if stream.isatty() else 10_000
    return Console(stderr=stderr, width=width, highlight=False, soft_wrap=False)
