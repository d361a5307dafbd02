"""Runs: a training in its folder, found again when finished and resumed when interrupted."""

from __future__ import annotations

import dataclasses
import json
import platform
import shlex
import sys
import time
from collections.abc import Callable
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import torch

from sgcli import __version__
from sgcli.definitions.core import Shape
from sgcli.errors import DataError, SgError
from sgcli.training.data.samples import Data
from sgcli.training.data.tasks import load
from sgcli.training.run import checkpoint
from sgcli.training.run.activity import activity
from sgcli.training.run.divergence import is_finite
from sgcli.training.run.folder import Folder, Metrics, identity, name_of
from sgcli.training.run.process import interruptible, threads
from sgcli.training.run.report import Report
from sgcli.training.run.schema import ABOUT, ACTIVITY, CONFIG, METRICS, RESULT
from sgcli.training.run.tensorboard import Events
from sgcli.training.run.trainer import Diverged, Line, Trainer
from sgcli.training.settings import Settings, to_toml

CHECKPOINT_SECONDS = 20.0


@dataclass(frozen=True)
class Result:
    """What a run came to; ``diverged`` says where its numbers ended, if they did."""

    folder: Path
    settings: Settings
    accuracy: float | None
    loss: float | None
    firing_rate: list[float]
    samples_per_second: float
    seconds: float
    path: str
    diverged: str = ""

    def row(self) -> dict[str, Any]:
        """Plain values for tables and JSON, the accuracy named by what it was measured on."""
        measured = self.settings.evaluate
        own = ("firing_rate", "samples_per_second", "seconds", "path", "diverged")
        return {
            **{key: getattr(self.settings, key) for key in ("task", "surrogate", "seed")},
            f"{measured}_accuracy": self.accuracy,
            f"{measured}_loss": self.loss,
            **{key: getattr(self, key) for key in own},
        }


def run(
    settings: Settings,
    out: Path,
    *,
    resume: bool = False,
    force: bool = False,
    report: Report | None = None,
    data: Data | None = None,
    keep_weights: bool = True,
    draw: Callable[[Folder, Shape], None] | None = None,
    tensorboard: bool = False,
) -> Result:
    """Train in a folder under ``out`` named by everything that decides the result.

    A finished run is not repeated: its result is returned, unless ``force``. Raises
    :class:`SgError` for one that was interrupted, unless ``resume`` or ``force``. Ctrl-C ends the
    step, writes a checkpoint and raises ``KeyboardInterrupt``. Without ``keep_weights`` the
    checkpoints go once there is a result. ``draw`` gets the folder when the numbers are in it, and
    the shape of the surrogate; ``tensorboard`` writes event files too.
    """
    quiet = report is None
    report = report or Report()
    with threads(settings.threads) as count:
        settings = settings.with_changes(threads=count)
        data = (data or load(settings)).split(settings.evaluate, settings.limit)
        trainer = Trainer(settings, data)
        made_of = identity(settings, data.sha256, trainer.path)
        folder = Folder(out / name_of(made_of))
        # A finished run is shown where nothing can be written, too.
        found = None if force else folder.result()
        if found is not None:
            report.note(f"{folder.path} is finished; --force would run it anew")
            return _result(folder, settings, found)
        listener = Events(folder.path, report) if tensorboard else report
        with folder.locked():
            if force:
                folder.clear()
            begun = folder.begun(made_of)
            if begun and not resume:
                raise SgError(
                    f"{folder.path} was interrupted", "--resume goes on, --force starts anew"
                )
            if resume and not begun and not quiet:
                report.note(_nothing_to_resume(folder.path, made_of))
            # Another process may have ended it just now.
            found = folder.result() or _train(trainer, folder, made_of, listener, draw)
            if not keep_weights:
                checkpoint.remove(folder.path)
    return _result(folder, settings, found)


def _nothing_to_resume(path: Path, made_of: dict[str, Any]) -> str:
    """What is said of a run that was to go on and begins, with the one that may have been meant."""
    text = f"nothing to resume in {path}: it begins"
    found = {}
    for other in path.parent.iterdir():
        with suppress(DataError):
            about, result = Folder(other).about(), Folder(other).result()
            if about is None or result is not None or other == path:
                continue
            theirs = about["identity"]
            differ = [k for k in made_of if json.dumps(theirs.get(k)) != json.dumps(made_of[k])]
            if not {"task", "surrogate"} & set(differ):
                found[other.name] = differ
    if not found:
        return text
    near = min(found, key=lambda name: len(found[name]))
    return f"{text} ({near} was interrupted, which differs in {', '.join(found[near])})"


def _result(folder: Folder, settings: Settings, found: dict[str, Any]) -> Result:
    names = {f.name for f in dataclasses.fields(Result)} - {"folder", "settings"}
    return Result(folder.path, settings, **{k: v for k, v in found.items() if k in names})


def _train(
    trainer: Trainer,
    folder: Folder,
    made_of: dict[str, Any],
    report: Report,
    draw: Callable[[Folder, Shape], None] | None,
) -> dict[str, Any]:
    state = checkpoint.load(folder.path, report.note)
    if state is None:
        folder.write(CONFIG, to_toml(trainer.settings))
        folder.write(ABOUT, json.dumps(_about(trainer, made_of), indent=2) + "\n")
    else:
        try:
            trainer.load_state_dict(state["trainer"])
        except ValueError as error:
            raise DataError(
                f"the checkpoint in {folder.path} is damaged or of another training: {error}",
                "--force starts anew",
            ) from error
    diverged = ""
    with ExitStack() as stack:
        metrics = Metrics(folder.path / METRICS, state["metrics_bytes"] if state else 0)
        stack.callback(metrics.close)
        report.start(folder.path.name, trainer.done, trainer.total)
        stack.callback(report.stop)
        try:
            _steps(trainer, folder, metrics, report)
        except Diverged as error:
            diverged = str(error)
    seen = None if diverged else activity(trainer)
    if seen is not None:
        folder.write(ACTIVITY, json.dumps(seen.as_dict()) + "\n")
    if draw is not None:
        draw(folder, trainer.settings.shape)
    result = _summary(trainer, folder.lines(), diverged)
    folder.write(RESULT, json.dumps(result, indent=2) + "\n")
    return result


def _steps(trainer: Trainer, folder: Folder, metrics: Metrics, report: Report) -> None:
    def save() -> None:
        # What is about to diverge goes on from the checkpoint before, and diverges again.
        if not is_finite(trainer.network):
            return
        state = {"trainer": trainer.state_dict(), "metrics_bytes": metrics.sync()}
        checkpoint.save(folder.path, state)

    with interruptible() as interrupted:
        saved = time.monotonic()
        while not trainer.finished:
            line = trainer.advance()
            report.step(trainer.done)
            if line is not None:
                metrics.write(line)
                report.line(line)
            due = time.monotonic() - saved > CHECKPOINT_SECONDS
            tested = trainer.step == 0 and line is not None
            if due or interrupted or tested or trainer.finished:
                save()
                saved = time.monotonic()
            if interrupted and not trainer.finished:
                report.note(f"{folder.path} keeps its checkpoint; --resume goes on")
                raise KeyboardInterrupt


def _summary(trainer: Trainer, lines: list[Line], diverged: str) -> dict[str, Any]:
    tests = [line for line in lines if line["kind"] != "train"]
    last: Line = tests[-1] if tests and not diverged else {}
    return {
        "schema_version": 1,
        "accuracy": last.get("accuracy"),
        "loss": last.get("loss"),
        "firing_rate": last.get("firing_rate", []),
        "samples_per_second": last.get("samples_per_second", 0.0),
        "seconds": trainer.seconds,
        "path": trainer.path,
        "diverged": diverged,
        "finished": _now(),
    }


def _about(trainer: Trainer, made_of: dict[str, Any]) -> dict[str, Any]:
    return {
        "identity": made_of,
        "settings": dataclasses.asdict(trainer.settings),
        "steps": trainer.total,
        "steps_per_epoch": trainer.steps_per_epoch,
        "started": _now(),
        "command": shlex.join([Path(sys.argv[0]).name, *sys.argv[1:]]),
        "versions": {
            "sgcli": __version__,
            "torch": torch.__version__,
            "python": platform.python_version(),
        },
    }


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
