"""sg show."""

from __future__ import annotations

from typing import Any

import click

from sgcli.cli.console import Talk
from sgcli.cli.options import OUTPUT, Choice, format_option, group, surrogates
from sgcli.cli.options import command as sg_command
from sgcli.errors import SgError

FORMATS = ("table", "json", "md", "latex")
LANGUAGES = ("torch", "spikingjelly", "snntorch", "norse", "sinabs")


@sg_command("show")
@surrogates()
@group(
    OUTPUT,
    click.option("--code", type=Choice(LANGUAGES), metavar="LIBRARY",
                 help=f"Print code to paste, for one of {', '.join(LANGUAGES)}."),
)  # fmt: skip
@format_option(*FORMATS)
def command(shapes: list[Any], code: str | None, format: str, talk: Talk) -> None:
    r"""Show formula, facts, sources and other names of surrogates.

    \b
    Examples:
      sg show sigmoid
      sg show soft-sign,alpha=3 --format latex
      sg show LeakyKReLU --code torch
      sg show fast_sigmoid --code snntorch
    """
    if code and format != "table":
        raise SgError(f"--code prints code, not {format}", "leave out --format")
    if code:
        from sgcli.definitions import code as written

        print("\n\n\n".join(written.code(shape, code) for shape in shapes))
        return
    from sgcli.cli import page_screen, pages
    from sgcli.definitions.page import page

    shown = [page(shape) for shape in shapes]
    if format == "table":
        print("\n\n".join(map(page_screen.drawn, shown)))
    else:
        print(pages.text(shown, format))
