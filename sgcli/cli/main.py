"""The group ``sg``: finds a command's file, turns an error into one line and a status."""

from __future__ import annotations

import errno
import io
import os
import sys
from collections.abc import Iterable, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

import click

from sgcli import __version__, config
from sgcli.cli.help import Command, Group, Sections, help_text
from sgcli.cli.old import OLD
from sgcli.errors import SgError, did_you_mean

# By their groups in `sg --help`; one file a command: `sg plot` is sgcli/cli/plot.py.
GROUPS = {
    "See": "list show plot",
    "Verify": "gradcheck",
    "Choose": "compare flow bias recommend",
    "Try": "train-toy reproduce runs",
    "More": "new config doctor completion bench",
}
COMMANDS = tuple(name for names in GROUPS.values() for name in names.split())
ALIASES = {"grad-check": "gradcheck"}


class _Interrupted(Exception):
    """Ctrl-C; Click would turn KeyboardInterrupt itself into exit status 1."""


class _ClosedPipe(Exception):
    """The reader of stdout went away; Click would exit with 1."""


class Sg(Group):
    """Imports a command only when it is named."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Take ``sg help COMMAND`` for ``sg COMMAND --help``."""
        if args[:1] == ["help"]:
            args = [*args[1:], "--help"]
        return super().parse_args(ctx, args)

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        name = ALIASES.get(cmd_name, cmd_name)
        if name not in COMMANDS:
            return None
        module = import_module(f"sgcli.cli.{name.replace('-', '_')}")
        found: click.Command = module.command
        return found

    def sections(self, ctx: click.Context) -> Sections:
        """The commands in their groups, then the options."""
        rows = {title: self.rows(ctx, names.split()) for title, names in GROUPS.items()}
        return {**rows, **Command.sections(self, ctx)}

    def rows(self, ctx: click.Context, names: Iterable[str]) -> Sequence[tuple[str, str]]:
        """Commands with their summaries and other spellings."""
        also = {name: f" Also {alias}." for alias, name in ALIASES.items()}
        return [(name, text + also.get(name, "")) for name, text in super().rows(ctx, names)]

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        first = args[0]
        if not ctx.resilient_parsing and self.get_command(ctx, first) is None and first[:1] != "-":
            meant = did_you_mean(first, [*COMMANDS, *ALIASES]).capitalize()
            ctx.fail(f"No such command '{first}'. {meant}".strip())
        name, command, rest = super().resolve_command(ctx, args)
        # `sg config` must be able to show a file that is wrong.
        if name != "config" and not ctx.resilient_parsing:
            _configure(ctx)
        return name, command, rest

    def invoke(self, ctx: click.Context) -> Any:
        try:
            result = super().invoke(ctx)
            sys.stdout.flush()
        except KeyboardInterrupt as error:
            raise _Interrupted from error
        except SystemExit as error:  # of a user's code, which would pass for ours
            raise SgError(f"SystemExit: {error}", "code of yours ends the program") from error
        except BrokenPipeError as error:
            raise _ClosedPipe from error
        return result


@click.group(
    "sg",
    cls=Sg,
    context_settings={
        "help_option_names": ["-h", "--help"],
        "auto_envvar_prefix": "SG",
        "max_content_width": 100,
    },
)
@click.version_option(__version__, message="sgcli %(version)s")
def cli() -> None:
    r"""See, verify, choose and try surrogate gradients of spiking neural networks.

    \b
    Examples:
      sg list                        which surrogates there are
      sg plot sigmoid --alpha 5      what one looks like
      sg gradcheck all               whether each gradient is right
      sg recommend atan --depth 20   the shape that keeps gradients in 20 layers
      sg train-toy mnist --surrogate soft_sign
      sg help plot                   all that a command can do

    Name a surrogate NAME[,PARAM=VALUE...] in any spelling: soft-sign,alpha=3.
    """


cli.help = help_text(cli.help)


def options() -> dict[str, dict[str, click.Option]]:
    """The options of every command by their names in settings files; ``bias loop`` is one too."""
    known = {}
    for name in COMMANDS:
        command = cli.get_command(click.Context(cli), name)
        assert command is not None
        below = command.commands if isinstance(command, click.Group) else {}
        found = {name: command, **{f"{name} {word}": under for word, under in below.items()}}
        for words, each in found.items():
            known[words] = {str(p.name): p for p in each.params if isinstance(p, click.Option)}
    return known


def known_options() -> dict[str, set[str]]:
    """The names of those options."""
    return {command: set(found) for command, found in options().items()}


def _configure(ctx: click.Context) -> None:
    """Defaults from sg.toml and [tool.sg], below the environment and above the built-in ones."""
    files = config.config_files(Path.cwd())
    if files:
        known = known_options()
        for file in files:
            config.validate(file, known, OLD)
        ctx.default_map = config.merged(files)


def main(args: Sequence[str] | None = None) -> int:
    """Run ``sg``; returns the exit status that the documentation promises.

    0 fine, 1 a check failed or a training diverged, 2 usage, bad file or environment, 3 some cells
    of a grid failed, 130 interrupted.
    """
    words = list(sys.argv[1:] if args is None else args)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            # Where a terminal knows no ∞ or σ there is a question mark instead of an error.
            stream.reconfigure(errors="replace")
    try:
        status = cli.main(words, prog_name="sg", standalone_mode=False)
        return int(status or 0)
    except (_Interrupted, click.Abort):
        return _fail("interrupted", "", 130)
    except _ClosedPipe:
        # Python would complain again when it flushes stdout at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except click.ClickException as error:
        error.show()
        return 2
    except Exception as error:
        if "--debug" in words:
            raise
        return _fail(*_words(error), 2)


def _words(error: Exception) -> tuple[str, str]:
    if isinstance(error, SgError):
        return error.message, error.hint
    if isinstance(error, OSError) and error.errno == errno.ENOSPC:
        return "the disk is full", "free some space and run the same command again"
    if isinstance(error, OSError):
        return f"{error.strerror or error}: {error.filename or ''}".rstrip(": "), ""
    if isinstance(error, MemoryError):
        return "out of memory", "try a smaller batch or fewer points"
    text = (str(error).strip().splitlines() or [""])[0]
    return f"{type(error).__name__}: {text}", "--debug shows where it comes from"


def _fail(message: str, hint: str, status: int) -> int:
    print(f"Error: {message}", file=sys.stderr)
    if hint:
        print(f"hint: {hint}", file=sys.stderr)
    return status
