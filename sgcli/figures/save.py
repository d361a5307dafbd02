"""A figure as the bytes of a PNG, PDF or SVG file: the same bytes for the same figure."""

from __future__ import annotations

import hashlib
import io
import re
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from matplotlib.figure import Figure

from sgcli import __version__
from sgcli.errors import SgError
from sgcli.figures.look import applied
from sgcli.figures.style import STYLES

MOST_PIXELS = 100_000_000
CLIP = re.compile(rb'(?<=["#])p[0-9a-f]{10}(?=["\)])')


def render(
    figure: Figure, format: str, style: str = "default", dpi: float | None = None, command: str = ""
) -> bytes:
    """Write a figure to memory; ``command``, which draws it again, goes into the metadata.

    No date is written and the ids of an SVG are salted alike, so equal figures are equal files.
    """
    look = STYLES[style]
    resolution = dpi or look.dpi
    width, height = figure.get_size_inches() * resolution
    if format == "png" and (max(width, height) >= 2**16 or width * height > MOST_PIXELS):
        raise SgError(
            f"{width:.0f} × {height:.0f} pixels are too many", "a smaller --dpi or a pdf has room"
        )
    file = io.BytesIO()
    with applied(look), room(figure):
        figure.savefig(file, format=format, dpi=resolution, metadata=_metadata(format, command))
    return _numbered(file.getvalue()) if format == "svg" else file.getvalue()


@contextmanager
def room(figure: Figure) -> Iterator[None]:
    """:class:`SgError` where matplotlib finds no place for the axes beside their texts."""
    try:
        with warnings.catch_warnings():
            warnings.filterwarnings("error", message="constrained_layout not applied")
            yield
    except (UserWarning, ValueError) as error:
        if not re.search("constrained_layout|cannot be >=", str(error)):
            raise
        width, height = figure.get_size_inches()
        raise SgError(
            f"a figure of {width:g} × {height:g} inches has no room for its axes and their texts",
            "a wider or higher one, or fewer panels",
        ) from error


def _numbered(svg: bytes) -> bytes:
    """The ids of clip paths as numbers, with a sum of the file, as pages may hold several.

    Matplotlib's hang on the last digits of positions, which the solver of the layout rounds in the
    order of addresses in memory.
    """
    result = list(dict.fromkeys(CLIP.findall(svg)))
    tag = hashlib.sha256(CLIP.sub(b"", svg)).hexdigest()[:8]
    names = {name: f"p{number}-{tag}".encode() for number, name in enumerate(result)}
    return CLIP.sub(lambda match: names[match[0]], svg)


def _metadata(format: str, command: str) -> dict[str, Any]:
    program = f"sgcli {__version__}"
    if format == "png":
        return {"Software": program, "Description": command}
    if format == "pdf":
        return {"Creator": program, "Subject": command, "CreationDate": None}
    return {"Creator": program, "Description": command, "Date": None}
