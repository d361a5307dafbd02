"""How reports of checks are shown: a line a surrogate, and each failure with its worst point."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sgcli import files
from sgcli.cli.console import Talk
from sgcli.cli.formats import Column, Table, emit, plain, serialize, to_json
from sgcli.floats import FLOATS

if TYPE_CHECKING:
    from sgcli.checks.verdict import Errors, Report, Verdict

DTYPES = tuple(FLOATS)
MARKS = {"fail": "✗", "known": "k", "note": "·", "pass": "✓"}
LEGEND = (
    "numbers: the largest error of the gradient as a share of what rounding allows; "
    "ULP and all points in --format json"
)


def show(reports: Sequence[Report], format: str) -> None:
    """Write reports to stdout in one of the formats."""
    if format == "json":
        documents = [r.as_dict() for r in reports]
        print(to_json({"ok": all(r.ok for r in reports), "reports": documents}))
        return
    if format == "csv":
        rows = [{"surrogate": r.label, **vars(v)} for r in reports for v in r.verdicts]
        print(serialize(Table([Column(k, k) for k in rows[0]], rows), "csv"))
        return
    groups = [(*key, list(group)) for key, group in groupby(reports, _whose)]
    count = Counter(title for title, _, _ in groups)
    rows = [
        _row(origin if origin and count[title] > 1 else title, group)
        for title, origin, group in groups
    ]
    used = [c for c in COLUMNS if any(row.get(c.key) is not None for row in rows)]
    emit(Table(used, rows), format)
    for report in reports:
        for verdict in report.failures:
            print(f"FAILED  {report.label}  {verdict.name}: {verdict.failure}")
    for line in dict.fromkeys(
        _known(r, v) for r in reports for v in r.verdicts if v.status == "known"
    ):
        print(line)
    for report in reports:
        noted = [v for v in report.verdicts if v.status == "note" and v.check != "peak"]
        if noted and not report.label.startswith(KNOWN_LIBRARIES):
            names = ", ".join(v.name for v in noted)
            print(f"note    {report.label}: {names}; not required (--require CHECK)")


KNOWN_LIBRARIES = ("spikingjelly:", "snntorch:", "norse:", "sinabs:")

COLUMNS = [
    Column("name", "surrogate", style="bold"),
    Column("derivative", "dσ/dx"),
    *[Column(d, d) for d in DTYPES],
    Column("capabilities", "capabilities"),
    Column("peak", "peak", right=True),
    Column("verdict", "verdict", meaning="pass, FAIL, or known: a defect of that release"),
]


def _whose(report: Report) -> tuple[str, str]:
    """What shares a line; of definitions of several files by one name each has its own."""
    return _title(report), report.origin if report.like == "own" else ""


def _title(report: Report) -> str:
    """What shares a line: all shapes of one surrogate."""
    if report.label.startswith(KNOWN_LIBRARIES):
        return report.label.partition("(")[0]
    return report.label if report.like != "own" else report.name


def _known(report: Report, verdict: Verdict) -> str:
    return f"known   {_title(report)}: {verdict.detail}"


def _worst(verdicts: Sequence[Verdict]) -> str:
    return next((s for s in MARKS if any(v.status == s for v in verdicts)), "pass")


def _row(title: str, reports: Sequence[Report]) -> dict[str, Any]:
    """One line a surrogate: its shapes together, the peak of the first, which is the default."""
    verdicts = [v for r in reports for v in r.verdicts]
    row: dict[str, Any] = {"name": title}
    exact = [v for v in verdicts if v.check in ("derivative", "evaluation")]
    if exact:
        skipped = any(v.status == "skip" for v in exact) and _worst(exact) == "pass"
        row["derivative"] = "n/a" if skipped else MARKS[_worst(exact)]
    for dtype in DTYPES:
        of_dtype = [v for v in verdicts if v.dtype == dtype and v not in exact]
        if of_dtype:
            errors = [v.error for v in of_dtype if v.check == "backward" and v.status == "pass"]
            number = f" {max(e or 0 for e in errors):.2f}" if errors else ""
            row[dtype] = MARKS[_worst(of_dtype)] + number
    other = [v for v in verdicts if not v.dtype and v.check not in ("peak", "derivative")]
    if other:
        row["capabilities"] = MARKS[_worst(other)]
    peak = next((v for v in reports[0].verdicts if v.check == "peak"), None)
    if peak and peak.got is not None:
        row["peak"] = plain(peak.got) + (f" at {plain(peak.x)}" if peak.x else "")
    known = any(v.status == "known" for v in verdicts)
    row["verdict"] = "FAIL" if not all(r.ok for r in reports) else "known" if known else "pass"
    return row


def write_junit(reports: Sequence[Report], path: Path) -> None:
    """The reports as a file for CI."""
    from sgcli.checks.junit import to_junit

    with files.whole(path) as file:
        file.write(to_junit(reports))


def draw_errors(errors: Mapping[str, Sequence[Errors]], folder: Path, talk: Talk) -> None:
    """A figure of the errors of each subject, in a folder that is made if it is missing."""
    from sgcli.figures.errors import errors as draw
    from sgcli.figures.save import render

    folder.mkdir(parents=True, exist_ok=True)
    for subject, samples in errors.items():
        name = "".join(c if c.isalnum() or c in "-_.," else "-" for c in subject)
        path = folder / f"{name}.png"
        with files.whole(path) as file:
            file.write(render(draw(samples, subject), "png"))
        talk.say(str(path))
