"""Checkpoints: the newest and the one before, each written whole and read without running code."""

from __future__ import annotations

import hashlib
import io
import os
import pickle
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch

from sgcli import files
from sgcli.errors import DataError

NEWEST, BEFORE = "checkpoint.pt", "checkpoint-before.pt"
KEYS = {"trainer", "metrics_bytes"}
DIGEST = re.compile(rb"sha256 [0-9a-f]{64}\Z")


def save(folder: Path, state: dict[str, Any]) -> None:
    """Write a checkpoint; the newest so far stays as the one before, unless it is damaged."""
    packed = io.BytesIO()
    torch.save(state, packed)
    newest = folder / NEWEST
    with files.whole(newest) as file:
        file.write(sealed(packed.getvalue()))
        file.flush()
        os.fsync(file.fileno())
        # Only now that the disk had room for the new one.
        if newest.exists() and is_sealed(newest.read_bytes()):
            newest.replace(folder / BEFORE)


def sealed(packed: bytes) -> bytes:
    """A file of torch with the SHA-256 of all its bytes, as the comment that a ZIP may end in.

    The checksums inside such a file leave its directory out, and torch does not compare them.
    """
    digest = b"sha256 " + hashlib.sha256(packed).hexdigest().encode()
    # Its last two bytes are the length of the comment: there was none.
    return packed[:-2] + len(digest).to_bytes(2, "little") + digest


def is_sealed(found: bytes) -> bool:
    """Whether a file is one of :func:`sealed`, to the last bit."""
    digest = DIGEST.search(found)
    return digest is not None and sealed(found[: digest.start() - 2] + b"\0\0") == found


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
        except (OSError, ValueError) as error:
            damaged = True
            note(f"{path} is damaged and passed over: {_line(error)}")
    if damaged:
        raise DataError(f"no checkpoint in {folder} can be read", "--force starts anew")
    return None


def read(path: Path) -> dict[str, Any]:
    """The state in a file; ``ValueError`` or ``OSError`` for a damaged one."""
    packed = path.read_bytes()
    if not is_sealed(packed):
        raise ValueError("its checksum is wrong")
    try:
        state: dict[str, Any] = torch.load(
            io.BytesIO(packed), map_location="cpu", weights_only=True
        )
    except pickle.UnpicklingError as error:
        found = re.search(r"GLOBAL (\S+)", str(error))
        what = f"code ({found[1]})" if found else "more than tensors and numbers"
        raise DataError(
            f"{path} carries {what} and is refused", "delete it if you know where it is from"
        ) from error
    except Exception as error:
        # Torch raises whatever comes up on the way: KeyError, AssertionError and many others.
        raise ValueError(f"torch cannot read it: {_line(error)}") from error
    if not isinstance(state, dict) or not state.keys() == KEYS:
        raise ValueError("it is no checkpoint of a training")
    size = state["metrics_bytes"]
    if type(size) is not int or not 0 <= size < 2**63:
        raise ValueError("its metrics_bytes are no length of a file")
    return state


def _line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0]


def remove(folder: Path) -> None:
    for name in (NEWEST, BEFORE):
        (folder / name).unlink(missing_ok=True)
