"""The runs in a folder: their settings, their progress and their results."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sgcli.errors import DataError, SgError, UnknownName, did_you_mean
from sgcli.training.run.folder import Folder
from sgcli.training.run.schema import ABOUT, METRICS, RESULT
from sgcli.training.run.trainer import Line
from sgcli.training.settings import NEUTRAL_DEFAULTS, of_a_run

NAME = re.compile(r"(?P<task>.+)-(?P<surrogate>\w+)-(?P<id>[0-9a-f]{12})")


@dataclass(frozen=True)
class Run:
    """A summary of a run. ``progress`` is the fraction of its steps in its metrics.

    ``accuracy`` and ``loss`` are those of a finished run on the set ``evaluate``; ``when`` is the
    time of the last change, in UTC; ``note`` says what is damaged, or where the run diverged.
    ``differs`` has the settings in which the run differs from most others of its task.
    """

    id: str
    name: str
    state: str
    task: str
    surrogate: str
    seed: int | None = None
    evaluate: str | None = None
    accuracy: float | None = None
    loss: float | None = None
    progress: float | None = None
    when: str | None = None
    note: str = ""
    differs: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Details:
    """Everything in the folder of a run; a damaged file is None or empty."""

    run: Run
    folder: Path
    about: dict[str, Any] | None
    result: dict[str, Any] | None
    lines: Sequence[Line]
    activity: dict[str, Any] | None
    files: dict[str, int] = field(default_factory=dict)

    def as_dict(self) -> dict[str, Any]:
        return {**asdict(self), "folder": str(self.folder)}


def runs(out: Path) -> list[Run]:
    """Every run in a folder, the latest first."""
    try:
        inside = list(out.iterdir())
    except OSError as error:
        raise SgError(
            f"cannot list {out}: {error.strerror}", "--out names the folder of the runs"
        ) from error
    every = [details(path) for path in inside if is_run(path)]
    own = {d.run.name: _settings(d.about) for d in every if d.about}
    tasks = {d.run.name: d.run.task for d in every}
    summaries = [
        replace(
            d.run,
            differs=_differing(
                own.get(d.run.name, {}), [own[n] for n in own if tasks[n] == d.run.task]
            ),
        )
        for d in every
    ]
    return sorted(summaries, key=lambda run: (run.when or "", run.name), reverse=True)


def _settings(about: Mapping[str, Any]) -> dict[str, Any]:
    """What identifies a run, without the task, the surrogate and the seed."""
    values = {**NEUTRAL_DEFAULTS, **of_a_run(about["identity"])}
    return {k: v for k, v in values.items() if k not in ("task", "surrogate", "seed")}


def _differing(own: dict[str, Any], every: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """The settings with a value that at most half of ``every`` run has."""
    return {
        key: value
        for key, value in own.items()
        if 2 * sum(other.get(key) == value for other in every) <= len(every)
    }


def is_run(path: Path) -> bool:
    """Whether a folder holds files of a run, or a process is about to write them."""
    named = NAME.fullmatch(path.name) is not None
    try:
        inside = {p.name for p in path.iterdir()}
    except (FileNotFoundError, NotADirectoryError):
        return False
    except OSError:
        return named  # the folder is damaged
    if named:
        return any(not name.startswith(".") for name in inside) or Folder(path).busy
    return not inside.isdisjoint((ABOUT, METRICS, RESULT))


def find(out: Path, text: str) -> Details:
    """The run with this name, or the only one whose name or number begins with ``text``."""
    names = [run.name for run in runs(out)]
    matches = [n for n in names if n == text] or [
        n for n in names if n.startswith(text) or _id(n).startswith(text)
    ]
    if len(matches) > 1:
        raise SgError(f"'{text}' could be {', '.join(matches)}", "type more of the name")
    if not matches:
        hint = did_you_mean(text, [*names, *map(_id, names)])
        hint = hint or f"`sg runs --out {out}` lists the runs"
        raise UnknownName(f"there is no run '{text}' in {out}", hint)
    return details(out / matches[0])


def details(path: Path) -> Details:
    """The contents of a folder; a file that cannot be read makes it a damaged run."""
    folder = Folder(path)
    notes: list[str] = []

    def read(method: Callable[[], Any]) -> Any:
        try:
            return method()
        except DataError as error:
            notes.append(error.message)
            return None

    about, result = read(folder.about), read(folder.result)
    lines, activity = read(folder.lines) or [], read(folder.activity)
    run = _run(folder, about, result, lines, "; ".join(notes))
    return Details(run, path, about, result, lines, activity and activity.as_dict(), _files(path))


def _run(
    folder: Folder,
    about: dict[str, Any] | None,
    result: dict[str, Any] | None,
    lines: Sequence[Line],
    note: str,
) -> Run:
    named = NAME.fullmatch(folder.path.name)
    identity: dict[str, Any] = about["identity"] if about else {}
    task, surrogate = (named["task"], named["surrogate"]) if named else ("", "")
    steps = about.get("steps") if about else None
    values = result or {}
    return Run(
        id=_id(folder.path.name),
        name=folder.path.name,
        state=_state(folder, result, note),
        task=str(identity.get("task", task)),
        surrogate=str(identity.get("surrogate", surrogate)),
        seed=identity.get("seed"),
        evaluate=identity.get("evaluate"),
        accuracy=values.get("accuracy"),
        loss=values.get("loss"),
        progress=lines[-1]["step"] / steps if steps and lines else 0.0 if steps else None,
        when=_when(folder, values),
        note=note or values.get("diverged", ""),
    )


def _state(folder: Folder, result: dict[str, Any] | None, note: str) -> str:
    if folder.busy:
        return "running"
    if note:
        return "damaged"
    if result is None:
        return "interrupted"
    return "diverged" if result["diverged"] else "finished"


def _when(folder: Folder, result: dict[str, Any]) -> str | None:
    if "finished" in result:
        return str(result["finished"])
    for name in (RESULT, METRICS, ABOUT):
        try:
            seconds = (folder.path / name).stat().st_mtime
        except OSError:
            continue
        return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="seconds")
    return None


def _id(name: str) -> str:
    """The number at the end of the name of a folder; it identifies the run."""
    named = NAME.fullmatch(name)
    return named["id"] if named else name


def _files(path: Path) -> dict[str, int]:
    """Every file with its size in bytes."""
    inside = sorted(p for p in path.rglob("*") if p.is_file() and not p.name.startswith("."))
    return {str(p.relative_to(path)): p.stat().st_size for p in inside}


def epochs(lines: Sequence[Line]) -> list[dict[str, Any]]:
    """A row per epoch: means over its training, and the results of its last test."""
    rows = []
    for epoch in sorted({line["epoch"] for line in lines}):
        part = [line for line in lines if line["epoch"] == epoch]
        trained = [line for line in part if line["kind"] == "train"]
        tested = [line for line in part if line["kind"] != "train"]
        last = (tested or trained)[-1]
        rows.append(
            {
                "epoch": epoch,
                "step": last["step"],
                "train_loss": _mean([line["loss"] for line in trained]),
                "train_accuracy": _mean([line["accuracy"] for line in trained]),
                "loss": tested[-1]["loss"] if tested else None,
                "accuracy": tested[-1]["accuracy"] if tested else None,
                "firing_rate": last["firing_rate"],
                "samples_per_second": last["samples_per_second"],
            }
        )
    return rows


def _mean(values: Sequence[float]) -> float | None:
    # Not fmean, which raises for numbers that are not finite.
    return sum(values) / len(values) if values else None


def settings_text(about: dict[str, Any]) -> dict[str, str]:
    """The settings of a run as text, as in its config.toml."""
    settings = about.get("settings") or about["identity"]
    return {k: json.dumps(v, ensure_ascii=False) for k, v in settings.items()}
