"""Checkpoints: the newest and the one before, each written whole and read without running code."""

from __future__ import annotations

import io
import os
import pickle
import re
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch

from sgcli import files
from sgcli.errors import DataError

NEWEST, BEFORE = "checkpoint.pt", "checkpoint-before.pt"
KEYS = {"trainer", "metrics_bytes"}


def save(folder: Path, state: dict[str, Any]) -> None:
    """Write a checkpoint; the newest so far stays as the one before."""
    packed = io.BytesIO()
    torch.save(state, packed)
    newest = folder / NEWEST
    with files.whole(newest) as file:
        file.write(packed.getbuffer())
        file.flush()
        os.fsync(file.fileno())
        # Only now that the disk had room for the new one.
        if newest.exists():
            newest.replace(folder / BEFORE)


def load(folder: Path, note: Callable[[str], None]) -> dict[str, Any] | None:
    """The newest checkpoint that can be read, None where there is none.

    A damaged one is passed over with a note. Raises :class:`DataError` if none is left, and for
    one that carries code: someone put it there.
    """
    damaged = False
    for path in (folder / NEWEST, folder / BEFORE):
        if not path.exists():
            continue
        try:
            return read(path)
        except (RuntimeError, EOFError, OSError, ValueError, KeyError, zipfile.BadZipFile) as error:
            damaged = True
            note(f"{path} is damaged and passed over: {_line(error)}")
    if damaged:
        raise DataError(f"no checkpoint in {folder} can be read", "--force starts anew")
    return None


def read(path: Path) -> dict[str, Any]:
    """The state in a file; ``ValueError`` and others for a damaged one."""
    # torch.load does not compare checksums: a flipped bit would go on as another weight.
    with zipfile.ZipFile(path) as packed:
        wrong = packed.testzip()
    if wrong:
        raise ValueError(f"the checksum of {wrong} is wrong")
    try:
        state: dict[str, Any] = torch.load(path, map_location="cpu", weights_only=True)
    except pickle.UnpicklingError as error:
        found = re.search(r"GLOBAL (\S+)", str(error))
        what = f" ({found[1]})" if found else ""
        raise DataError(
            f"{path} carries code{what} and is refused", "delete it if you know where it is from"
        ) from error
    if not isinstance(state, dict) or not state.keys() >= KEYS:
        raise ValueError("it is no checkpoint of a training")
    return state


def _line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0]


def remove(folder: Path) -> None:
    for name in (NEWEST, BEFORE):
        (folder / name).unlink(missing_ok=True)
