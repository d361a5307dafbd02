"""One run of ``sg gradcheck``: what is checked, how, and what came out."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from sgcli.checks import crossing, known, run, select
from sgcli.checks.dtypes import FORMATS
from sgcli.checks.subject import Begin, Subject, silent
from sgcli.checks.verdict import Errors, Report, words
from sgcli.definitions import formulas, guard, user
from sgcli.definitions.installed import required
from sgcli.definitions.peers import LIBRARIES
from sgcli.devices import check_device
from sgcli.errors import SgError

Say = Callable[[str], None]


def _silent(text: str) -> None:
    """Nothing is said."""


@dataclass(frozen=True)
class Listener:
    """Who hears of a run while it is made.

    ``say`` gets what a person should read, ``step`` where the work is, and ``begin`` a subject and
    what is about to be done with it.
    """

    say: Say = _silent
    step: Say = _silent
    begin: Begin = silent


@dataclass(frozen=True)
class Results:
    """The report on each subject and, where they were asked for, its errors in each dtype."""

    reports: Sequence[Report]
    errors: Mapping[str, Sequence[Errors]] = field(default_factory=dict)


@dataclass(frozen=True)
class Session:
    """What to check and how, as it was given: plain data, which another process can be sent."""

    names: Sequence[str] = ()
    like: str = ""
    formula: str = ""
    lists: Mapping[str, Sequence[str]] = field(default_factory=dict)
    calls: Mapping[str, str] = field(default_factory=dict)
    timeout: float = guard.TIMEOUT
    against: str = ""
    dtypes: Sequence[str] = tuple(FORMATS)
    device: str = "cpu"
    require: Sequence[str] = ()
    require_peak: float | None = None
    quick: bool = False
    thorough: bool = False
    errors: bool = False

    @property
    def foreign(self) -> Sequence[str]:
        """The names of what somebody wrote, in a file or a package; not those of the catalogue."""
        return [
            name
            for name in (*self.names, self.like)
            if not name.startswith(formulas.PREFIX) and user.is_reference(name.partition(",")[0])
        ]

    def run(self, to: Listener) -> Results:
        """Check all in this process; :class:`SgError` for what cannot be loaded or judged."""
        if self.device != "cpu" and not self.quick:
            check_device(self.device)
        if self.against:
            return Results(self._against(to))
        subjects = self._subjects(to)
        if self.quick and (others := [s.name for s in subjects if not s.ours]):
            raise SgError(
                f"--quick checks definitions only, nothing of {others[0]}", "leave out --quick"
            )
        reports = self._check(subjects, to)
        return Results(reports, self._errors(subjects, to) if self.errors else {})

    def _subjects(self, to: Listener) -> list[Subject]:
        truth = select.Reference(self.like, self.formula, self.lists, self.timeout)
        if self.like:
            to.begin(self.like, "loading")
            truth.shape()
        result: list[Subject] = []
        # One by one, so that it is known which one ends the process.
        for name in self.names:
            to.begin(name, "loading")
            result += select.subjects([name], truth, self.calls, self.timeout)
        return result if self.names else select.subjects([], truth, self.calls, self.timeout)

    def _check(self, subjects: Sequence[Subject], to: Listener) -> list[Report]:
        shapes = "1 shape" if len(subjects) == 1 else f"{len(subjects)} shapes"
        to.say(f"checking {shapes} against 50 digits")
        result = []
        # Whatever a surrogate prints when it is called is no part of the result.
        with contextlib.redirect_stdout(sys.stderr):
            for report in run.reports(
                subjects,
                self.dtypes,
                self.device,
                self.require,
                self.require_peak,
                quick=self.quick,
                thorough=self.thorough,
                begin=to.begin,
            ):
                to.step(f"  {report.label}: {'ok' if report.ok else 'FAILED'}")
                result.append(report)
        return result

    def _errors(self, subjects: Sequence[Subject], to: Listener) -> dict[str, list[Errors]]:
        """The errors behind the figures; what raises has a verdict that says so, and no figure."""
        result = {}
        for subject in subjects:
            to.begin(subject.name, "errors")
            try:
                with contextlib.redirect_stdout(sys.stderr):
                    made = subject.made()
                    result[subject.name] = [
                        crossing.errors(made, FORMATS[d], self.device) for d in self.dtypes
                    ]
            except (Exception, SystemExit) as error:
                to.say(f"no figure of {subject.name}: {words(error)}")
        return result

    def _against(self, to: Listener) -> list[Report]:
        """The reports on a library's surrogates, or on those of ``all``, known defects marked.

        With ``all``, a library that is not installed is skipped with a notice; it is an error if it
        was named, or if none is installed.
        """
        reports = []
        for name in LIBRARIES if self.against == "all" else [self.against]:
            try:
                release = required(name)
            except SgError as error:
                if self.against != "all":
                    raise
                to.say(f"skipped: {error.message}; {error.hint}")
                continue
            to.say(f"{LIBRARIES[name].title} {release}")
            result = self._check(list(crossing.subjects_of(name)), to)
            reports += [known.judge(report, name, release) for report in result]
        if not reports:
            raise SgError("none of these libraries is installed", "pip install sgcli[peers]")
        return reports
