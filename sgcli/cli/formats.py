"""One table, five ways to write it: for people, and as json, csv, md and latex."""

from __future__ import annotations

import csv
import io
import json
import math
import sys
import textwrap
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import click

from sgcli.cli.console import screen
from sgcli.cli.latex import latex_text
from sgcli.errors import SgError, did_you_mean

if TYPE_CHECKING:
    from rich.table import Table as RichTable

SCHEMA_VERSION = 2
WORD = 11  # characters that a column of text has at least
GAP = 2  # between columns
FORMATS = ("table", "json", "csv", "md", "latex")


def plain(value: Any) -> str:
    """A value as people read it: four significant digits, – for what does not apply."""
    if value is None:
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return "∞" if math.isinf(value) and value > 0 else f"{value:.4g}"
    return str(value)


@dataclass(frozen=True)
class Column:
    """A column: its key in json and csv, its heading elsewhere, and how people see a value.

    ``more`` are keys whose values people see in the same cell: ``show`` gets them too, csv has a
    column for each. An ``extra`` column is left out where a terminal is too narrow for it.
    """

    key: str
    heading: str
    show: Callable[..., str] = plain
    right: bool = False
    style: str = ""
    more: tuple[str, ...] = ()
    extra: bool = False
    meaning: str = ""  # where it is not that of the glossary

    @property
    def keys(self) -> tuple[str, ...]:
        return (self.key, *self.more)

    def cell(self, row: Mapping[str, Any]) -> str:
        return self.show(*(row.get(key) for key in self.keys))


@dataclass(frozen=True)
class Table:
    """Rows of values under columns; ``extra`` goes beside the rows into json."""

    columns: Sequence[Column]
    rows: Sequence[Mapping[str, Any]]
    title: str = ""
    extra: Mapping[str, Any] = field(default_factory=dict)

    def only(self, names: Sequence[str]) -> Table:
        """The columns of those keys or headings, in that order."""
        known = {name: c for c in self.columns for name in (c.heading, c.key)}
        for name in names:
            if name not in known:
                keys = ", ".join(c.key for c in self.columns)
                hint = f"{did_you_mean(name, known)} the columns are {keys}".lstrip()
                raise SgError(f"there is no column '{name}'", hint)
        columns = [replace(known[name], extra=False) for name in names]
        wanted = [key for c in columns for key in c.keys]
        rows = [{k: row[k] for k in wanted if k in row} for row in self.rows]
        return Table(columns, rows, self.title, self.extra)

    def sorted(self, key: str | None) -> Table:
        """Ordered by a column, ``-`` for the largest first; what does not apply comes last."""
        if not key:
            return self
        name, reverse = key.removeprefix("-"), key.startswith("-")
        keys = [key for c in self.columns for key in c.keys]
        if name not in keys:
            hint = f"{did_you_mean(name, keys)} the columns are {', '.join(keys)}".lstrip()
            raise SgError(f"cannot sort by '{name}'", hint)
        there = [r for r in self.rows if r.get(name) is not None]
        absent = [r for r in self.rows if r.get(name) is None]
        ordered = sorted(there, key=lambda r: r[name], reverse=reverse)
        return Table(self.columns, [*ordered, *absent], self.title, self.extra)


def emit(table: Table, format: str) -> None:
    """Write a table to stdout, with the columns of ``--columns`` and the text of ``--explain``."""
    options = options_of_tables()
    if options.columns:
        table = table.only(options.columns)
    if format == "table":
        _emit_rich(table)
    else:
        print(serialize(table, format))
    if options.explain:
        _explain(table.columns)


@dataclass
class TableOptions:
    """What was said of the tables of a command: their columns, and whether to explain them."""

    columns: Sequence[str] = ()
    explain: bool = False


def options_of_tables() -> TableOptions:
    """The options of the command that runs."""
    context = click.get_current_context(silent=True)
    if context is None:
        return TableOptions()
    options: TableOptions = context.meta.setdefault(__name__, TableOptions())
    return options


def _explain(columns: Sequence[Column]) -> None:
    """The meaning of each column on stderr, where it is no data."""
    from sgcli.cli.glossary import meaning

    width = max(len(c.heading) for c in columns)
    console = screen()
    for column in columns:
        text = f"{column.heading:{width}}  {column.meaning or meaning(column.key, column.heading)}"
        indent = " " * (width + 2)
        lines = textwrap.wrap(text, max(console.width, width + 20), subsequent_indent=indent)
        print("\n".join(lines), file=sys.stderr)


def serialize(table: Table, format: str) -> str:
    """A table as text in one of the formats for programs and papers."""
    return {"json": _json, "csv": _csv, "md": _markdown, "latex": _latex}[format](table)


def to_json(value: Mapping[str, Any]) -> str:
    """JSON with ``schema_version``; infinities are the strings "inf" and "-inf", NaN is null."""
    return json.dumps(
        {"schema_version": SCHEMA_VERSION, **_finite(value)}, indent=2, ensure_ascii=False
    )


def _finite(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {k: _finite(v) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [_finite(v) for v in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None if math.isnan(value) else str(value)
    return value


def _json(table: Table) -> str:
    return to_json({**table.extra, "rows": [dict(row) for row in table.rows]})


def _csv(table: Table) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([key for c in table.columns for key in c.keys])
    for row in table.rows:
        writer.writerow([_flat(row.get(key), c) for c in table.columns for key in c.keys])
    return text.getvalue().rstrip("\n")


def _flat(value: Any, column: Column) -> Any:
    """A single value for csv: numbers in full, anything composed as people see it."""
    if value is None:
        return ""
    return value if isinstance(value, (str, bool, int, float)) else column.show(value)


def _cells(table: Table, escape: Callable[[str], str]) -> list[list[str]]:
    return [[escape(c.cell(row)) for c in table.columns] for row in table.rows]


def _markdown(table: Table) -> str:
    lines = [
        "| " + " | ".join(c.heading.replace("|", "\\|") for c in table.columns) + " |",
        "|" + "|".join("---:" if c.right else "---" for c in table.columns) + "|",
    ]
    lines += [
        "| " + " | ".join(row) + " |" for row in _cells(table, lambda t: t.replace("|", "\\|"))
    ]
    return "\n".join(lines)


def _latex(table: Table) -> str:
    columns = "".join("r" if c.right else "l" for c in table.columns)
    heading = " & ".join(latex_text(c.heading) for c in table.columns)
    body = [" & ".join(row) + r" \\" for row in _cells(table, latex_text)]
    top = [rf"\begin{{tabular}}{{{columns}}}", r"\toprule", heading + r" \\", r"\midrule"]
    return "\n".join([*top, *body, r"\bottomrule", r"\end{tabular}"])


def _emit_rich(table: Table) -> None:
    console = screen()
    drawn, left_out = as_rich(table, console.width)
    with console.capture() as lines:
        console.print(drawn)
    print("\n".join(line.rstrip() for line in lines.get().strip("\n").split("\n")))
    if left_out:
        print(f"\nin a wider terminal and in every other format: {', '.join(left_out)}")


def as_rich(table: Table, width: int) -> tuple[RichTable, list[str]]:
    """A table for so many characters, and the headings of the extra columns it has no room for."""
    shown = list(table.columns)
    left_out: list[str] = []
    while (widths := _widths(table, shown, width)) is None and any(c.extra for c in shown):
        last = max(i for i, c in enumerate(shown) if c.extra)
        left_out.insert(0, shown.pop(last).heading)
    return _rich(table, shown, widths), left_out


def _is_rigid(column: Column) -> bool:
    """Whether names or numbers stand in it, which are not to be broken."""
    return column.right or bool(column.style)


def _widths(table: Table, columns: Sequence[Column], width: int) -> list[int] | None:
    """The characters of each column; None if a word or a number would have to be broken."""
    least, most = [], []
    for column in columns:
        cells = [column.cell(row) for row in table.rows]
        longest = max(map(len, cells), default=0)
        words = cells if _is_rigid(column) else [w for cell in cells for w in cell.split()]
        comfortable = longest if _is_rigid(column) else min(longest, WORD)
        least.append(max(comfortable, *map(len, [*column.heading.split(), *words])))
        most.append(max(longest, len(column.heading)))
    room = width - sum(least) - GAP * (len(columns) - 1)
    if room < 0:
        return None
    # Names and numbers come first, then texts; headings and texts wrap in what is left.
    for i in sorted(range(len(columns)), key=lambda i: not _is_rigid(columns[i])):
        wider = min(most[i] - least[i], room)
        least[i], room = least[i] + wider, room - wider
    return least


def _rich(table: Table, columns: Sequence[Column], widths: Sequence[int] | None) -> RichTable:
    from rich import box
    from rich.table import Table as RichTable
    from rich.text import Text

    shown = RichTable(
        box=box.SIMPLE_HEAD,
        title=table.title or None,
        show_edge=False,
        pad_edge=False,
        padding=(0, 1, 0, 0),
    )
    for i, c in enumerate(columns):
        shown.add_column(
            c.heading,
            justify="right" if c.right else "left",
            style=c.style or None,
            overflow="fold",
            width=widths[i] if widths else None,
        )
    for row in table.rows:
        shown.add_row(*[Text(c.cell(row)) for c in columns])
    return shown
