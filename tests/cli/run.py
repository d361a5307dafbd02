"""Run ``sg`` in this process."""

from __future__ import annotations

from typing import NamedTuple

from sgcli.cli.main import main


class Outcome(NamedTuple):
    """What a command did."""

    status: int
    out: str
    err: str


def sg(capsys, *args: str) -> Outcome:
    status = main(list(args))
    captured = capsys.readouterr()
    return Outcome(status, captured.out, captured.err)
