"""A table on stdout and its figure in files: what commands share that have both."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import click

from sgcli.cli.console import Talk
from sgcli.cli.formats import Column, Table
from sgcli.cli.options import Choice, Decorator, group, sort_option, table_options
from sgcli.cli.output import Drawing, figure_options, normalised, write

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from sgcli.definitions import Shape

# Options that do not decide what a figure shows; names and their parameters stand as shapes.
BESIDES = {
    "output", "figure_format", "sort", "format", "formula", "alpha", "param", "timeout", "quiet",
    "verbose", "debug",
}  # fmt: skip
NOTE = Column("note", "note", show=lambda note: note or "")


@dataclass(frozen=True)
class PageOptions(Drawing):
    """How a table is written beside the figure."""

    sort: str | None
    format: str
    talk: Talk

    def draw(self, figure: Figure, shapes: Sequence[Shape]) -> None:
        """Write the figure to its files, with the command that draws it in them."""
        params = click.get_current_context().command.params
        options = {str(p.name) for p in params if isinstance(p, click.Option)}
        command = normalised(shapes, *options - BESIDES)
        write(self.render(figure, command), self.talk, taken=True)


def page_options(*options: Decorator) -> Decorator:
    """``-o`` and the look of the figure, ``--sort`` and ``--format``; the command gets a ``page``.

    ``options`` are more ones of the figure.
    """

    def decorate(function: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(function)
        def run(drawing: Drawing, sort: str | None, format: str, talk: Talk, **options: Any) -> Any:
            page = PageOptions(**vars(drawing), sort=sort, format=format, talk=talk)
            return function(page=page, talk=talk, **options)

        files = figure_options("File for the figure, .png, .pdf or .svg; repeatable.")
        return group("Figure", *options, files)(sort_option()(table_options()(run)))

    return decorate


def figure_option(names: Sequence[str], help: str, default: str | None = None) -> Decorator:
    """``--figure``: which of several is drawn."""
    return click.option("--figure", type=Choice(names), default=default, help=help)


def noted(
    columns: Sequence[Column], rows: Sequence[Mapping[str, Any]], extra: Mapping[str, Any]
) -> Table:
    """The table of rows that each have a ``note`` or None: a column where one has."""
    return Table([*columns, NOTE] if any(row["note"] for row in rows) else columns, rows, "", extra)
