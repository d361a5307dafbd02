"""Where figures and other bytes go: files by suffix, or stdout; and how figures look."""

from __future__ import annotations

import functools
import math
import shlex
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

from sgcli import files
from sgcli.cli.console import Talk
from sgcli.cli.names import ParamType
from sgcli.cli.options import Choice, Decorator, Finite, group, output_option
from sgcli.errors import SgError
from sgcli.figures.formats import FORMATS, format_of
from sgcli.figures.style import STYLES, Sheet

if TYPE_CHECKING:
    from matplotlib.figure import Figure

STDOUT = Path("-")
FARTHEST = 1e100  # matplotlib computes with squares of the limits of an axis


class Limits(ParamType):
    """``LO,HI``: two numbers, the smaller first."""

    name = "lo,hi"

    def convert(self, value: Any, param: Any, ctx: Any) -> Any:
        if isinstance(value, (tuple, list)):
            value = ",".join(map(str, value))
        try:
            low, high = map(float, str(value).split(","))
        except ValueError:
            raise SgError(f"'{value}' is not a range of x", "LO,HI as in --xlim -10,10") from None
        if FARTHEST < max(abs(low), abs(high)) < math.inf:
            raise SgError(f"'{value}' is too far out to be drawn", f"|x| is at most {FARTHEST:g}")
        return low, high


@dataclass(frozen=True)
class Drawing:
    """The files of a figure with their formats, if any, and how it looks."""

    targets: Mapping[Path, str]
    look: Sheet
    dpi: float | None

    def render(self, figure: Figure, command: str) -> list[tuple[Path, bytes]]:
        """What goes into the files, with the command that draws it in them."""
        from sgcli.figures.save import render

        return [
            (path, render(figure, format, self.look.name, self.dpi, command))
            for path, format in self.targets.items()
        ]


def figure_options(help: str, stdout: bool = False) -> Decorator:
    """``-o --figure-format --style --width --height --dpi``: the command gets a ``drawing``.

    ``-o -`` writes to ``stdout`` where that has no table.
    """
    inches = Finite(1, 100)
    options = group(
        "Figure",
        output_option(help),
        click.option("--figure-format", type=Choice(FORMATS), default=FORMATS[0],
                     help="Format of a figure if its file name has no suffix."),
        click.option("--style", type=Choice(list(STYLES)), default="default",
                     help="Style of the figure."),
        click.option("--width", type=inches, metavar="INCHES", help="Width of the figure."),
        click.option("--height", type=inches, metavar="INCHES", help="Height of the figure."),
        click.option("--dpi", type=Finite(10, 2400), metavar="N", help="Pixels per inch of a png."),
    )  # fmt: skip

    def decorate(function: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(function)
        def run(
            output: Sequence[Path],
            figure_format: str,
            style: str,
            width: float | None,
            height: float | None,
            dpi: float | None,
            **options: Any,
        ) -> Any:
            if STDOUT in output and not stdout:
                raise SgError("stdout carries the table", "name a file for the figure, as a.png")
            # Checked before anything is drawn.
            targets = {p: figure_format if p == STDOUT else format_of(p) for p in output}
            if STDOUT in targets and figure_format != "svg" and sys.stdout.isatty():
                raise SgError(
                    f"a {figure_format} cannot be shown in a terminal",
                    "redirect it, as in -o - > figure.png",
                )
            drawing = Drawing(targets, Sheet(style, width, height), dpi)
            return function(drawing=drawing, **options)

        return options(run)

    return decorate


def normalised(shapes: Sequence[Any], *decisive: str) -> str:
    """The command of this run as a figure carries it: shapes resolved, the decisive options."""
    ctx = click.get_current_context()
    words = [ctx.command_path, *(shlex.quote(shape.label) for shape in shapes)]
    for param in ctx.command.params:
        name = str(param.name)
        value = ctx.params.get(name)
        is_default = ctx.get_parameter_source(name) is ParameterSource.DEFAULT
        if name not in decisive or is_default or value in (None, param.default):
            continue
        if isinstance(value, bool):
            words += (param.opts if value else param.secondary_opts)[:1]
        else:
            several = value if isinstance(value, tuple) else [value]
            words += [param.opts[0], ",".join(map(_text, several))]
    return " ".join(words)


def _text(value: Any) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)


def write(contents: Sequence[tuple[Path, bytes]], talk: Talk, taken: bool = False) -> None:
    """Write all files or none and say which: on stdout, unless it is ``taken`` or gets contents."""
    taken = taken or any(path == STDOUT for path, _ in contents)
    with ExitStack() as stack:
        streams = [
            sys.stdout.buffer if path == STDOUT else stack.enter_context(files.whole(path))
            for path, _ in contents
        ]
        for stream, (_, content) in zip(streams, contents, strict=True):
            stream.write(content)
    for path, _ in contents:
        if path != STDOUT:
            talk.say(str(path)) if taken else print(path)
