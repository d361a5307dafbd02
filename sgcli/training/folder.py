"""A run's folder: its name, its files, and the lock that keeps a second process out."""

from __future__ import annotations

import dataclasses
import fcntl
import hashlib
import inspect
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from sgcli import files
from sgcli.definitions import load
from sgcli.errors import DataError, SgError
from sgcli.training import checkpoint
from sgcli.training.loop import Line
from sgcli.training.settings import LATER, Settings, shape_text

FORMAT = 1  # of trainings: raised when the same settings would give another result

CONFIG, METRICS, RESULT, ABOUT = "config.toml", "metrics.jsonl", "result.json", "run.json"
FIGURE, LOCK = "learning.png", ".lock"


def identity(settings: Settings, data_sha256: str, path: str) -> dict[str, Any]:
    """Everything that decides the result of a run; equal identities mean equal weights."""
    values = dataclasses.asdict(settings)
    shape = load.parse(settings.surrogate).shape
    # A surrogate of the user's own is its file's contents, wherever the file lies.
    values["surrogate"] = shape_text(shape, shape.name)
    values["device"] = torch.device(settings.device).type
    values["hidden"] = list(settings.hidden)
    # So that what ran before there was a setting is found again.
    values = {k: v for k, v in values.items() if k not in LATER or v != LATER[k]}
    return {
        "format": FORMAT,
        "data_sha256": data_sha256,
        "dtype": "float32",
        "path": path,
        "torch": torch.__version__,
        "surrogate_sha256": source_sha256(shape.definition),
        **values,
    }


def source_sha256(definition: Any) -> str:
    """SHA-256 of the file of a surrogate that is not sgcli's own."""
    if definition.__module__.startswith("sgcli."):
        return ""
    return hashlib.sha256(Path(inspect.getfile(definition)).read_bytes()).hexdigest()


def name_of(identity: dict[str, Any]) -> str:
    """``mnist-soft_sign-<12 digits>``."""
    text = json.dumps(identity, sort_keys=True)
    digest = hashlib.sha256(text.encode()).hexdigest()[:12]
    surrogate = identity["surrogate"].split(",")[0]
    return f"{identity['task']}-{surrogate if surrogate.isidentifier() else 'formula'}-{digest}"


@dataclass(frozen=True)
class Folder:
    """The files of one run."""

    path: Path

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Create the folder if need be and keep other processes out."""
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            handle = os.open(self.path / LOCK, os.O_RDWR | os.O_CREAT, 0o666)
        except OSError as error:
            raise SgError(f"cannot write to {self.path}", error.strerror or str(error)) from error
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            os.close(handle)
            raise SgError(
                f"another process is at work in {self.path}", "wait for it, or stop it"
            ) from error
        try:
            yield
        finally:
            os.close(handle)

    def result(self) -> dict[str, Any] | None:
        """The result of a run that ended, None where there is none."""
        path = self.path / RESULT
        if not path.exists():
            return None
        try:
            found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
            return found
        except (ValueError, OSError) as error:
            raise DataError(f"{path} cannot be read: {error}", "--force runs anew") from error

    @property
    def begun(self) -> bool:
        return (self.path / ABOUT).exists()

    def clear(self) -> None:
        """Remove the files of an earlier run."""
        for name in (RESULT, ABOUT, METRICS, CONFIG, FIGURE):
            (self.path / name).unlink(missing_ok=True)
        checkpoint.remove(self.path)

    def write(self, name: str, text: str) -> None:
        files.write_text(self.path / name, text)

    def lines(self) -> list[Line]:
        """The metrics written so far."""
        path = self.path / METRICS
        if not path.exists():
            return []
        return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


class Metrics:
    """The metrics file, open to append; ``size`` is what a checkpoint remembers of it."""

    def __init__(self, path: Path, size: int) -> None:
        self.path = path
        self.file = path.open("ab")
        self.file.truncate(size)
        self.file.seek(size)

    def write(self, line: Line) -> None:
        self.file.write((json.dumps(line) + "\n").encode())
        self.file.flush()

    def sync(self) -> int:
        """Bring what was written onto the disk; returns the size."""
        os.fsync(self.file.fileno())
        return self.file.tell()

    def close(self) -> None:
        self.file.close()
