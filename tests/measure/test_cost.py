"""What surrogates cost."""

from __future__ import annotations

import pytest

from sgcli.definitions import Shape
from sgcli.measure.cost import costs
from sgcli.measure.rounds import ratios
from tests.strategies import DEFINITIONS


def test_every_surrogate_is_timed_also_those_that_draw():
    shapes = [Shape.of(definition) for definition in DEFINITIONS]
    found = costs(shapes, rounds=2, size=64)
    assert [one.shape for one in found] == shapes
    for one in found:
        assert one.nanoseconds > 0
        assert 0 < one.q1 <= one.copies <= one.q3


def test_two_passes_take_longer_than_one_copy():
    (one,) = costs([Shape.of(DEFINITIONS[0])], rounds=5, size=1 << 18)
    assert one.copies > 1


def test_ratios_are_of_one_round():
    times = {"a": [1.0, 4.0], "b": [3.0, 8.0]}
    assert ratios(times, "b", "a") == pytest.approx([3.0, 2.0])
