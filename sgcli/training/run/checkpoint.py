"""Checkpoints: the newest and the one before, written atomically and read without running code."""

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
    """Write a checkpoint; the last one is kept as the one before, unless it is damaged."""
    packed = io.BytesIO()
    torch.save(state, packed)
    newest = folder / NEWEST
    with files.whole(newest) as file:
        file.write(sealed(packed.getvalue()))
        file.flush()
        os.fsync(file.fileno())
        # Only now, because the disk may have had no room for the new one.
        if newest.exists() and is_sealed(newest.read_bytes()):
            newest.replace(folder / BEFORE)


def sealed(packed: bytes) -> bytes:
    """A file of torch with the SHA-256 of its bytes, as the comment at the end of a ZIP file.

    The checksums inside a ZIP file do not cover its directory, and torch does not compare them.
    """
    digest = b"sha256 " + hashlib.sha256(packed).hexdigest().encode()
    # The last two bytes are the length of the comment, which was empty.
    return packed[:-2] + len(digest).to_bytes(2, "little") + digest


def is_sealed(content: bytes) -> bool:
    """Whether a file has the checksum of :func:`sealed`, and it is right."""
    digest = DIGEST.search(content)
    return digest is not None and sealed(content[: digest.start() - 2] + b"\0\0") == content


def load(folder: Path, note: Callable[[str], None]) -> dict[str, Any] | None:
    """The newest checkpoint that can be read; None if there are none.

    A damaged checkpoint is passed over, and ``note`` is called. Raises :class:`DataError` if all
    are damaged, and for a checkpoint with code in it: somebody put it there.
    """
    damaged = False
    for path in (folder / NEWEST, folder / BEFORE):
        if not path.exists():
            continue
        try:
            return read(path)
        except (OSError, ValueError) as error:
            damaged = True
            note(f"{path} is damaged and passed over: {_first_line(error)}")
    if damaged:
        raise DataError(f"no checkpoint in {folder} can be read", "--force starts again")
    return None


def read(path: Path) -> dict[str, Any]:
    """The state in a file; ``ValueError`` or ``OSError`` if it is damaged."""
    packed = path.read_bytes()
    if not is_sealed(packed):
        raise ValueError("its checksum is wrong")
    try:
        state: dict[str, Any] = torch.load(
            io.BytesIO(packed), map_location="cpu", weights_only=True
        )
    except pickle.UnpicklingError as error:
        code = re.search(r"GLOBAL (\S+)", str(error))
        content = f"code ({code[1]})" if code else "more than tensors and numbers"
        raise DataError(
            f"{path} carries {content} and is refused", "delete it if you know where it is from"
        ) from error
    except Exception as error:
        # Torch raises KeyError, AssertionError and many others.
        raise ValueError(f"torch cannot read it: {_first_line(error)}") from error
    if not isinstance(state, dict) or not state.keys() == KEYS:
        raise ValueError("it is not a checkpoint of a training")
    size = state["metrics_bytes"]
    if type(size) is not int or not 0 <= size < 2**63:
        raise ValueError("its metrics_bytes is not the length of a file")
    return state


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0]


def remove(folder: Path) -> None:
    for name in (NEWEST, BEFORE):
        (folder / name).unlink(missing_ok=True)
