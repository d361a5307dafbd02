"""sg bench."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import click

from sgcli.cli.console import Talk
from sgcli.cli.formats import Column, Table, emit, plain
from sgcli.cli.options import Choice, format_option
from sgcli.cli.options import command as sg_command

# The last one changes how malloc works, for its large tensors.
NAMES = ("start", "plot", "lif", "train", "profile", "op")


def _seconds(value: Any) -> str:
    if value is None:
        return "–"
    return f"{value:.3g} s" if value >= 0.1 else f"{1000 * value:.3g} ms"


def _ratio(value: Any) -> str:
    return "–" if value is None else f"{value:.2f}"


COLUMNS = [
    Column("what", "what", style="bold"),
    Column("contestant", "contestant"),
    Column("seconds", "time", _seconds, right=True),
    Column("baseline", "against"),
    Column("base_seconds", "time", _seconds, right=True),
    Column("ratio", "ratio", _ratio, right=True),
    Column("q1", "q1", _ratio, right=True),
    Column("q3", "q3", _ratio, right=True),
    Column("bar", "bar"),
    Column("met", "met", plain),
]


@sg_command("bench")
@click.argument("name", type=Choice([*NAMES, "all"]), default="all")
@click.option("--rounds", type=click.IntRange(1), help="Rounds; each benchmark has its own number.")
@click.option("--threads", type=click.IntRange(0), default=0, help="CPU threads; 0: as it is.")
@format_option()
def command(name: str, rounds: int | None, threads: int, format: str, talk: Talk) -> int:
    r"""Time sgcli against the least possible and the peers.

    Contestants take turns in every round. A ratio is the contestant's time over that of what it
    is compared with, in the same round: its median and quartiles. Exit status 1 if a bar is missed.

    \b
    Examples:
      sg bench start
      sg bench train --rounds 5 --threads 2 --format json
    """
    from sgcli.bench.suites import SUITES

    rows = []
    for each in NAMES if name == "all" else (name,):
        suite = SUITES[each]
        talk.say(f"{each}: {rounds or suite.rounds} rounds")
        rows += list(suite.run(rounds or suite.rounds, threads))
    asked = any(row.bar for row in rows)
    columns = [c for c in COLUMNS if asked or c.key not in ("bar", "met")]
    emit(Table(columns, [asdict(row) for row in rows], extra={"threads": threads}), format)
    for row in rows:
        if row.reason:
            talk.say(f"skipped {row.what} {row.contestant}: {row.reason}")
    return int(any(row.met is False for row in rows))
