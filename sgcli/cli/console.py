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

    def detail(self, text: str) -> None:
        if self.verbosity > 0:
            print(text, file=sys.stderr, flush=True)


def screen(stderr: bool = False) -> Console:
    """A rich console; as wide as its contents where the output is not a terminal."""
    from rich.console import Console

    stream = sys.stderr if stderr else sys.stdout
    width = None if stream.isatty() else 10_000
    return Console(stderr=stderr, width=width, highlight=False, soft_wrap=False)
