"""Checkpoints: the newest and the one before, each written whole and read without running code."""

from __future__ import annotations

import io
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch

from sgcli import files
from sgcli.errors import DataError

NEWEST, BEFORE = "checkpoint.pt", "checkpoint-before.pt"


def save(folder: Path, state: dict[str, Any]) -> None:
    """Write a checkpoint; the newest so far stays as the one before."""
    packed = io.BytesIO()
    torch.save(state, packed)
    newest = folder / NEWEST
    with files.whole(newest) as file:
        file.write(packed.getbuffer())
        file.flush()
        # Only now that the disk had room for the new one.
        if newest.exists():
            newest.replace(folder / BEFORE)


def load(folder: Path, note: Callable[[str], None]) -> dict[str, Any] | None:
    """The newest checkpoint that can be read, None where there is none.

    A damaged one is passed over with a note; :class:`DataError` if none is left.
    """
    damaged = ""
    for path in (folder / NEWEST, folder / BEFORE):
        if not path.exists():
            continue
        try:
            state: dict[str, Any] = torch.load(path, map_location="cpu", weights_only=True)
            return state
        except (RuntimeError, EOFError, OSError, ValueError, KeyError, pickle.UnpicklingError):
            damaged = str(path)
            note(f"{path} is damaged and passed over")
    if damaged:
        raise DataError(f"no checkpoint in {folder} can be read", "--force starts anew")
    return None


def remove(folder: Path) -> None:
    for name in (NEWEST, BEFORE):
        (folder / name).unlink(missing_ok=True)
