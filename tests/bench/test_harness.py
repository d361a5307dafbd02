from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sgcli.bench import suites
from sgcli.bench.harness import Bar, compare
from sgcli.measure.rounds import interleave, quartiles


class Machine:
    """A clock that only the contestants move, by seconds that they and the round choose."""

    def __init__(self) -> None:
        self.now = 0.0
        self.order: list[str] = []

    def clock(self) -> float:
        return self.now

    def contestant(self, name: str, seconds: Callable[[], float]) -> Callable[[], None]:
        def run() -> None:
            self.order.append(name)
            self.now += seconds()

        return run


def test_a_machine_that_slows_down_changes_no_ratio() -> None:
    machine = Machine()

    def load() -> float:
        return 1.0 + (len(machine.order) - 1) // 2  # 1 in the first round, 2 in the second, …

    runs = {"a": machine.contestant("a", load), "b": machine.contestant("b", lambda: 2 * load())}
    (row,) = compare("test", runs, "a", 7, clock=machine.clock)
    assert (row.q1, row.ratio, row.q3) == pytest.approx((2, 2, 2))
    assert row.met is None


def test_ratio_is_time_over_that_of_the_baseline() -> None:
    machine = Machine()
    runs = {name: machine.contestant(name, lambda s=s: s) for name, s in [("a", 2.0), ("b", 6.0)]}
    (row,) = compare("test", runs, "a", 5, Bar("at least", 3), machine.clock)
    assert (row.ratio, row.q1, row.q3) == pytest.approx((3, 3, 3))
    assert (row.seconds, row.base_seconds) == pytest.approx((6, 2))
    assert row.met is True


def test_a_turn_of_many_calls_tells_the_time_of_one() -> None:
    machine = Machine()
    runs = {name: machine.contestant(name, lambda s=s: s) for name, s in [("a", 2.0), ("b", 6.0)]}
    (row,) = compare("test", runs, "a", 5, clock=machine.clock, calls=10)
    assert (row.seconds, row.base_seconds, row.ratio) == pytest.approx((6, 2, 3))
    assert machine.order[:20] == ["a"] * 10 + ["b"] * 10


def test_contestants_take_turns_and_the_first_round_does_not_count() -> None:
    machine = Machine()
    runs = {name: machine.contestant(name, lambda: 1.0) for name in "abc"}
    times = interleave(runs, 6, machine.clock)
    rounds = [machine.order[i : i + 3] for i in range(0, len(machine.order), 3)]
    assert len(rounds) == 7
    assert all(sorted(r) == ["a", "b", "c"] for r in rounds)
    assert {r[0] for r in rounds} == {"a", "b", "c"}
    assert all(len(t) == 6 for t in times.values())


@given(st.lists(st.floats(0.1, 10), min_size=1, max_size=20))
def test_quartiles_are_in_order_and_within_the_data(values: list[float]) -> None:
    q1, median, q3 = quartiles(values)
    slack = 1e-12
    assert min(values) - slack <= q1 <= median + slack
    assert median - slack <= q3 <= max(values) + slack


@pytest.mark.parametrize(
    ("bar", "ratio", "met"),
    [
        (Bar("at most", 2.5), 2.5, True),
        (Bar("at most", 2.5), 2.6, False),
        (Bar("at least", 3), 3.0, True),
        (Bar("at least", 3), 2.9, False),
    ],
)
def test_bars(bar: Bar, ratio: float, met: bool) -> None:
    assert bar.met(ratio) is met


def small(monkeypatch: pytest.MonkeyPatch, suite: Any) -> None:
    """Tensors of a few elements, and malloc as it is."""
    monkeypatch.setattr(suite, "keep_pages", lambda: None, raising=False)
    few = {
        "SIZE": 8,
        "LARGE": 8,
        "SCALES": range(5, 12),
        "SHAPES": ((2, 2, 2),),
        "ELEMENTS": 1000,
    }
    for name, value in few.items():
        if hasattr(suite, name):
            monkeypatch.setattr(suite, name, value)


def test_without_peers_ours_still_runs_and_they_are_skipped(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from sgcli.bench import op

    small(monkeypatch, op)
    monkeypatch.setattr(op, "release", lambda name: None)
    rows = list(suites.op(1, 1))
    missing = [row for row in rows if row.contestant not in {op.OURS, *op.OVERHEADS}]
    assert missing
    assert all(row.ratio is None and "not installed" in row.reason for row in missing)
    assert all(row.ratio or row.reason for row in rows)


@pytest.mark.peer
def test_every_peer_that_has_the_function_is_timed(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("spikingjelly")
    pytest.importorskip("snntorch")
    from sgcli.bench import op

    small(monkeypatch, op)
    rows = list(suites.op(1, 1))
    assert {row.contestant for row in rows} == {*op.STANDALONE, *op.OVERHEADS, op.OURS}
    assert all(row.ratio and row.ratio > 0 for row in rows)


def test_sequences_are_timed_with_and_without_kernels(monkeypatch: pytest.MonkeyPatch) -> None:
    from sgcli.bench import lif

    small(monkeypatch, lif)
    monkeypatch.setattr(lif, "release", lambda name: None)
    rows = list(suites.lif(1, 1))
    assert {row.contestant for row in rows} >= {lif.OURS, lif.TORCH, "T = 1000"}
    assert all((row.ratio is None) == bool(row.reason) for row in rows)


def test_time_over_the_baseline_is_a_bar_too() -> None:
    machine = Machine()
    seconds = {"a": 10e-6, "b": 45e-6}
    runs = {name: machine.contestant(name, lambda s=s: s) for name, s in seconds.items()}
    (row,) = compare("test", runs, "a", 5, Bar("at most", 30, "µs over"), machine.clock)
    assert row.met is False
    (row,) = compare("test", runs, "a", 5, Bar("at most", 36, "µs over"), machine.clock)
    assert row.met is True
