"""sg config."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from sgcli import config
from sgcli.cli.console import Talk
from sgcli.cli.formats import Column, Table, emit, plain
from sgcli.cli.help import Group, help_text
from sgcli.cli.main import ALIASES, COMMANDS, cli, known_options, options
from sgcli.cli.old import OLD
from sgcli.cli.options import argument, group, table_options
from sgcli.cli.options import command as sg_command
from sgcli.errors import UnknownName, did_you_mean


@click.group(
    "config",
    cls=Group,
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"]},
)
@click.pass_context
def command(ctx: click.Context) -> None:
    r"""Show the settings in effect, and where they come from.

    \b
    Examples:
      sg config show
      sg config show train-toy --origin
    """
    if ctx.invoked_subcommand is None:
        ctx.invoke(show)


command.help = help_text(command.help)


def _value(value: Any) -> str:
    if isinstance(value, (tuple, list)):
        return ",".join(map(plain, value)) or "–"
    return plain(value)


@sg_command("show")
@group(
    "Settings",
    argument("name", "[COMMAND]", "Command whose options to show, if not of all.", required=False),
    click.option("--origin", is_flag=True, help="Say where each value comes from."),
)
@table_options()
def show(name: str | None, origin: bool, format: str, talk: Talk) -> None:
    r"""Show the value of every option of every command, or of one.

    An option on the command line wins, then the variable SG_COMMAND_OPTION, the file given by
    --config, the nearest sg.toml, [tool.sg] of the nearest pyproject.toml, and the default. Files
    have one table a command, with the names shown here.

    \b
    Examples:
      sg config show plot --origin
      SG_PLOT_STYLE=dark sg config show plot --origin
    """
    files = config.config_files(Path.cwd())
    columns = [Column("command", "command", style="bold"), Column("option", "option", style="cyan")]
    columns.append(Column("value", "value", _value))
    if origin:
        columns.append(Column("origin", "from"))
    rows = [
        {"command": c, "option": o, "value": v, **({"origin": where} if origin else {})}
        for c, o, v, where in _settings(name, files)
    ]
    emit(Table(columns, rows), format)
    for file in files:
        config.validate(file, known_options(), OLD)


def _settings(
    name: str | None, files: list[config.ConfigFile]
) -> Iterator[tuple[str, str, Any, str]]:
    """Command, option, value in effect and origin."""
    wanted = ALIASES.get(name, name) if name else None
    if wanted and wanted not in COMMANDS:
        hint = did_you_mean(wanted, COMMANDS) or f"commands: {', '.join(COMMANDS)}"
        raise UnknownName(f"there is no command '{name}'", hint)
    ctx = click.Context(cli)
    for command, known in options().items():
        if wanted and command.split()[0] != wanted:
            continue
        for key, option in known.items():
            default = option.get_default(ctx, call=False)
            plain = isinstance(default, (bool, int, float, str, tuple, list))
            there = config.origin(command, key, files)
            yield command, key, *(there or (default if plain else None, "default"))


command.add_command(show)
