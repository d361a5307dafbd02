"""sg reproduce."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from sgcli.cli.cells import share
from sgcli.cli.console import Talk
from sgcli.cli.formats import Column, Table, emit
from sgcli.cli.options import Choice, Count, argument, group, out_option, table_options
from sgcli.cli.options import command as sg_command
from sgcli.training import protocols


@sg_command("reproduce")
@group(
    "Protocols",
    argument("names", "NAME...", f"Published trainings: {', '.join(protocols.names())}, or all.",
             nargs=-1, required=True, type=Choice([*protocols.names(), "all"])),
    click.option("--full", is_flag=True, help="Train as long as published. It may take days."),
)  # fmt: skip
@group(
    "Runs",
    click.option("--seeds", type=Count(1), default=5,
                 help="Runs per protocol, with seeds from 0 on."),
    click.option("--processes", type=Count(1),
                 help="Parallel runs with one thread each, instead of one per core."),
    out_option("Folder that contains the run folders."),
)  # fmt: skip
@table_options()
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

    The settings come from configs/NAME.toml alone. A published accuracy counts as reproduced if it
    lies in the 95 % prediction interval of the seeds. The size of the test set limits how narrow
    that interval can be. A verdict needs at least 3 seeds, whose standard deviation is at most 1
    point unless the file allows more. An interrupted command continues when it is repeated. The
    exit status is 1 if a result is missed, 3 if a run failed.

    \b
    Examples:
      sg reproduce spytorch-1
      sg reproduce snntorch-tutorial-5 snntorch-tutorial-6 --seeds 3
      sg reproduce all --format md
    """
    from sgcli.training import reproduce
    from sgcli.training.grid import Cell

    def report(count: int, total: int, name: str, cell: Cell) -> None:
        outcome = (
            cell.why or f"{cell.settings.evaluate} accuracy {_number(cell.accuracy, 'accuracy')}"
        )
        talk.step(f"{count}/{total}  {name}: {outcome}")

    wanted = protocols.names() if "all" in names else dict.fromkeys(names)
    chosen = [protocols.named(name) for name in wanted]
    talk.say(f"trainings: {len(reproduce.planned(chosen, seeds, full))}")
    outcomes = reproduce.reproduce(
        chosen, seeds, out, full=full, progress=report, processes=processes
    )
    talk.stepped()
    rows = [reproduce.row(outcome) for outcome in outcomes]
    emit(Table(COLUMNS, rows), format)
    notes = [f"{_named(row['protocol'], row['arm'])}: {row['note']}" for row in rows if row["note"]]
    for note in dict.fromkeys(notes):
        talk.say(note)
    verdicts = {outcome.verdict for outcome in outcomes}
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
    Column("verdict", "verdict", meaning="whether the result agrees with the published one"),
]
