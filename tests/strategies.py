"""What the tests draw from: shapes of the catalogue, with parameters from their typical ranges."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest
from hypothesis import strategies as st

from sgcli.definitions import REGISTRY, Definition, Shape

DEFINITIONS = list(REGISTRY.values())
WITH_PRIMITIVE = [d for d in DEFINITIONS if not d.no_primitive]
DETERMINISTIC = [d for d in DEFINITIONS if not d.is_random()]


def name_of(definition: type[Definition]) -> str:
    """The id of a parametrised test."""
    return definition.name


def one_fast(cases: Iterable[Any]) -> list[Any]:
    """The cases of an expensive law: the first, and in the slow tests the others."""
    first, *others = cases
    return [first, *(pytest.param(case, marks=pytest.mark.slow) for case in others)]


@st.composite
def shapes_of(draw: st.DrawFn, definition: type[Definition]) -> Shape:
    values = {}
    for name, p in definition.params.items():
        low, high = p.typical
        values[name] = draw(st.integers(int(low), int(high)) if p.integer else st.floats(low, high))
    return Shape.of(definition, **values)


def shapes() -> st.SearchStrategy[Shape]:
    """Any shape of the catalogue."""
    return st.sampled_from(DEFINITIONS).flatmap(shapes_of)


def away_from(edges: list[float], x: float) -> bool:
    """Whether x is no kink or jump, where derivatives are what they are said to be."""
    return all(abs(x - e) > 1e-9 * max(1.0, abs(e)) for e in edges)
