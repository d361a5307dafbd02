"""One run of ``sg gradcheck``: what is checked, how, and the reports."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

from sgcli.checks import run
from sgcli.checks.dtypes import FORMATS
from sgcli.checks.subject import Subject
from sgcli.checks.verdict import Report
from sgcli.definitions.peers import LIBRARIES
from sgcli.errors import SgError

Say = Callable[[str], None]


def _silent(text: str) -> None:
    """Nothing is said."""


@dataclass(frozen=True)
class Session:
    """How to check; ``say`` gets what a person should read, ``step`` where the work is."""

    dtypes: Sequence[str] = tuple(FORMATS)
    device: str = "cpu"
    require: Collection[str] = ()
    require_peak: float | None = None
    quick: bool = False
    thorough: bool = False
    say: Say = _silent
    step: Say = _silent

    def check(self, subjects: Sequence[Subject]) -> list[Report]:
        """The report on each subject."""
        shapes = "1 shape" if len(subjects) == 1 else f"{len(subjects)} shapes"
        self.say(f"checking {shapes} against 50 digits")
        reports = []
        # Whatever a surrogate prints when it is called is no part of the result.
        with contextlib.redirect_stdout(sys.stderr):
            for text, report in run.steps(
                subjects,
                self.dtypes,
                self.device,
                self.require,
                self.require_peak,
                quick=self.quick,
                thorough=self.thorough,
            ):
                if text:
                    self.step(f"  {text}")
                if report is not None:
                    reports.append(report)
        return reports

    def against(self, library: str) -> list[Report]:
        """The reports on a library's surrogates, or on those of ``all``, known defects marked.

        A library that is not installed is skipped with a notice.
        """
        from sgcli.checks import known, peers

        reports = []
        for name in LIBRARIES if library == "all" else [library]:
            try:
                release = peers.release(name)
            except SgError as error:
                self.say(f"skipped: {error.message}; {error.hint}")
                continue
            self.say(f"{LIBRARIES[name].title} {release}")
            found = self.check(list(peers.subjects(name)))
            reports += [known.judge(report, name, release) for report in found]
        return reports
