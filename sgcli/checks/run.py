"""Run the laws over subjects: those of the mathematics first, then those of the implementation."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import nullcontext
from functools import partial
from itertools import groupby

from sgcli.checks import crossing, laws
from sgcli.checks.dtypes import FORMATS
from sgcli.checks.subject import Begin, Subject, of_shape, silent
from sgcli.checks.verdict import Report, Verdict, words
from sgcli.checks.workers import mapping
from sgcli.definitions.catalogue import REGISTRY
from sgcli.definitions.core import Shape
from sgcli.definitions.load import Named, expand


def shapes_of(named: Iterable[Named], lists: Mapping[str, Sequence[str]]) -> list[Shape]:
    """What was given, and for a bare name the default and both ends of the typical ranges."""
    if lists:
        return expand(named, lists)
    shapes: list[Shape] = []
    for entry in named:
        shapes.append(entry.shape)
        if not entry.parameters:
            params = entry.definition.params.items()
            for end in (0, 1):
                shapes.append(Shape.of(entry.definition, **{k: p.typical[end] for k, p in params}))
    return list(dict.fromkeys(shapes))


def of_definition(
    shape: Shape, require_peak: float | None = None, begin: Begin = silent
) -> tuple[Verdict, ...]:
    """The laws of the mathematics; the peak decides at a catalogue default, or where asked."""
    ours = REGISTRY.get(shape.name) is shape.definition
    required = 1.0 if require_peak is None and ours and shape.is_default else require_peak
    derivative = _guarded("derivative", laws.derivative, shape, begin)
    evaluation = _guarded("evaluation", laws.evaluation, shape, begin)
    return derivative, evaluation, _peak(shape, required, begin)


def _peak(shape: Shape, required: float | None, begin: Begin) -> Verdict:
    return _guarded("peak", partial(laws.peak, required=required), shape, begin)


def _guarded(name: str, law: Callable[[Shape], Verdict], shape: Shape, begin: Begin) -> Verdict:
    """The verdict of a law; an exception of a definition is a failure."""
    begin(shape.label, name)
    try:
        return law(shape)
    except (Exception, SystemExit) as error:
        return Verdict(name, "fail", detail=words(error))


def reports(
    subjects: Sequence[Subject],
    dtypes: Sequence[str] = tuple(FORMATS),
    device: str = "cpu",
    require: Collection[str] = (),
    require_peak: float | None = None,
    *,
    quick: bool = False,
    thorough: bool = False,
    begin: Begin = silent,
) -> Iterator[Report]:
    """Each report when it is complete.

    The laws of the mathematics come first for all subjects. What a surrogate is capable of is asked
    once, not for each of its shapes; with ``quick`` nothing is asked of torch. Where ``begin`` is
    to hear of each subject and check before it is made, all are made in this process.
    """
    groups = [list(group) for _, group in groupby(subjects, _whose)]
    maths = partial(_maths, require_peak=require_peak, begin=begin)
    values = partial(
        _values, dtypes=dtypes, device=device, require=require, thorough=thorough, begin=begin
    )
    with mapping(groups, device) if begin is silent else nullcontext(map) as each:
        of_maths = list(each(maths, groups))
        of_values = [[()] * len(group) for group in groups] if quick else each(values, groups)
        for group, before, after in zip(groups, of_maths, of_values, strict=True):
            for subject, first, second in zip(group, before, after, strict=True):
                verdicts = (*first, *second)
                yield Report.of(subject.shape, verdicts, subject.name, subject.like)


def _whose(subject: Subject) -> object:
    """What subjects have in common that are shapes of one surrogate."""
    return subject.shape.definition if subject.ours else subject.name.partition("(")[0]


def _maths(
    group: Sequence[Subject], require_peak: float | None, begin: Begin
) -> list[tuple[Verdict, ...]]:
    def of(subject: Subject) -> tuple[Verdict, ...]:
        if subject.ours:
            return of_definition(subject.shape, require_peak, begin)
        # The maximum of what somebody else's should be, where one is asked for.
        return () if require_peak is None else (_peak(subject.shape, require_peak, begin),)

    return list(map(of, group))


def _values(
    group: Sequence[Subject],
    dtypes: Sequence[str],
    device: str,
    require: Collection[str],
    thorough: bool,
    begin: Begin,
) -> list[tuple[Verdict, ...]]:
    return [
        tuple(crossing.of_torch(s, dtypes, device, require, i == 0, thorough, begin))
        for i, s in enumerate(group)
    ]


def check(
    subject: Subject | Shape,
    dtypes: Sequence[str] = tuple(FORMATS),
    device: str = "cpu",
    require: Collection[str] = (),
    require_peak: float | None = None,
) -> Report:
    """Every verdict on one subject; a shape stands for our implementation of it."""
    if isinstance(subject, Shape):
        subject = of_shape(subject)
    return next(reports([subject], dtypes, device, require, require_peak))
