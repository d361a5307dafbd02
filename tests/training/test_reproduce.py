"""Claims held against trainings."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch

from sgcli.training import reproduce as module
from sgcli.training.grid import Cell
from sgcli.training.protocols import Protocol, PublishedResult, named
from sgcli.training.reproduce import (
    FAILED,
    MISSED,
    REPRODUCED,
    SKIPPED,
    UNJUDGED,
    judged,
    reproduce,
    row,
)

pytestmark = pytest.mark.usefixtures("without_figures")
MEAN = {"what": "accuracy", "published": 0.9}


@pytest.mark.parametrize(
    ("given", "value", "sd", "seeds", "verdict"),
    [
        # 2.776 · 0.005 · √(6/5) = 0.01521
        (MEAN, 0.9152, 0.005, 5, REPRODUCED),
        (MEAN, 0.8847, 0.005, 5, MISSED),
        # 4.303 · 0.005 · √(4/3) = 0.02484
        (MEAN, 0.9248, 0.005, 3, REPRODUCED),
        (MEAN, 0.9249, 0.005, 3, MISSED),
        (MEAN, 0.9, 0.005, 2, UNJUDGED),
        (MEAN, 0.1, 0.005, 2, UNJUDGED),
        (MEAN, 0.9, None, 1, UNJUDGED),
        # However near the seeds, 10,000 images: 1.960 · 0.003 · √(6/5) = 0.00644
        (MEAN, 0.9064, 0.0001, 5, REPRODUCED),
        (MEAN, 0.8935, 0.0001, 5, MISSED),
        ({**MEAN, "samples": 100}, 0.964, 0.0001, 5, REPRODUCED),
        # A loss is no count.
        ({**MEAN, "measure": "loss"}, 0.9064, 0.0001, 5, MISSED),
        # Seeds so far apart that they agree with anything.
        (MEAN, 0.9, 0.0101, 5, UNJUDGED),
        (MEAN, 0.8, 0.0101, 5, MISSED),
        ({**MEAN, "spread": 0.03}, 0.9, 0.0101, 5, REPRODUCED),
        ({"what": "loss", "below": 0.5}, 0.499, 0.4, 3, REPRODUCED),
        ({"what": "loss", "below": 0.5}, 0.5, 0.0, 3, MISSED),
        ({"what": "loss", "below": 0.5}, 0.499, 0.4, 2, UNJUDGED),
        ({"what": "loss", "above": 0.65}, 0.651, 0.1, 3, REPRODUCED),
        ({"what": "loss", "above": 0.65}, 0.65, 0.1, 3, MISSED),
    ],
)
def test_the_verdict(
    given: dict[str, Any], value: float, sd: float | None, seeds: int, verdict: str
) -> None:
    assert judged(PublishedResult(**given), value, sd, seeds) == verdict


TINY: dict[str, Any] = {
    "task": "spytorch", "hidden": [4], "neuron": "lif", "surrogate": "atan", "readout": "spikes",
    "loss": "cross_entropy", "time": 10, "batch_size": 64, "epochs": 3, "evaluate_every": 1,
    "encoder": "given", "tau": 2.0, "init": "gaussian", "init_scale": 20.0, "fire_above": False,
}  # fmt: skip


@pytest.fixture
def tiny() -> Protocol:
    """Two arms whose trainings take a tenth of a second."""
    claims = [
        PublishedResult("loss at first", arm="a", measure="loss", epoch=1, above=0.0),
        PublishedResult("loss at the end", arm="a", measure="loss", statistic="median", above=0.0),
        PublishedResult("best", arm="b", best=True, published=1.0),
        PublishedResult("long", arm="b", full=True, published=0.5),
    ]
    return Protocol("tiny", TINY, "https://here", claims, {"a": {}, "b": {"lr": 0.1}})


def test_claims_are_held_against_every_seed(tiny: Protocol, tmp_path: Path) -> None:
    heard: list[tuple[int, str]] = []
    found = reproduce(
        [tiny],
        3,
        tmp_path,
        progress=lambda n, total, name, cell: heard.append((n, name)),
        processes=1,
    )
    assert [n for n, _ in heard] == [1, 2, 3, 4, 5, 6]
    assert heard[1][1] == "tiny, b, seed 0"
    assert len(list(tmp_path.iterdir())) == 6
    assert [o.verdict for o in found] == [REPRODUCED, REPRODUCED, MISSED]
    first, last, best = found
    assert len(set(first.values)) == 3
    assert first.values != last.values
    assert last.value == sorted(last.values)[1]
    for cell, value in zip(last.cells, last.values, strict=True):
        assert cell.result is not None
        assert value == cell.result.loss
        assert cell.settings.lr != best.cells[0].settings.lr
    for cell, value in zip(best.cells, best.values, strict=True):
        assert cell.accuracy is not None
        assert value >= cell.accuracy
    assert row(first)["sd"] == pytest.approx(torch.tensor(first.values).double().std().item())
    assert row(first)["margin"] is None
    assert row(best)["margin"] == pytest.approx(4.30265 * row(best)["sd"] * (4 / 3) ** 0.5, 1e-5)
    # What is finished is not trained again.
    times = {p: p.stat().st_mtime_ns for p in tmp_path.glob("*/result.json")}
    again = reproduce([tiny], 3, tmp_path, processes=1)
    assert [o.values for o in again] == [o.values for o in found]
    assert {p: p.stat().st_mtime_ns for p in tmp_path.glob("*/result.json")} == times


def test_a_training_without_a_result_misses(tiny: Protocol, tmp_path: Path) -> None:
    lost = Protocol(
        "tiny", {**TINY, "optimizer": "sgd", "lr": 1e300}, "", [PublishedResult("end", above=0.0)]
    )
    (found,) = reproduce([lost], 2, tmp_path, processes=1)
    assert found.verdict == MISSED
    assert found.value is None
    assert found.note


def test_a_value_of_some_seeds_only_is_none(tiny: Protocol) -> None:
    settings = tiny.settings_of("a", 0)
    outcome = module.Outcome(tiny, tiny.claims[0], [0.5], [Cell(settings, None, "no disk")] * 2)
    assert outcome.value is None
    assert outcome.verdict == FAILED


@pytest.mark.parametrize(
    "claim", [PublishedResult("end", published=0.9), PublishedResult("end", above=0.95)]
)
def test_fewer_than_three_seeds_are_not_judged(tiny: Protocol, claim: PublishedResult) -> None:
    """Neither for nor against."""
    settings = tiny.settings_of("a", 0)
    cells = [Cell(settings, None)] * 3
    for values in ([0.5], [0.5, 0.5], [0.96, 0.96]):
        outcome = module.Outcome(tiny, claim, values, cells[: len(values)])
        assert outcome.verdict == UNJUDGED
        assert row(outcome)["margin"] is None
    assert module.Outcome(tiny, claim, [0.5] * 3, cells).verdict == MISSED


def test_why_there_is_no_verdict_is_said(tiny: Protocol, tmp_path: Path) -> None:
    found = reproduce([tiny], 2, tmp_path, processes=1)
    assert {o.verdict for o in found} == {UNJUDGED}
    assert {o.note for o in found} == {"not judged: fewer than 3 seeds"}
    near = Protocol("near", TINY, "", [PublishedResult("end", published=0.5, samples=10)])
    (apart,) = reproduce([near], 3, tmp_path, processes=1)
    assert apart.verdict == UNJUDGED
    assert apart.note == "not judged: the sd of the seeds is over 1 %"


def test_without_a_gpu_what_needs_one_is_said_so(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    found = reproduce([named("plif-mnist")], 5, tmp_path)
    assert [o.verdict for o in found] == [SKIPPED]
    assert found[0].note == "needs a GPU"
    assert not list(tmp_path.iterdir())
