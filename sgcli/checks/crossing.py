"""The only way from the checks that need no torch to those in ``on_torch``.

Importing torch takes a second, which ``sg gradcheck --quick`` has no use for: each function here
imports what it calls when it is called.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence

from sgcli.checks.dtypes import Format
from sgcli.checks.subject import Begin, Subject
from sgcli.checks.verdict import Errors, Verdict
from sgcli.definitions.core import Shape


def of_torch(
    subject: Subject,
    dtypes: Sequence[str],
    device: str,
    require: Collection[str],
    capabilities: bool,
    thorough: bool,
    begin: Begin,
) -> Iterator[Verdict]:
    """As :func:`sgcli.checks.on_torch.run.of_torch`."""
    from sgcli.checks.on_torch import run

    return run.of_torch(subject, dtypes, device, require, capabilities, thorough, begin)


def errors(subject: Subject, format: Format, device: str) -> Errors:
    """As :func:`sgcli.checks.on_torch.values.errors`."""
    from sgcli.checks.on_torch import values

    return values.errors(subject, format, device)


def subject_of(text: str, calls: Mapping[str, str], truth: Shape | None, timeout: float) -> Subject:
    """As :func:`sgcli.checks.on_torch.foreign.subject_of`."""
    from sgcli.checks.on_torch import foreign

    return foreign.subject_of(text, calls, truth, timeout)


def subjects_of(library: str) -> Iterator[Subject]:
    """As :func:`sgcli.checks.on_torch.peers.subjects`."""
    from sgcli.checks.on_torch import peers

    return peers.subjects(library)
