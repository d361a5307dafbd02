"""Atomic writes: a file is written completely or not at all."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from sgcli.errors import SgError


@contextmanager
def whole(path: Path) -> Iterator[BinaryIO]:
    """Open a file for writing; it replaces ``path`` once it is complete and on the disk.

    Raises :class:`SgError` if the folder is missing or not writable, or if the disk is full. An
    existing file then stays untouched.
    """
    if path.is_dir():
        raise SgError(f"cannot write {path}", "it is a folder")
    if not path.parent.is_dir():
        raise SgError(f"cannot write {path}", f"there is no folder {path.parent}")
    try:
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".part")
    except OSError as error:
        raise SgError(f"cannot write {path}", error.strerror or str(error)) from error
    part = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        umask = os.umask(0)
        os.umask(umask)
        part.chmod(0o666 & ~umask)
        part.replace(path)
        _sync_folder(path.parent)
    except OSError as error:
        raise SgError(f"cannot write {path}", error.strerror or str(error)) from error
    finally:
        part.unlink(missing_ok=True)


def _sync_folder(folder: Path) -> None:
    """Flush the folder, so that the new name survives a power cut.

    The file itself is complete by now, so a file system without this operation is not an error.
    """
    with suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def write_text(path: Path, text: str) -> None:
    """Write a text file atomically, as UTF-8."""
    with whole(path) as file:
        file.write(text.encode())
