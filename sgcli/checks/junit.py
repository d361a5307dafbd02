"""Reports as JUnit XML, which every CI shows."""

from __future__ import annotations

from collections.abc import Sequence
from xml.etree import ElementTree

from sgcli.checks.verdict import Report, Verdict


def to_junit(reports: Sequence[Report]) -> bytes:
    """One suite a surrogate, one case a check; notes and known failures pass, with their text."""
    root = ElementTree.Element("testsuites", name="sg gradcheck")
    for report in reports:
        suite = ElementTree.SubElement(
            root,
            "testsuite",
            name=report.label,
            tests=str(len(report.verdicts)),
            failures=str(len(report.failures)),
            skipped=str(sum(v.status == "skip" for v in report.verdicts)),
        )
        for verdict in report.verdicts:
            _case(suite, report.label, verdict)
    ElementTree.indent(root)
    return bytes(ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)) + b"\n"


def _case(suite: ElementTree.Element, label: str, verdict: Verdict) -> None:
    case = ElementTree.SubElement(suite, "testcase", classname=label, name=verdict.name)
    if verdict.status == "fail":
        ElementTree.SubElement(case, "failure", message=verdict.failure)
    elif verdict.status == "skip":
        ElementTree.SubElement(case, "skipped", message=verdict.detail)
    elif verdict.status in ("known", "note"):
        output = ElementTree.SubElement(case, "system-out")
        output.text = f"{verdict.status}: {verdict.failure}"
