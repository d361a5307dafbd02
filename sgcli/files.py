"""Atomic writes: a file is written completely or not at all."""

from __future__ import annotations

import io
import os
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from sgcli.errors import SgError


@contextmanager
def whole(path: Path) -> Iterator[BinaryIO]:
    """Open a file for writing; it replaces ``path`` once it is complete and on the disk.

    A link is followed. An existing file keeps its permissions. Devices and pipes are not replaced
    but written to. Raises :class:`SgError` if the folder is missing or not writable, or if the disk
    is full. An existing file then stays untouched.
    """
    check(path)
    try:
        if _is_stream(path):
            content = io.BytesIO()  # a PDF needs to seek
            yield content
            with os.fdopen(os.open(path, os.O_WRONLY | os.O_APPEND), "wb") as stream:
                stream.write(content.getvalue())
            return
        path = Path(os.path.realpath(path))  # resolve() raises in a circle of links
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".part")
    except OSError as error:
        raise SgError(f"cannot write {path}", error.strerror or str(error)) from error
    part = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        part.chmod(_mode(path))
        part.replace(path)
        _sync_folder(path.parent)
    except OSError as error:
        raise SgError(f"cannot write {path}", error.strerror or str(error)) from error
    finally:
        part.unlink(missing_ok=True)


def check(path: Path) -> None:
    """Raise :class:`SgError` for a path that cannot be written, before the work for it is done."""
    if path.is_dir():
        raise SgError(f"cannot write {path}", "it is a folder")
    if _is_stream(path):
        return
    folder = Path(os.path.realpath(path)).parent if path.is_symlink() else path.parent
    if not folder.is_dir():
        raise SgError(f"cannot write {path}", f"there is no folder {folder}")
    if not os.access(folder, os.W_OK | os.X_OK):
        raise SgError(f"cannot write {path}", "Permission denied")


def check_folder(path: Path) -> None:
    """Raise :class:`SgError` for a folder that neither exists nor can be made."""
    nearest = next(p for p in (path, *path.absolute().parents) if p.exists())
    if not nearest.is_dir():
        raise SgError(f"cannot write to {path}", f"{nearest} is not a folder")
    if not os.access(nearest, os.W_OK | os.X_OK):
        raise SgError(f"cannot write to {path}", "Permission denied")


def _is_stream(path: Path) -> bool:
    """Whether a path leads to a device or a pipe; /dev/stdout may lead to a file, too."""
    if path.parent == Path("/dev"):
        return True
    return path.exists() and not path.is_file()


def _mode(path: Path) -> int:
    """The permissions of an existing file, or those of a new one."""
    with suppress(OSError):
        return stat.S_IMODE(path.stat().st_mode)
    umask = os.umask(0)
    os.umask(umask)
    return 0o666 & ~umask


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
