"""The runs in a folder: what each is, how far it came, and what it came to."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from sgcli.errors import DataError, SgError, UnknownName
from sgcli.training.run.folder import Folder
from sgcli.training.run.schema import ABOUT, METRICS, RESULT
from sgcli.training.run.trainer import Line

NAME = re.compile(r"(?P<task>.+)-(?P<surrogate>\w+)-(?P<id>[0-9a-f]{12})")


@dataclass(frozen=True)
class Run:
    """A run in short. ``progress`` is the share of its steps that is in its metrics.

    ``accuracy`` is that of a finished run, on the set ``evaluate``; ``when`` is the time of the
    last change, in UTC; ``note`` says what is damaged or where it diverged.
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


@dataclass(frozen=True)
class Details:
    """All that a run's folder holds; what is damaged in it is None or empty."""

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
            f"cannot list {out}: {error.strerror}", "--out names the folder that runs went to"
        ) from error
    found = [details(path).run for path in inside if is_run(path)]
    return sorted(found, key=lambda run: (run.when or "", run.name), reverse=True)


def is_run(path: Path) -> bool:
    """Whether a run wrote something into a folder, or a process is about to."""
    named = NAME.fullmatch(path.name) is not None
    try:
        inside = {p.name for p in path.iterdir()}
    except (FileNotFoundError, NotADirectoryError):
        return False
    except OSError:
        return named  # a damaged one
    if named:
        return any(not name.startswith(".") for name in inside) or Folder(path).busy
    return not inside.isdisjoint((ABOUT, METRICS, RESULT))


def find(out: Path, text: str) -> Details:
    """The run of that name, or whose name or number alone begins with ``text``."""
    names = [run.name for run in runs(out)]
    found = [n for n in names if n == text] or [
        n for n in names if n.startswith(text) or _id(n).startswith(text)
    ]
    if len(found) > 1:
        raise SgError(f"'{text}' could be {', '.join(found)}", "some more of its name")
    if not found:
        near = get_close_matches(text, [*names, *map(_id, names)], n=1)
        hint = f"did you mean {near[0]}?" if near else f"`sg runs --out {out}` lists them"
        raise UnknownName(f"there is no run '{text}' in {out}", hint)
    return details(out / found[0])


def details(path: Path) -> Details:
    """What a folder holds; what cannot be read makes it a damaged run."""
    folder = Folder(path)
    notes: list[str] = []

    def read(what: Any) -> Any:
        try:
            return what()
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
    made_of: dict[str, Any] = about["identity"] if about else {}
    task, surrogate = (named["task"], named["surrogate"]) if named else ("", "")
    steps = about.get("steps") if about else None
    ended = result or {}
    return Run(
        id=_id(folder.path.name),
        name=folder.path.name,
        state=_state(folder, result, note),
        task=str(made_of.get("task", task)),
        surrogate=str(made_of.get("surrogate", surrogate)),
        seed=made_of.get("seed"),
        evaluate=made_of.get("evaluate"),
        accuracy=ended.get("accuracy"),
        loss=ended.get("loss"),
        progress=lines[-1]["step"] / steps if steps and lines else 0.0 if steps else None,
        when=_when(folder, ended),
        note=note or ended.get("diverged", ""),
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
    """The number at the end of a folder's name, which is enough to name the run."""
    named = NAME.fullmatch(name)
    return named["id"] if named else name


def _files(path: Path) -> dict[str, int]:
    """Every file with its size in bytes."""
    inside = sorted(p for p in path.rglob("*") if p.is_file() and not p.name.startswith("."))
    return {str(p.relative_to(path)): p.stat().st_size for p in inside}


def epochs(lines: Sequence[Line]) -> list[dict[str, Any]]:
    """A row an epoch: means over its training, what was tested at its end."""
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
    # Of what is not finite as well, where fmean would raise.
    return sum(values) / len(values) if values else None


def settings_text(about: dict[str, Any]) -> dict[str, str]:
    """The settings of a run as its config.toml has them."""
    found = about.get("settings") or about["identity"]
    return {k: json.dumps(v, ensure_ascii=False) for k, v in found.items()}
