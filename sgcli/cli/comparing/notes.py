"""Why a row has no numbers: a column that is there where a row needs it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sgcli.cli.formats import Column, Table

NOTE = Column("note", "note", show=lambda note: note or "")


def table(
    columns: Sequence[Column], rows: Sequence[Mapping[str, Any]], extra: Mapping[str, Any]
) -> Table:
    """The table of rows that each have a ``note`` or None."""
    noted = any(row["note"] for row in rows)
    return Table([*columns, NOTE] if noted else columns, rows, extra=extra)
