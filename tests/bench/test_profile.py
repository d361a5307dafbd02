"""The parts of a training step."""

from __future__ import annotations

import functools
from typing import Any

import pytest

from sgcli.bench.profile import DATA, MATRIX, NEURONS, PARTS, profiled, shares
from sgcli.training.data import tasks
from sgcli.training.run.process import threads
from sgcli.training.run.trainer import Trainer
from sgcli.training.settings import settings_for

mnist = functools.cache(tasks.mnist)


def parts(**given: Any) -> dict[str, float]:
    settings = settings_for("mnist", limit=1000, batch_size=100, threads=1, **given)
    with threads(1):
        trainer = Trainer(settings, mnist().split("test", 1000))
        for _ in range(3):
            trainer.advance()
        found = [profiled(trainer, 2) for _ in range(3)]
    # What else the machine does makes some of them slower, none faster.
    return {part: min(sums[part] for sums in found) for part in PARTS}


def test_every_part_takes_time_and_wide_layers_are_matrix_products() -> None:
    found = parts()
    assert tuple(found) == PARTS
    assert all(seconds > 0 for seconds in found.values())
    wide, narrow = parts(hidden=[2000]), parts(hidden=[20])
    assert wide[MATRIX] / sum(wide.values()) > narrow[MATRIX] / sum(narrow.values())
    assert wide[MATRIX] > 5 * narrow[MATRIX]


def test_time_steps_cost_neurons_and_random_spikes_cost_data() -> None:
    # Far apart, so that the ratio holds on a machine that does other things too.
    short, long = parts(time=2, hidden=[500]), parts(time=800, hidden=[500])
    assert long[NEURONS] > 4 * short[NEURONS]
    assert parts(time=50, hidden=[500], encoder="poisson")[DATA] > 10 * long[DATA]


def test_neurons_that_go_step_by_step_are_neurons() -> None:
    """Their many operations, forwards and backwards, are not taken for something else."""
    found = parts(surrogate="poisson_pass")
    assert max(found, key=found.__getitem__) in (NEURONS, MATRIX)
    assert found[NEURONS] > 2 * parts()[NEURONS]


def test_shares_of_a_round_are_one() -> None:
    settings = settings_for("mnist", limit=1000, batch_size=50, hidden=[50], time=5, threads=1)
    with threads(1):
        *rows, plain = shares(settings, 1)
    assert [row.contestant for row in rows] == list(PARTS)
    assert sum(row.ratio or 0 for row in rows) == pytest.approx(1)
    assert sum(row.seconds or 0 for row in rows) == pytest.approx(rows[0].base_seconds)
    assert plain.contestant == "step not profiled"
