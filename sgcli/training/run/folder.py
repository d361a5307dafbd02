"""The folder of a run: its name, its files, and the lock that keeps other processes out."""

from __future__ import annotations

import dataclasses
import fcntl
import hashlib
import json
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from sgcli import files
from sgcli.definitions import user
from sgcli.errors import DataError, SgError
from sgcli.training.run import checkpoint
from sgcli.training.run.activity import Activity
from sgcli.training.run.schema import (
    ABOUT,
    ACTIVITY,
    CONFIG,
    FIGURES,
    METRICS,
    RESULT,
    alike,
    from_json,
    wrong_in,
)
from sgcli.training.run.trainer import Line
from sgcli.training.settings import EARLIER_NAMES, NEUTRAL_DEFAULTS, Settings

FORMAT = 1  # raised when the same settings lead to another result

LOCK = ".lock"
EVENTS = "tensorboard"
TRIES = 5  # to take the lock, within 0.1 s


def identity(settings: Settings, data_sha256: str, path: str) -> dict[str, Any]:
    """Everything that decides the result of a run: equal identities mean equal weights."""
    values = dataclasses.asdict(settings)
    shape = settings.shape
    # A user's surrogate is identified by the contents of its file, not by the path.
    values["surrogate"] = shape.text(shape.name)
    values["device"] = torch.device(settings.device).type
    # Data is identified by its SHA-256, not by its folder.
    values["data_dir"] = ""
    # As in earlier versions, which lacked some settings and had other names for some.
    values = {
        EARLIER_NAMES.get(k, k): v
        for k, v in values.items()
        if k not in NEUTRAL_DEFAULTS or v != NEUTRAL_DEFAULTS[k]
    }
    values |= {k: list(v) for k, v in values.items() if isinstance(v, tuple)}
    return {
        "format": FORMAT,
        "data_sha256": data_sha256,
        "dtype": "float32",
        "path": path,
        "torch": torch.__version__,
        "surrogate_sha256": user.source_sha256(shape.definition),
        **values,
    }


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
    def locked(self, mend: bool = False) -> Iterator[None]:
        """Create the folder if it does not exist, and keep other processes out.

        With ``mend`` a lock that is a link is replaced by a file.
        """
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            if (lock := self.path / LOCK).is_symlink():
                if not mend:
                    raise SgError(f"{lock} is a link, not a file", "--force replaces it")
                lock.unlink()
            handle = os.open(self.path / LOCK, os.O_RDWR | os.O_CREAT, 0o666)
        except OSError as error:
            raise SgError(f"cannot write to {self.path}", error.strerror or str(error)) from error
        try:
            _lock(handle)
        except OSError as error:
            os.close(handle)
            raise SgError(
                f"another process is at work in {self.path}", "wait for it or stop it"
            ) from error
        try:
            # Half-written files of a process that was killed; no other process is at work here.
            for part in self.path.glob(".*.part"):
                part.unlink(missing_ok=True)
            yield
        finally:
            # The system releases the lock of a process that dies, too.
            os.close(handle)

    @property
    def busy(self) -> bool:
        """Whether a process is at work in the folder."""
        try:
            handle = os.open(self.path / LOCK, os.O_RDONLY)
        except OSError:
            return False
        try:
            fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except OSError:
            return True
        finally:
            os.close(handle)
        return False

    def result(self) -> dict[str, Any] | None:
        """The result of a run that ended; None if it did not."""
        return self._read(RESULT)

    def about(self) -> dict[str, Any] | None:
        """Identity, settings, command and versions of a run; None if none began."""
        return self._read(ABOUT)

    def activity(self) -> Activity | None:
        """The recorded activity of the trained network; None if there is none."""
        values = self._read(ACTIVITY)
        try:
            return None if values is None else Activity.from_dict(values)
        except (KeyError, TypeError, ValueError) as error:
            path = self.path / ACTIVITY
            raise DataError(f"{path} is damaged", "--force trains again") from error

    def figures(self) -> tuple[str, ...]:
        """The figures in ``FIGURES`` that can be drawn."""
        return FIGURES[:1] if self.activity() is None else FIGURES

    def begun(self, identity: dict[str, Any]) -> bool:
        """Whether this run began; :class:`DataError` if the folder holds another run."""
        about = self.about()
        # JSON turns tuples into lists.
        if about is not None and about["identity"] != json.loads(json.dumps(identity)):
            stored = about["identity"] if isinstance(about["identity"], dict) else {}
            differ = [k for k, v in identity.items() if stored.get(k) != v]
            raise DataError(
                f"{self.path / ABOUT} is of another run: {', '.join(differ) or 'more'} differ",
                "--force trains again",
            )
        return about is not None

    def _read(self, name: str) -> dict[str, Any] | None:
        path = self.path / name
        try:
            values = from_json(path.read_text(encoding="utf-8"))
        except (FileNotFoundError, NotADirectoryError):
            return None
        except (ValueError, OSError, RecursionError) as error:
            raise DataError(f"{path} cannot be read: {error}", "--force runs anew") from error
        if wrong := wrong_in(name, values):
            raise DataError(f"{path} is damaged: {wrong}", "--force trains again")
        return dict(values)

    def clear(self) -> None:
        """Remove the files of an earlier run."""
        for name in (RESULT, ABOUT, METRICS, CONFIG, ACTIVITY, *(f"{f}.png" for f in FIGURES)):
            (self.path / name).unlink(missing_ok=True)
        for path in (self.path / EVENTS).glob("events.out.tfevents.*"):
            path.unlink(missing_ok=True)
        checkpoint.remove(self.path)

    def write(self, name: str, text: str) -> None:
        files.write_text(self.path / name, text)

    def lines(self) -> list[Line]:
        """The metrics written so far, without a last line that is not complete yet."""
        path = self.path / METRICS
        try:
            complete, _, _ = path.read_text(encoding="utf-8").rpartition("\n")
            lines = [from_json(line) for line in complete.splitlines()]
        except (FileNotFoundError, NotADirectoryError):
            return []
        except (ValueError, OSError, RecursionError) as error:
            raise DataError(f"{path} cannot be read: {error}", "--force runs anew") from error
        for number, line in enumerate(lines, 1):
            if wrong := wrong_in(METRICS, line):
                where = f"{path}, line {number},"
                raise DataError(f"{where} is damaged: {wrong}", "--force trains again")
        if not alike([line for line in lines if line["kind"] == "train"]):
            raise DataError(f"{path} has lines of several networks", "--force runs anew")
        return lines


def _lock(handle: int) -> None:
    """Take the lock, with retries: ``busy`` of another process holds it for a moment."""
    for _ in range(TRIES):
        try:
            return fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            time.sleep(0.02)
    fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)


def _ends_a_line(path: Path, size: int) -> bool:
    with path.open("rb") as file:
        file.seek(size - 1)
        return file.read(1) == b"\n"


class Metrics:
    """The metrics file, open to append; ``size`` is its length at the last checkpoint."""

    def __init__(self, path: Path, size: int) -> None:
        self.path = path
        length = path.stat().st_size if path.exists() else 0
        if length < size:
            raise DataError(
                f"{path} has {length} bytes, fewer than the {size} at its checkpoint",
                "--force starts anew",
            )
        if size and not _ends_a_line(path, size):
            raise DataError(
                f"{path} has no line that ends at byte {size}, where its checkpoint was written",
                "--force starts anew",
            )
        self.file = path.open("ab")
        self.file.truncate(size)
        self.file.seek(size)

    def write(self, line: Line) -> None:
        self.file.write((json.dumps(line) + "\n").encode())
        self.file.flush()

    def sync(self) -> int:
        """Write all lines to the disk; returns the length of the file."""
        os.fsync(self.file.fileno())
        return self.file.tell()

    def close(self) -> None:
        self.file.close()
