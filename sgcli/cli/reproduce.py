"""sg reproduce."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from sgcli.cli.cells import share
from sgcli.cli.console import Talk
from sgcli.cli.formats import Column, Table, emit
from sgcli.cli.options import Choice, Count, argument, format_option, group, out_option
from sgcli.cli.options import command as sg_command
from sgcli.training import protocols


@sg_command("reproduce")
@group(
    "Protocols",
    argument("names", "NAME...", f"Published trainings: {', '.join(protocols.names())}, or all.",
             nargs=-1, required=True, type=Choice([*protocols.names(), "all"])),
    click.option("--full", is_flag=True, help="Train as long as published, which may take days."),
)  # fmt: skip
@group(
    "Runs",
    click.option("--seeds", type=Count(1), default=5,
                 help="Runs of each protocol, with seeds from 0 on."),
    click.option("--processes", type=Count(1),
                 help="Runs at the same time, if not one for each core; each has one thread."),
    out_option("Folder for the folders of the runs."),
)  # fmt: skip
@format_option()
def command(
    names: Sequence[str],
    seeds: int,
    full: bool,
    out: Path,
    processes: int | None,
    format: str,
    talk: Talk,
) -> int:
    r"""Train as published and compare the results with those published.

    The settings are those of configs/NAME.toml, whatever environment, sg.toml and pyproject.toml
    say. A published accuracy is reproduced if it lies in the 95 % prediction interval of the seeds,
    which is never narrower than the test set can tell. No verdict is given on fewer than 3 seeds,
    and seeds with a standard deviation over 1 point confirm nothing, unless the file allows more.
    The same command again goes on where the last one stopped. The exit status is 1 if a result is
    missed, 3 if a run failed.

    \b
    Examples:
      sg reproduce spytorch-1
      sg reproduce snntorch-tutorial-5 snntorch-tutorial-6 --seeds 3
      sg reproduce all --format md
    """
    from sgcli.training import reproduce
    from sgcli.training.grid import Cell

    def told(count: int, total: int, name: str, cell: Cell) -> None:
        came = cell.why or f"{cell.settings.evaluate} accuracy {_number(cell.accuracy, 'accuracy')}"
        talk.step(f"{count}/{total}  {name}: {came}")

    wanted = protocols.names() if "all" in names else dict.fromkeys(names)
    chosen = [protocols.named(name) for name in wanted]
    talk.say(f"trainings: {len(reproduce.planned(chosen, seeds, full))}")
    found = reproduce.reproduce(chosen, seeds, out, full=full, progress=told, processes=processes)
    talk.stepped()
    rows = [reproduce.row(outcome) for outcome in found]
    emit(Table(COLUMNS, rows), format)
    notes = [f"{_named(row['protocol'], row['arm'])}: {row['note']}" for row in rows if row["note"]]
    for note in dict.fromkeys(notes):
        talk.say(note)
    verdicts = {outcome.verdict for outcome in found}
    return 3 if reproduce.FAILED in verdicts else int(reproduce.MISSED in verdicts)


# Nothing but the command line: the result must not hang on where it was typed.
command.context_settings["default_map"] = {}
for parameter in command.params:
    if isinstance(parameter, click.Option):
        parameter.allow_from_autoenv = False


def _named(protocol: str, arm: str) -> str:
    return f"{protocol}, {arm}" if arm else protocol


def _published(published: float | None, below: Any, above: Any, measure: str) -> str:
    if published is not None:
        return _number(published, measure)
    return f"> {_number(above, measure)}" if below is None else f"< {_number(below, measure)}"


def _number(value: float | None, measure: str) -> str:
    if value is None or measure == "accuracy":
        return share(value)
    return f"{value:.3f}"


def _value(value: float | None, sd: float | None, measure: str) -> str:
    if value is None or sd is None:
        return _number(value, measure)
    return " ± ".join(_number(v, measure) for v in (value, sd)).replace(" % ±", " ±")


def _seconds(value: float | None) -> str:
    return "–" if value is None else f"{value:.0f}"


COLUMNS = [
    Column("protocol", "protocol", show=_named, more=("arm",), style="bold"),
    Column("claim", "result"),
    Column(
        "published", "published", show=_published, right=True, more=("below", "above", "measure")
    ),
    Column("value", "ours", show=_value, right=True, more=("sd", "measure")),
    Column("seeds", "seeds", right=True, extra=True),
    Column("seconds", "s a run", right=True, extra=True, show=_seconds),
    Column("verdict", "verdict"),
]
