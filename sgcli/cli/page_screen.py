"""A page of ``sg show`` drawn for a terminal of any width."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from rich import box
from rich.console import Group
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from sgcli.cli import sections
from sgcli.cli.console import screen
from sgcli.cli.pages import call, facts_in_words
from sgcli.cli.sections import pairs, section
from sgcli.definitions import formula
from sgcli.definitions.page import Page


def drawn(page: Page) -> str:
    """The page as text, with colours where the output is a terminal."""
    console = screen()
    return sections.drawn(console, _blocks(page, sections.width_of(console)))


def _blocks(page: Page, width: int) -> Iterator[Any]:
    definition = page.shape.definition
    title = Text(page.shape.label, style="bold")
    yield title + Text(f"  {definition.__name__}, {definition.family()}", style="not bold dim")
    yield Text(page.summary)
    if page.note:
        yield Text(page.note)
    if page.params:
        yield section("", _parameters(page))
    yield section("Formula", _formulas(page, width))
    yield section("Facts", pairs(facts_in_words(page)))
    if page.elsewhere:
        yield section("In other libraries", _elsewhere(page))
    if page.sources:
        lines = [line for s in page.sources for line in (s.paper, s.link) if line]
        yield section("Sources", Text("\n".join(lines)))


def _parameters(page: Page) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("parameter", style="cyan")
    table.add_column("value", justify="right")
    if not page.shape.is_default:
        table.add_column("default", justify="right")
    table.add_column("domain")
    table.add_column("meaning")
    for p, value in zip(page.params, page.shape.values, strict=True):
        default = [] if page.shape.is_default else [p.default_text]
        table.add_row(*map(Text, [p.name, f"{value:g}", *default, p.domain_text, p.doc]))
    return table


def _formulas(page: Page, width: int) -> Table:
    """Primitive and derivative beside each other, or below where that is too wide."""
    named = [("primitive σ(x)", page.primitive), ("derivative σ′(x)", page.derivative)]
    blocks = [
        Group(Text(f"{title}\n", style="cyan"), Text(formula.pretty(f), no_wrap=True))
        for title, f in named
        if f is not None
    ]
    widths = [max(map(len, formula.pretty(f).splitlines())) for _, f in named if f is not None]
    gap = 6
    table = Table.grid(padding=(0, gap, 0, 0))
    if sum(max(w, len(named[1][0])) + gap for w in widths) + 2 <= width:
        table.add_row(*blocks)
    else:
        for i, block in enumerate(blocks):
            table.add_row(Padding(block, (int(i > 0), 0, 0, 0)))
    return table


def _elsewhere(page: Page) -> Table:
    def rows() -> Iterator[tuple[str, str]]:
        for entry in page.elsewhere:
            yield f"{entry.library.title} {entry.library.release}", call(entry)
            for difference in entry.differences:
                yield "", f"- {difference}"

    return pairs(rows())
