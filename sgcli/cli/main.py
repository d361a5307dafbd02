"""The group ``sg``: finds a command's file, turns an error into one line and a status."""

from __future__ import annotations

import errno
import io
import os
import signal
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from types import FrameType
from typing import Any

import click

from sgcli import __version__, config
from sgcli.cli.help import Command, Group, Sections, help_text
from sgcli.cli.old import OLD
from sgcli.errors import SgError, did_you_mean

# The commands as `sg --help` shows them. One file a command: `sg plot` is sgcli/cli/plot.py. The
# summaries are those of the commands, written here so that the help imports none of them.
GROUPS = {
    "See": {
        "list": "List the surrogates with the facts of their default shapes.",
        "show": "Show formula, facts, sources and other names of surrogates.",
        "plot": "Draw forward pass, primitive and gradient of surrogates.",
    },
    "Verify": {"gradcheck": "Prove gradients against 50-digit arithmetic."},
    "Choose": {
        "compare": "Compare the shapes of surrogates in a table and a figure.",
        "flow": "Predict and measure gradients through layers and time.",
        "bias": "Say how far surrogate gradients are from gradients.",
        "recommend": "Recommend shapes whose gradients keep their size in depth.",
    },
    "Try": {
        "train-toy": "Train a spiking network and show how well a surrogate does.",
        "reproduce": "Train as published and compare the results with those published.",
        "runs": "List trainings and how they ended, or show one.",
    },
    "More": {
        "new": "Write a file with a surrogate to start your own from.",
        "config": "Show the settings in effect, and where they come from.",
        "doctor": "Show the installed versions and kernels, and which sg this is.",
        "completion": "Print the script for completion in your shell.",
        "bench": "Time sgcli against the least possible time and other libraries.",
    },
}
SUMMARIES = {name: text for group in GROUPS.values() for name, text in group.items()}
COMMANDS = tuple(SUMMARIES)
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
        command: click.Command = module.command
        return command

    def sections(self, ctx: click.Context) -> Sections:
        """The commands in their groups, then the options."""
        also = {name: f" Also {alias}." for alias, name in ALIASES.items()}
        rows = {
            title: [(name, text + also.get(name, "")) for name, text in group.items()]
            for title, group in GROUPS.items()
        }
        return {**rows, **Command.sections(self, ctx)}

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
            raise SgError(f"SystemExit: {error}", "your code ended the program") from error
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
      sg list                        list the surrogates
      sg plot sigmoid --alpha 5      draw one
      sg gradcheck all               verify every gradient
      sg recommend atan --depth 20   find the alpha for a network of 20 layers
      sg train-toy mnist --surrogate soft_sign
      sg help plot                   show the help of a command

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
        group = {name: command, **{f"{name} {word}": under for word, under in below.items()}}
        for words, each in group.items():
            known[words] = {str(p.name): p for p in each.params if isinstance(p, click.Option)}
    return known


def known_options() -> dict[str, set[str]]:
    """The names of those options."""
    return {command: set(names) for command, names in options().items()}


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
    with _noted_interrupts() as interrupts:
        try:
            status = cli.main(words, prog_name="sg", standalone_mode=False)
            return _fail("interrupted", "", 130) if interrupts else int(status or 0)
        except (_Interrupted, click.Abort):
            return _fail("interrupted", "", 130)
        # Click exits by itself if the pipe is closed while it prints a help.
        except (_ClosedPipe, SystemExit):
            # Python would complain again when it flushes stdout at exit.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            return 0
        except Exception as error:
            if interrupts:
                return _fail("interrupted", "", 130)
            if isinstance(error, click.ClickException):
                error.show()
                return 2
            if "--debug" in words:
                raise
            return _fail(*_words(error), 2)


@contextmanager
def _noted_interrupts() -> Iterator[list[int]]:
    """Remember Ctrl-C: a module that is being imported may turn it into an error of its own."""
    interrupts: list[int] = []

    def note(number: int, frame: FrameType | None) -> None:
        interrupts.append(number)
        raise KeyboardInterrupt

    try:
        before = signal.signal(signal.SIGINT, note)
    except ValueError:  # not in the main thread, which alone receives signals
        yield interrupts
        return
    try:
        yield interrupts
    finally:
        signal.signal(signal.SIGINT, before)


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
