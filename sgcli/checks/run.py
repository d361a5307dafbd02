"""Run the laws over shapes: the torch-free ones first, then those of the torch implementation."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from sgcli.checks import laws
from sgcli.checks.dtypes import FORMATS
from sgcli.checks.verdict import Report, Verdict
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
        if not entry.given:
            params = entry.definition.params.items()
            for end in (0, 1):
                shapes.append(Shape.of(entry.definition, **{k: p.typical[end] for k, p in params}))
    return list(dict.fromkeys(shapes))


def of_definition(shape: Shape, require_peak: float | None = None) -> tuple[Verdict, ...]:
    """The laws of the mathematics; the peak decides at a catalogue default, or where asked."""
    ours = REGISTRY.get(shape.name) is shape.definition
    required = 1.0 if require_peak is None and ours and shape.is_default else require_peak
    return laws.derivative(shape), laws.evaluation(shape), laws.peak(shape, required)


def of_torch(shape: Shape, dtypes: Sequence[str], device: str = "cpu") -> Iterator[Verdict]:
    """The laws of our torch implementation of a shape."""
    from sgcli import surrogate

    made: Any = surrogate.of(shape.definition)
    spikes, primitive = made(*shape.values), made(*shape.values, spiking=False)
    for name in dtypes:
        yield laws.forward(shape, spikes, FORMATS[name], device)
        yield laws.backward(shape, spikes, FORMATS[name], device)
        yield laws.primitive(shape, primitive, FORMATS[name], device)


def check(
    shape: Shape,
    dtypes: Sequence[str] = tuple(FORMATS),
    device: str = "cpu",
    require_peak: float | None = None,
) -> Report:
    """Every verdict on one shape."""
    of_maths = of_definition(shape, require_peak)
    return Report(shape, (*of_maths, *of_torch(shape, dtypes, device)))
