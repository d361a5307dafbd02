"""Text in sections, drawn for a terminal of any width."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from rich.console import Console, Group
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

WIDEST = 120  # beyond this a line is tiring to read


def width_of(console: Console) -> int:
    return min(console.width, WIDEST)


def drawn(console: Console, blocks: Iterable[Any]) -> str:
    """Blocks as text, with colours where the console has them."""
    with console.capture() as captured:
        console.print(Group(*blocks), width=width_of(console))
    text = "\n".join(line.rstrip() for line in captured.get().strip("\n").split("\n"))
    return text.replace("\n\n\n", "\n\n")


def section(heading: str, body: Any) -> Group:
    """A body set in under a bold heading, or under none."""
    above = [Text(""), Text(heading, style="bold")] if heading else []
    return Group(*above, Padding(body, (0, 0, 0, 2), expand=False))


def pairs(rows: Iterable[tuple[str, str]], least: int = 0) -> Table:
    """Labels and texts, the texts wrapped beside their labels."""
    table = Table.grid(padding=(0, 2))
    table.add_column(style="cyan", no_wrap=True, min_width=least)
    table.add_column()
    for label, value in rows:
        table.add_row(Text(label), Text(value))
    return table
