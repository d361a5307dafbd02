"""The help of commands: options in titled groups, commands in theirs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from textwrap import wrap
from typing import Any

import click

from sgcli.cli.old import refuse_option, refuse_variables
from sgcli.errors import SgError

Sections = Mapping[str, Sequence[tuple[str, str]]]  # names and texts by title

GENERAL = "General"  # the title of options without one
LONGEST = 40  # characters of a value in an error
NAME = 26  # characters of an option, beyond which its text begins on a line of its own


def help_text(docstring: str | None) -> str:
    """A raw docstring as Click wants it, whose mark for kept lines is a control character."""
    return (docstring or "").replace("\\b\n", "\b\n")


class Argument(click.Argument):
    """An argument whose text stands among the options of its group."""

    def __init__(self, *names: Any, text: str, metavar: str, **kwargs: Any) -> None:
        super().__init__(*names, metavar=metavar, **kwargs)
        self.text = text

    def get_help_record(self, ctx: click.Context) -> tuple[str, str]:
        """What it is called in the usage, and its text."""
        return self.metavar or "", self.text


class Command(click.Command):
    """A command whose help shows its options in titled groups, general ones last."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Refuse what the command had once with what stands for it now."""
        name = self.name or ""
        check_presets(ctx, "sg.toml or pyproject.toml")
        try:
            rest = super().parse_args(ctx, args)
        except click.NoSuchOption as error:
            refuse_option(name, error.option_name)
            raise
        refuse_variables(name)
        return rest

    def sections(self, ctx: click.Context) -> Sections:
        """The options by their groups, in the order in which the groups are declared."""
        sections: dict[str, list[tuple[str, str]]] = {}
        for param in self.get_params(ctx):
            record = param.get_help_record(ctx)
            if record is not None:
                name, text = record
                rows = sections.setdefault(getattr(param, "group", GENERAL), [])
                rows.append((_switch(param) or name, text))
        general = sections.pop(GENERAL)  # has --help at least
        return {**sections, GENERAL: general}

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the sections, with all texts in one column."""
        sections = self.sections(ctx)
        names = [name for rows in sections.values() for name, _ in rows]
        column = min(max(map(len, names)), NAME)
        for title, rows in sections.items():
            with formatter.section(title):
                indent = " " * formatter.current_indent
                left = f"\n{indent}{'':{column}}  "
                for name, text in rows:
                    # Lines end neither in a name such as spytorch-1 nor before a default.
                    whole = text.replace("[default: ", "[default:\0")
                    lines = wrap(whole, formatter.width - len(left) + 1, break_on_hyphens=False)
                    first = f"{name:{column}}  " if len(name) <= column else f"{name}{left}"
                    formatter.write(f"{indent}{first}{left.join(lines)}\n".replace("\0", " "))


def check_presets(ctx: click.Context, origin: str) -> None:
    """Raise :class:`SgError` for a default from a file that is of a wrong type.

    Click converts text, and meets other values with whatever error Python has for them.
    """
    for param in ctx.command.params:
        value = (ctx.default_map or {}).get(str(param.name))
        if value is None:
            continue
        try:
            param.type_cast_value(ctx, value)
        except (click.UsageError, SgError):
            continue  # said better when it comes to that option
        except (TypeError, ValueError, AttributeError, OverflowError, RecursionError) as error:
            raise SgError(
                f"{param.name} = {_short(value)} in {origin} cannot be used",
                f"`sg help {ctx.command.name}` says what {param.opts[0]} takes",
            ) from error


def _short(value: Any) -> str:
    try:
        text = str(value)
    except (RecursionError, ValueError):  # too deep, or too many digits
        return "…"
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"


class Group(Command, click.Group):
    """A command with commands below it, which the help lists above the options."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Without a command, one is asked for; the help would be no answer to that."""
        alone = not args and not self.invoke_without_command and not ctx.resilient_parsing
        if alone and ctx.parent is not None:
            raise SgError(f"sg {self.name} needs a command", f"one of {', '.join(self.commands)}")
        return super().parse_args(ctx, args)

    def sections(self, ctx: click.Context) -> Sections:
        """The commands with the first sentences of their help, then the options."""
        rows = [(name, made.get_short_help_str(limit=200)) for name, made in self.commands.items()]
        return {"Commands": rows, **super().sections(ctx)}


def _switch(param: click.Parameter) -> str:
    """``--[no-]bias`` for what can be turned on and off, empty for anything else."""
    word = param.opts[0].removeprefix("--")
    return f"--[no-]{word}" if param.secondary_opts == [f"--no-{word}"] else ""
