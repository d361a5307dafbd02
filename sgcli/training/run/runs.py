"""Runs: trainings in folders. A finished run is not repeated, an interrupted one can go on."""

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
from sgcli.training.run.activity import record_activity
from sgcli.training.run.divergence import is_finite
from sgcli.training.run.folder import Folder, Metrics, identity, name_of
from sgcli.training.run.process import interruptible, threads
from sgcli.training.run.report import ProgressReport
from sgcli.training.run.schema import ABOUT, ACTIVITY, CONFIG, METRICS, RESULT
from sgcli.training.run.tensorboard import Events
from sgcli.training.run.trainer import Diverged, Line, Trainer
from sgcli.training.settings import Settings, to_toml

CHECKPOINT_SECONDS = 20.0


@dataclass(frozen=True)
class Result:
    """The result of a run; ``diverged`` says where it diverged, if it did."""

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
        """Plain values for tables and JSON; accuracy and loss are named by their set."""
        evaluated = self.settings.evaluate
        own = ("firing_rate", "samples_per_second", "seconds", "path", "diverged")
        return {
            **{key: getattr(self.settings, key) for key in ("task", "surrogate", "seed")},
            f"{evaluated}_accuracy": self.accuracy,
            f"{evaluated}_loss": self.loss,
            **{key: getattr(self, key) for key in own},
        }


def run(
    settings: Settings,
    out: Path,
    *,
    resume: bool = False,
    force: bool = False,
    report: ProgressReport | None = None,
    data: Data | None = None,
    keep_weights: bool = True,
    draw: Callable[[Folder, Shape], None] | None = None,
    tensorboard: bool = False,
) -> Result:
    """Train in a folder under ``out`` whose name follows from everything that decides the result.

    A finished run is not repeated, unless ``force``: its result is returned. Raises
    :class:`SgError` for an interrupted run, unless ``resume`` or ``force``. Ctrl-C ends the step,
    writes a checkpoint and raises ``KeyboardInterrupt``. Without ``keep_weights``, checkpoints are
    removed at the end. ``draw`` is called with the folder, once all numbers are in it, and the
    shape of the surrogate. ``tensorboard`` writes event files too.
    """
    quiet = report is None
    report = report or ProgressReport()
    with threads(settings.threads) as count:
        settings = settings.with_changes(threads=count)
        data = (data or load(settings)).split(settings.evaluate, settings.limit)
        trainer = Trainer(settings, data)
        run_identity = identity(settings, data.sha256, trainer.path)
        folder = Folder(out / name_of(run_identity))
        # Before the lock, so that a finished run can be shown from a folder without write access.
        result = None if force else folder.result()
        if result is not None:
            report.note(f"{folder.path} is finished; --force would run it anew")
            return _result(folder, settings, result)
        listener = Events(folder.path, report) if tensorboard else report
        with folder.locked(mend=force):
            if force:
                folder.clear()
            # Another process may have finished the run before this one had the lock.
            result = folder.result()
            if result is None:
                begun = folder.begun(run_identity)
                if begun and not resume:
                    raise SgError(
                        f"{folder.path} was interrupted", "--resume continues, --force starts again"
                    )
                if resume and not begun and not quiet:
                    report.note(_nothing_to_resume(folder.path, run_identity))
                result = _train(trainer, folder, run_identity, listener, draw)
            if not keep_weights:
                checkpoint.remove(folder.path)
    return _result(folder, settings, result)


def _nothing_to_resume(path: Path, run_identity: dict[str, Any]) -> str:
    """A note that there is nothing to resume, and which interrupted run may have been meant."""
    text = f"nothing to resume in {path}: it begins"
    interrupted = {}
    for other in path.parent.iterdir():
        with suppress(DataError):
            about, result = Folder(other).about(), Folder(other).result()
            if about is None or result is not None or other == path:
                continue
            stored = about["identity"]
            differ = [
                k for k, v in run_identity.items() if json.dumps(stored.get(k)) != json.dumps(v)
            ]
            if not {"task", "surrogate"} & set(differ):
                interrupted[other.name] = differ
    if not interrupted:
        return text
    nearest = min(interrupted, key=lambda name: len(interrupted[name]))
    differ = interrupted[nearest]
    return f"{text} ({nearest} was interrupted; it differs in {', '.join(differ)})"


def _result(folder: Folder, settings: Settings, values: dict[str, Any]) -> Result:
    names = {f.name for f in dataclasses.fields(Result)} - {"folder", "settings"}
    return Result(folder.path, settings, **{k: v for k, v in values.items() if k in names})


def _train(
    trainer: Trainer,
    folder: Folder,
    run_identity: dict[str, Any],
    report: ProgressReport,
    draw: Callable[[Folder, Shape], None] | None,
) -> dict[str, Any]:
    state = checkpoint.load(folder.path, report.note)
    if state is None:
        folder.write(CONFIG, to_toml(trainer.settings))
        folder.write(ABOUT, json.dumps(_about(trainer, run_identity), indent=2) + "\n")
    else:
        try:
            trainer.load_state_dict(state["trainer"])
        except ValueError as error:
            raise DataError(
                f"the checkpoint in {folder.path} is damaged or of another training: {error}",
                "--force starts again",
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
    recorded = None if diverged else record_activity(trainer)
    if recorded is not None:
        folder.write(ACTIVITY, json.dumps(recorded.as_dict()) + "\n")
    if draw is not None:
        draw(folder, trainer.settings.shape)
    result = _summary(trainer, folder.lines(), diverged)
    folder.write(RESULT, json.dumps(result, indent=2) + "\n")
    return result


def _steps(trainer: Trainer, folder: Folder, metrics: Metrics, report: ProgressReport) -> None:
    def save() -> None:
        # Without finite weights there is no checkpoint: the run goes on from the one before.
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


def _about(trainer: Trainer, run_identity: dict[str, Any]) -> dict[str, Any]:
    return {
        "identity": run_identity,
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
