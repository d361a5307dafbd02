"""Known defects turn failures into known ones, and a defect that has gone into a failure."""

from __future__ import annotations

from dataclasses import replace

import pytest

from sgcli.checks.known import KNOWN, NOT_REPORTED, Known, judge, surrogate_of
from sgcli.checks.verdict import Report, Verdict
from sgcli.definitions import LIBRARIES, REGISTRY, Shape
from sgcli.definitions.expression import names, parse

SHAPE = Shape.of(REGISTRY["sigmoid"], alpha=25)
TABLE = (
    Known(
        "snntorch",
        "1.0.0",
        "sigmoid",
        ("backward *", "finite *"),
        "it overflows",
        when="alpha > 1",
        where="alpha*x < -40",
        issue="a link",
    ),
    Known("snntorch", "1.0.0", "LSO", ("*",), "it raises"),
)
LEFT = Verdict("backward", "fail", "float32", x=-3.0)
RIGHT = Verdict("backward", "fail", "float32", x=3.0)
RIGHT_PASSES = Verdict("backward", "pass", "float32")
FORWARD = Verdict("forward", "pass", "float32")


def report(
    *verdicts: Verdict, label: str = "snntorch:sigmoid(slope=25)", shape: Shape = SHAPE
) -> Report:
    return Report.of(shape, verdicts, label)


def statuses(found: Report) -> list[str]:
    return [v.status for v in found.verdicts]


def test_a_failure_in_its_region_is_known_and_says_why() -> None:
    found = judge(report(FORWARD, LEFT), "snntorch", "1.0.0", TABLE)
    assert statuses(found) == ["pass", "known"]
    assert found.ok
    assert found.verdicts[1].detail == "it overflows [a link]"
    assert found.verdicts[1].x == -3.0


def test_a_failure_elsewhere_is_new_and_the_known_one_gone() -> None:
    found = judge(report(RIGHT), "snntorch", "1.0.0", TABLE)
    assert statuses(found) == ["fail", "fail"]
    assert "no longer shows: it overflows" in found.verdicts[1].failure


def test_another_check_of_the_same_surrogate_is_new() -> None:
    other = Verdict("primitive", "fail", "float32", x=-3.0)
    assert statuses(judge(report(LEFT, other), "snntorch", "1.0.0", TABLE)) == ["known", "fail"]


def test_a_defect_that_has_gone_is_a_failure() -> None:
    found = judge(report(RIGHT_PASSES), "snntorch", "1.0.0", TABLE)
    assert statuses(found) == ["pass", "fail"]
    assert not found.ok


def test_what_did_not_run_has_not_gone() -> None:
    assert judge(report(FORWARD), "snntorch", "1.0.0", TABLE).ok
    skipped = Verdict("finite", "skip", "float32")
    assert judge(report(FORWARD, skipped), "snntorch", "1.0.0", TABLE).ok


def test_one_dtype_in_which_it_shows_is_enough() -> None:
    assert judge(report(RIGHT_PASSES, LEFT), "snntorch", "1.0.0", TABLE).ok


@pytest.mark.parametrize(
    ("library", "release", "label", "alpha"),
    [
        ("snntorch", "1.0.1", "snntorch:sigmoid(slope=25)", 25),
        ("norse", "1.0.0", "norse:sigmoid(k=25)", 25),
        ("snntorch", "1.0.0", "snntorch:atan(alpha=25)", 25),
        ("snntorch", "1.0.0", "snntorch:sigmoid(slope=0.5)", 0.5),
    ],
)
def test_another_release_library_surrogate_or_parameter_excuses_nothing(
    library: str, release: str, label: str, alpha: float
) -> None:
    given = report(LEFT, label=label, shape=Shape.of(REGISTRY["sigmoid"], alpha=alpha))
    assert statuses(judge(given, library, release, TABLE)) == ["fail"]


def test_an_exception_has_no_x_and_is_known_by_its_check() -> None:
    raised = replace(LEFT, x=None, detail="TypeError: no")
    assert statuses(judge(report(raised), "snntorch", "1.0.0", TABLE)) == ["known"]
    found = judge(report(LEFT, FORWARD, label="snntorch:LSO()"), "snntorch", "1.0.0", TABLE)
    assert statuses(found) == ["known", "pass"]


def test_notes_in_half_precision_are_marked_too() -> None:
    half = Verdict("backward", "note", "float16", x=-3.0)
    other = Verdict("backward", "note", "float16", x=3.0)
    assert statuses(judge(report(LEFT, half, other), "snntorch", "1.0.0", TABLE)) == [
        "known",
        "known",
        "note",
    ]


def test_the_name_in_a_label() -> None:
    assert surrogate_of(report(label="norse:super(alpha=100)")) == "super"
    assert surrogate_of(report(label="snntorch:straight_through_estimator()")) == (
        "straight_through_estimator"
    )


@pytest.mark.parametrize("known", KNOWN, ids=lambda k: f"{k.library}-{k.surrogate}")
def test_entries_of_the_table_can_be_read(known: Known) -> None:
    assert known.release == LIBRARIES[known.library].release
    assert known.issue in ("", NOT_REPORTED) or known.issue.startswith("https://github.com/")
    parameters = {name for d in REGISTRY.values() for name in d.params}
    for condition in filter(None, (known.when, known.where)):
        assert set(names(parse(condition))) <= parameters | {"x"}
    assert "x" not in (names(parse(known.when)) if known.when else [])
