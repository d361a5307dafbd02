"""How runs are shown: a line each, and a page of one."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, replace
from datetime import datetime
from typing import Any

from rich.text import Text

from sgcli.cli.cells import rates, share
from sgcli.cli.console import screen
from sgcli.cli.formats import Column, Table, as_rich, plain
from sgcli.cli.sections import drawn, pairs, section, width_of
from sgcli.training.run import listing
from sgcli.training.run.listing import Details, Run

INDENT = 2  # of a section


def _state(state: str, progress: float | None) -> str:
    if state in ("finished", "damaged"):
        return state
    return f"{state} " if progress is None else f"{state} {100 * progress:.0f} %"


def when(value: str | None) -> str:
    """The minute, in the time of where the reader is."""
    return datetime.fromisoformat(value).astimezone().strftime("%Y-%m-%d %H:%M") if value else "–"


def size(count: int) -> str:
    return f"{count / 1e6:.1f} MB" if count >= 1e6 else f"{count / 1e3:.1f} kB"


def settings(values: Mapping[str, Any] | None) -> str:
    """``lr=0.01 hidden=64,32``; a digest is cut off after eight digits."""
    return " ".join(f"{key}={_setting(value)}" for key, value in (values or {}).items()) or "–"


def _setting(value: Any) -> str:
    if isinstance(value, list):
        return ",".join(map(str, value)) or "none"
    if isinstance(value, str) and re.fullmatch("[0-9a-f]{64}", value):
        return value[:8]
    return plain(value) or "none"


OVERVIEW = [
    Column("id", "id", style="bold"),
    Column("task", "task", style="dim", extra=True),
    Column("surrogate", "surrogate", style="cyan"),
    Column("seed", "seed", right=True),
    Column("state", "state", _state, more=("progress",), style="none"),
    Column("accuracy", "accuracy", share, right=True),
    Column("differs", "settings that differ", settings, style="none"),
    Column("when", "when", when, style="none", extra=True),
    Column("name", "folder", style="none", extra=True),
]


def overview(runs: Sequence[Run]) -> Table:
    return Table(OVERVIEW, [asdict(run) for run in runs])


EPOCHS = [
    Column("epoch", "epoch", right=True),
    Column("step", "step", right=True, extra=True),
    Column("train_loss", "train loss", right=True),
    Column("train_accuracy", "train accuracy", share, right=True),
    Column("loss", "loss", right=True),
    Column("accuracy", "accuracy", share, right=True),
    Column("firing_rate", "firing rate", rates, right=True),
    Column("samples_per_second", "samples/s", lambda v: f"{v:,.0f}", right=True, extra=True),
]


def epochs(details: Details) -> Table:
    """A row an epoch; everything else goes beside them."""
    measured = details.run.evaluate or "test"
    headings = {"loss": f"{measured} loss", "accuracy": f"{measured} accuracy"}
    columns = [replace(c, heading=headings[c.key]) if c.key in headings else c for c in EPOCHS]
    return Table(columns, listing.epochs(details.lines), extra=details.as_dict())


def page(details: Details) -> str:
    """All of a run, for a terminal."""
    run, console = details.run, screen()
    blocks: list[Any] = [
        Text(run.name, style="bold"),
        section("result", pairs(_result(details))),
    ]
    if details.lines:
        table, _ = as_rich(epochs(details), width_of(console) - INDENT)
        blocks.append(section("epochs", table))
    if details.about:
        blocks.append(section("made by", pairs(_made_by(details.about))))
        blocks.append(section("settings", pairs(listing.settings_text(details.about).items())))
    files = ((name, size(count)) for name, count in details.files.items())
    blocks.append(section(f"files in {details.folder}", pairs(files)))
    return drawn(console, blocks)


def _result(details: Details) -> Iterator[tuple[str, str]]:
    run = details.run
    yield "state", _state(run.state, run.progress)
    if run.note:
        yield "because", run.note
    if run.accuracy is not None:
        measured = f"{run.evaluate} " if run.evaluate else ""
        yield f"{measured}accuracy", share(run.accuracy)
        yield f"{measured}loss", plain(run.loss)
    if details.result:
        yield "firing rate", rates(details.result.get("firing_rate", []))
        yield "training", f"{details.result['seconds']:.1f} s"
        yield "speed", f"{details.result.get('samples_per_second', 0):,.0f} samples/s"
        yield "neurons by", details.result["path"]
    yield "last change", when(run.when)


def _made_by(about: dict[str, Any]) -> Iterator[tuple[str, str]]:
    if "command" in about:
        yield "command", about["command"]
        yield "started", when(about.get("started"))
    yield from about.get("versions", {}).items()
