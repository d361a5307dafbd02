"""sg gradcheck."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import TYPE_CHECKING, Any

import click

from sgcli.cli.console import Talk
from sgcli.cli.formats import Column, Table, emit, plain, serialize, to_json
from sgcli.cli.options import command as sg_command
from sgcli.cli.options import format_option, surrogates

if TYPE_CHECKING:
    from sgcli.checks.verdict import Report

DTYPES = ("float64", "float32", "bfloat16", "float16")


@sg_command("gradcheck")
@surrogates(expand=False)
@click.option("--dtype", multiple=True, type=click.Choice(DTYPES), help="Only these.")
@click.option("--device", default="cpu", help="Where the torch checks run.")
@click.option("--require-peak", type=float, help="Fail unless the maximum is this, at any shape.")
@click.option("--quick", is_flag=True, help="Only the checks that need no torch.")
@click.option("--thorough", is_flag=True, help="Compile with inductor too.")
@format_option()
def command(
    named: Any,
    lists: Any,
    dtype: Sequence[str],
    device: str,
    require_peak: float | None,
    quick: bool,
    thorough: bool,
    format: str,
    talk: Talk,
) -> int:
    r"""Prove each gradient against 50-digit arithmetic.

    A bare name is checked at its default shape and at both ends of its typical range. The
    derivative is compared with the exact derivative of the primitive, the torch forward and
    backward passes in four dtypes with the same truth, and the maximum gradient of a default shape
    must be 1. The exit status is 1 if anything fails.

    \b
    Examples:
      sg gradcheck all
      sg gradcheck soft-sign atan --alpha 0.5,2,8
      sg gradcheck sigmoid --dtype bfloat16 --format json
    """
    from sgcli.checks import run
    from sgcli.checks.subject import of_shape
    from sgcli.checks.verdict import Report
    from sgcli.devices import check_device

    shapes = run.shapes_of(named, lists)
    if device != "cpu" and not quick:
        check_device(device)
    talk.say(f"checking {len(shapes)} shapes against 50 digits")
    maths = {}
    for shape in shapes:
        maths[shape] = run.of_definition(shape, require_peak)
        talk.step(f"  {shape.label}: {'ok' if Report(shape, maths[shape]).ok else 'FAILED'}")
    reports = []
    seen: set[str] = set()  # what a surrogate is capable of does not depend on its shape
    for shape in shapes:
        subject, capable = of_shape(shape), shape.name not in seen
        seen.add(shape.name)
        of_torch = run.of_torch(
            subject, dtype or DTYPES, device, capabilities=capable, thorough=thorough
        )
        reports.append(Report(shape, (*maths[shape], *(() if quick else of_torch))))
        talk.step(f"  torch: {shape.label}")
    talk.stepped()
    _show(reports, format)
    if not quick:
        talk.say(
            "numbers: the largest error of the gradient as a share of what rounding allows; "
            "ULP and all points in --format json"
        )
    else:
        talk.say("--quick: only the checks that need no torch were run")
    return 0 if all(r.ok for r in reports) else 1


def _show(reports: Sequence[Report], format: str) -> None:
    if format == "json":
        print(
            to_json({"ok": all(r.ok for r in reports), "reports": [r.as_dict() for r in reports]})
        )
        return
    if format == "csv":
        rows = [{"surrogate": r.shape.label, **vars(v)} for r in reports for v in r.verdicts]
        print(serialize(Table([Column(k, k) for k in rows[0]], rows), "csv"))
        return
    rows = [_row(name, list(group)) for name, group in groupby(reports, lambda r: r.shape.name)]
    used = [c for c in COLUMNS if any(row.get(c.key) is not None for row in rows)]
    emit(Table(used, rows), format)
    for report in reports:
        for verdict in report.failures:
            print(f"FAILED  {report.shape.label}  {verdict.name}: {verdict.failure}")


COLUMNS = [
    Column("name", "surrogate", style="bold"),
    Column("derivative", "dσ/dx"),
    *[Column(d, d) for d in DTYPES],
    Column("peak", "peak", right=True),
    Column("verdict", "verdict"),
]


def _row(name: str, reports: Sequence[Report]) -> dict[str, Any]:
    """One line a surrogate: its shapes together, the peak of the first, which is the default."""
    verdicts = [v for r in reports for v in r.verdicts]
    peak = next(v for v in reports[0].verdicts if v.check == "peak")
    exact = [v for v in verdicts if v.check in ("derivative", "evaluation")]
    row: dict[str, Any] = {"name": name, "peak": plain(peak.got)}
    if peak.x:
        row["peak"] += f" at {plain(peak.x)}"
    row["derivative"] = "✗" if any(v.status == "fail" for v in exact) else "✓"
    for dtype in DTYPES:
        of_dtype = [v for v in verdicts if v.dtype == dtype and v.check != "evaluation"]
        if of_dtype:
            worst = max(v.error or 0 for v in of_dtype if v.check == "backward")
            failed = any(v.status == "fail" for v in of_dtype)
            row[dtype] = f"{'✗' if failed else '✓'} {worst:.2f}"
    row["verdict"] = "pass" if all(r.ok for r in reports) else "FAIL"
    return row
