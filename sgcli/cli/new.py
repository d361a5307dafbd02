"""sg new."""

from __future__ import annotations

from pathlib import Path
from shlex import quote

import click

from sgcli import files
from sgcli.cli.console import Talk
from sgcli.cli.options import argument, group
from sgcli.cli.options import command as sg_command
from sgcli.definitions.template import template
from sgcli.errors import SgError


@sg_command("new")
@group(
    "File",
    argument("file", "FILE.py", "File to write.", type=click.Path(path_type=Path)),
    click.option("--name", default="MySurrogate", metavar="CLASS", help="Name of the class in it."),
    click.option("--force", is_flag=True, help="Overwrite a file that exists."),
)
def command(file: Path, name: str, force: bool, talk: Talk) -> None:
    r"""Write a file with a surrogate to start your own from.

    The file defines a correct surrogate, and its comments say what to change.

    \b
    Examples:
      sg new mine.py
      sg new mine.py --name SharpSigmoid --force
    """
    if file.suffix != ".py":
        python = file.with_suffix(".py") if file.name else "mine.py"
        raise SgError(f"'{file}' is not a Python file", f"{python} is one")
    text = template(name)
    if file.exists() and not force:
        raise SgError(f"{file} exists already", "--force overwrites it")
    files.write_text(file, text)
    print(file)
    talk.say("next:")
    path, surrogate, figure = map(
        quote, (str(file), f"{file}:{name}", str(file.with_suffix(".png")))
    )
    talk.say(f"  sg gradcheck {path}")
    talk.say(f"  sg plot {surrogate} -o {figure}")
    talk.say(f"  sg train-toy mnist --surrogate {surrogate} --limit 2000")
