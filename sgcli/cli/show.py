"""sg show."""

from __future__ import annotations

from typing import Any

import click

from sgcli.cli import pages
from sgcli.cli.console import Talk
from sgcli.cli.options import OUTPUT, Choice, format_option, group, surrogates
from sgcli.cli.options import command as sg_command

LANGUAGES = ("torch", "spikingjelly", "snntorch", "norse", "sinabs")


@sg_command("show")
@surrogates()
@group(
    OUTPUT,
    click.option(
        "--code",
        type=Choice(LANGUAGES),
        metavar="LIBRARY",
        help="Print the surrogate as code to paste, which needs torch only, or for a library: "
        f"{', '.join(LANGUAGES)}.",
    ),
)
@format_option(*pages.FORMATS)
def command(shapes: list[Any], code: str | None, format: str, talk: Talk) -> None:
    r"""Show formula, facts, sources and other names of surrogates.

    \b
    Examples:
      sg show sigmoid
      sg show soft-sign,alpha=3 --format latex
      sg show LeakyKReLU --code torch
      sg show fast_sigmoid --code snntorch
    """
    if code:
        from sgcli.definitions import code as written

        print("\n\n\n".join(written.code(shape, code) for shape in shapes))
        return
    from sgcli.definitions.page import page

    pages.emit([page(shape) for shape in shapes], format)
