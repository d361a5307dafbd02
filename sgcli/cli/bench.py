"""sg bench."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import click

from sgcli.cli.console import Talk
from sgcli.cli.formats import Column, Table, emit, plain
from sgcli.cli.options import Choice, Count, argument, group, table_options
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
@group(
    "Benchmark",
    argument("name", "[NAME]", f"Benchmark to run: {', '.join(NAMES)}, or all if none is named.",
             type=Choice([*NAMES, "all"]), default="all"),
    click.option("--rounds", type=Count(1),
                 help="Number of rounds, instead of the default of the benchmark."),
    click.option("--threads", type=Count(0), default=0,
                 help="CPU threads; 0 leaves the number to torch."),
)  # fmt: skip
@table_options()
def command(name: str, rounds: int | None, threads: int, format: str, talk: Talk) -> int:
    r"""Time sgcli against the least possible time and other libraries.

    Contestants take turns in every round. A ratio is the time of a contestant divided by the time
    of its baseline in the same round. The table shows the median and the quartiles. The exit status
    is 1 if a ratio misses its bar.

    \b
    Examples:
      sg bench start
      sg bench train --rounds 5 --threads 2 --format json
    """
    from sgcli.bench.suites import SUITES

    rows = []
    for each in NAMES if name == "all" else (name,):
        run, usual = SUITES[each]
        talk.say(f"{each}: {rounds or usual} rounds")
        rows += list(run(rounds or usual, threads))
    asked = any(row.bar for row in rows)
    columns = [c for c in COLUMNS if asked or c.key not in ("bar", "met")]
    emit(Table(columns, [asdict(row) for row in rows], extra={"threads": threads}), format)
    for row in rows:
        if row.reason:
            talk.say(f"skipped {row.what} {row.contestant}: {row.reason}")
    return int(any(row.met is False for row in rows))
