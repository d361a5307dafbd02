"""The files that a figure can be written to."""

from __future__ import annotations

from pathlib import Path

from sgcli.errors import SgError

FORMATS = ("png", "pdf", "svg")


def format_of(path: Path) -> str:
    """The format that a file's suffix asks for; :class:`SgError` for any other suffix."""
    suffix = path.suffix.lower().removeprefix(".")
    if suffix not in FORMATS:
        what = f"unknown suffix '{path.suffix}'" if suffix else "no suffix"
        raise SgError(f"{path}: {what}", f"end the name in {', '.join('.' + f for f in FORMATS)}")
    return suffix
