"""sg reproduce."""

from __future__ import annotations

from collections.abc import Sequence
from inspect import cleandoc
from pathlib import Path
from typing import Any

import click

from sgcli.cli.console import Talk
from sgcli.cli.formats import Column, Table, emit
from sgcli.cli.options import Choice, format_option
from sgcli.cli.options import command as sg_command
from sgcli.training.protocols import names as known


@sg_command("reproduce")
@click.argument(
    "names", nargs=-1, required=True, type=Choice([*known(), "all"]), metavar="NAME... | all"
)
@click.option("--seeds", type=click.IntRange(min=1), default=5, help="Runs of each, from 0 on.")
@click.option("--full", is_flag=True, help="As long as published, where that is days.")
@click.option(
    "--out", type=click.Path(path_type=Path), default="runs", help="Where the run folders go."
)
@click.option(
    "--processes",
    type=click.IntRange(min=1),
    show_default="one a core",
    help="Runs at the same time, each by one thread.",
)
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
    r"""Train as published and hold the results against what was published.

    Settings are those of configs/NAME.toml, whatever environment, sg.toml and pyproject.toml say.
    A published accuracy is reproduced if it lies in the 95 % prediction interval of the seeds,
    which is never narrower than the test set can tell. Fewer than 3 seeds are not judged, nor is a
    result confirmed by seeds whose sd is over 1 point, unless the file grants more. Every run is a
    folder under --out: the same command again goes on where the last one stopped. Exit status 1 if
    a result is missed, 3 if a run failed.

    \b
    Examples:
      sg reproduce spytorch-1
      sg reproduce snntorch-tutorial-5 snntorch-tutorial-6 --seeds 3
      sg reproduce all --format md
    """
    from sgcli.training import protocols, reproduce
    from sgcli.training.cells import Cell

    def told(count: int, total: int, name: str, cell: Cell) -> None:
        came = cell.why or f"{cell.settings.evaluate} accuracy {_number(cell.accuracy, 'accuracy')}"
        talk.step(f"{count}/{total}  {name}: {came}")

    wanted = protocols.names() if "all" in names else dict.fromkeys(names)
    chosen = [protocols.named(name) for name in wanted]
    talk.say(f"trainings: {len(reproduce.planned(chosen, seeds, full))}")
    how: dict[str, Any] = {"full": full, "told": told, "processes": processes}
    found = reproduce.reproduce(chosen, seeds, out, **how)
    talk.stepped()
    rows = [reproduce.row(outcome) for outcome in found]
    emit(Table(COLUMNS, rows), format)
    notes = [f"{_named(row['protocol'], row['arm'])}: {row['note']}" for row in rows if row["note"]]
    for note in dict.fromkeys(notes):
        talk.say(note)
    verdicts = {outcome.verdict for outcome in found}
    return 3 if reproduce.FAILED in verdicts else int(reproduce.MISSED in verdicts)


command.help = f"{cleandoc(command.help or '')}\n\n\b\nProtocols:\n  " + "\n  ".join(known())

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
    if value is None:
        return "–"
    return f"{100 * value:.2f} %" if measure == "accuracy" else f"{value:.3f}"


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
