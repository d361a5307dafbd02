"""sg doctor."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING

from sgcli.cli.console import Talk, screen
from sgcli.cli.formats import Column, Table, emit
from sgcli.cli.options import command as sg_command
from sgcli.cli.options import format_option

if TYPE_CHECKING:
    from sgcli.doctor import Finding

COLUMNS = [Column(key, key) for key in ("topic", "item", "value", "note")]


@sg_command("doctor")
@format_option()
def command(format: str, talk: Talk) -> None:
    r"""Show the installed versions and kernels, and which sg this is.

    \b
    Examples:
      sg doctor
      python -m sgcli doctor --format json
    """
    from sgcli.doctor import diagnose

    findings = diagnose()
    if format == "table":
        print(_drawn(findings))
    else:
        emit(Table(COLUMNS, [asdict(finding) for finding in findings]), format)


def _drawn(findings: Sequence[Finding]) -> str:
    from sgcli.cli.sections import drawn, pairs, section

    least = max(len(f.item) for f in findings)
    topics = dict.fromkeys(f.topic for f in findings)

    def lines(topic: str) -> Iterator[tuple[str, str]]:
        for f in findings:
            if f.topic == topic:
                yield f.item, f"{f.value} ({f.note})" if f.note else f.value

    return drawn(screen(), [section(topic, pairs(lines(topic), least)) for topic in topics])
