"""Run the laws of a torch implementation."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from sgcli.checks.dtypes import FORMATS
from sgcli.checks.on_torch.capabilities import CAPABILITIES, VALUE_LIKE, capability
from sgcli.checks.on_torch.values import ONCE, VALUES, guarded
from sgcli.checks.subject import Begin, Subject, silent
from sgcli.checks.verdict import Verdict
from sgcli.errors import SgError
from sgcli.floats import HALVES


def of_torch(
    subject: Subject,
    dtypes: Sequence[str] = tuple(FORMATS),
    device: str = "cpu",
    require: Collection[str] = (),
    capabilities: bool = True,
    thorough: bool = False,
    begin: Begin = silent,
) -> Iterator[Verdict]:
    """The laws of a torch implementation, value by value and then its capabilities.

    ``require`` names capabilities that decide although the subject is not ours; ``half`` stands
    for the gradient in float16 and bfloat16. ``begin`` hears of each check before it is made.
    """
    subject = subject.made()
    for name in require:
        if name not in CAPABILITIES and name != "half":
            raise SgError(
                f"there is no check '{name}'", f"there are half, {', '.join(CAPABILITIES)}"
            )
    dtypes = [*dtypes, *(h for h in HALVES if "half" in require and h not in dtypes)]
    for name in dtypes:
        for law in VALUES:
            begin(subject.name, f"{law.__name__} {name}")
            verdict = guarded(law, subject, FORMATS[name], device)
            informs = name in HALVES and not subject.ours and "half" not in require
            yield verdict.as_note() if informs else verdict
    for law, name in ONCE:
        if name in dtypes:
            begin(subject.name, f"{law.__name__} {name}")
            yield guarded(law, subject, FORMATS[name], device)
    if capabilities:
        for name in CAPABILITIES:
            required = subject.ours or name in require or name in VALUE_LIKE
            begin(subject.name, name)
            yield capability(subject, name, required, thorough)
