"""One table, five ways to write it: for people, and as json, csv, md and latex."""

from __future__ import annotations

import csv
import io
import json
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from sgcli.cli.console import screen

SCHEMA_VERSION = 1
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
    """A column: its key in json and csv, its heading elsewhere, and how people see a value."""

    key: str
    heading: str
    show: Callable[[Any], str] = plain
    right: bool = False
    style: str = ""


@dataclass(frozen=True)
class Table:
    """Rows of values under columns; ``extra`` goes beside the rows into json."""

    columns: Sequence[Column]
    rows: Sequence[Mapping[str, Any]]
    title: str = ""
    extra: Mapping[str, Any] = field(default_factory=dict)

    def sorted(self, key: str | None) -> Table:
        """Ordered by a column, ``-`` for the largest first; what does not apply comes last."""
        if not key:
            return self
        from sgcli.errors import SgError

        name, reverse = key.removeprefix("-"), key.startswith("-")
        if name not in {c.key for c in self.columns}:
            known = ", ".join(c.key for c in self.columns)
            raise SgError(f"cannot sort by '{name}'", f"the columns are {known}")
        there = [r for r in self.rows if r.get(name) is not None]
        absent = [r for r in self.rows if r.get(name) is None]
        ordered = sorted(there, key=lambda r: r[name], reverse=reverse)
        return Table(self.columns, [*ordered, *absent], self.title, self.extra)


def emit(table: Table, format: str) -> None:
    """Write a table to stdout."""
    if format == "table":
        _emit_rich(table)
    else:
        print(serialize(table, format))


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
    writer.writerow([c.key for c in table.columns])
    for row in table.rows:
        writer.writerow([_flat(row.get(c.key), c) for c in table.columns])
    return text.getvalue().rstrip("\n")


def _flat(value: Any, column: Column) -> Any:
    """A single value for csv: numbers in full, anything composed as people see it."""
    if value is None:
        return ""
    return value if isinstance(value, (str, bool, int, float)) else column.show(value)


def _cells(table: Table, escape: Callable[[str], str]) -> list[list[str]]:
    return [[escape(c.show(row.get(c.key))) for c in table.columns] for row in table.rows]


def _markdown(table: Table) -> str:
    lines = [
        "| " + " | ".join(c.heading.replace("|", "\\|") for c in table.columns) + " |",
        "|" + "|".join("---:" if c.right else "---" for c in table.columns) + "|",
    ]
    lines += [
        "| " + " | ".join(row) + " |" for row in _cells(table, lambda t: t.replace("|", "\\|"))
    ]
    return "\n".join(lines)


LATEX = {
    "\\": r"\textbackslash{}", "_": r"\_", "%": r"\%", "&": r"\&", "#": r"\#", "^": r"\^{}",
    "|": r"\textbar{}", "∞": r"$\infty$", "–": "--", "α": r"$\alpha$", "σ": r"$\sigma$",
    "Θ": r"$\Theta$",
    "′": "$'$", "≥": r"$\geq$", "±": r"$\pm$", "×": r"$\times$", "√": r"$\surd$", "π": r"$\pi$",
    "<": "$<$", ">": "$>$", "{": r"\{", "}": r"\}", "$": r"\$", "~": r"\textasciitilde{}",
}  # fmt: skip


def latex_text(text: str) -> str:
    """Text with LaTeX's special characters escaped."""
    return "".join(LATEX.get(c, c) for c in text)


def _latex(table: Table) -> str:
    columns = "".join("r" if c.right else "l" for c in table.columns)
    heading = " & ".join(latex_text(c.heading) for c in table.columns)
    body = [" & ".join(row) + r" \\" for row in _cells(table, latex_text)]
    top = [rf"\begin{{tabular}}{{{columns}}}", r"\toprule", heading + r" \\", r"\midrule"]
    return "\n".join([*top, *body, r"\bottomrule", r"\end{tabular}"])


def _emit_rich(table: Table) -> None:
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
    for c in table.columns:
        justify: Literal["right", "left"] = "right" if c.right else "left"
        shown.add_column(c.heading, justify=justify, style=c.style or None, overflow="fold")
    for row in table.rows:
        shown.add_row(*[Text(c.show(row.get(c.key))) for c in table.columns])
    console = screen()
    with console.capture() as lines:
        console.print(shown)
    print("\n".join(line.rstrip() for line in lines.get().strip("\n").split("\n")))
