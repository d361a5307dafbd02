"""The study of deep networks: what is trained, and what it comes to."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from sgcli.definitions import REGISTRY, Shape
from sgcli.errors import SgError
from sgcli.theory.coherence import coherence
from sgcli.training import deep, grid
from sgcli.training.data.samples import Data
from sgcli.training.deep import RATES, StudyPlan, pair, study

SMALL = StudyPlan(layers=3, width=12, batch=20, steps=4, seeds=1)


@pytest.fixture
def _small_task(data: Data, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(grid, "data_of", lambda task: data)
    monkeypatch.setattr(deep, "data_of", lambda task: data)


@pytest.mark.parametrize("definition", REGISTRY.values(), ids=lambda d: d.name)
def test_what_is_recommended_keeps_the_norm_or_is_said_not_to_be(definition: Any) -> None:
    given, other = pair(Shape.of(definition), StudyPlan())
    assert (given.kind, other.kind) == ("default", "recommended")
    assert given.ratio is not None
    assert given.coherence is not None
    assert given.factor == pytest.approx(given.ratio**20)
    assert given.mean_ratio == pytest.approx(given.ratio * given.coherence**0.5)
    if other.shape is None:
        assert other.note
    else:
        assert other.ratio == pytest.approx(1, abs=1e-4)
        assert other.coherence == coherence(other.shape, StudyPlan().mu)


def test_a_shape_with_a_parameter_of_its_own_is_no_default() -> None:
    assert pair(Shape.of(REGISTRY["sigmoid"], alpha=3), StudyPlan())[0].kind == "given"


@pytest.mark.usefixtures("_small_task")
def test_a_study_trains_every_shape_with_every_optimiser_and_seed(tmp_path: Path) -> None:
    shapes = [Shape.of(REGISTRY[name]) for name in ("sigmoid", "deterministic_pass")]
    heard: list[int] = []
    found = study(shapes, SMALL, tmp_path, lambda n, total, cell: heard.append(total), processes=1)
    given, other, straight, none = found.entries
    assert heard == [6] * 6
    assert none.shape is None
    assert not none.cells
    for entry in (given, other, straight):
        assert set(entry.cells) == set(RATES)
        assert len(entry.measured) == 1
        for optimizer, done in entry.cells.items():
            of = [(c.settings.seed, c.settings.optimizer, c.settings.lr) for c in done]
            assert of == [(0, optimizer, RATES[optimizer])]
            assert entry.accuracies(optimizer) == [cell.accuracy for cell in done]
    assert set(found.rank_correlation("sgd")) == {
        "flow",
        "coherence",
        "mean_ratio",
        "participation",
    }
    assert found.rank_correlation("sgd", "recommended")["flow"] is None
    assert study(shapes, SMALL, tmp_path, processes=1) == found


def test_an_unknown_optimiser_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SgError, match="no optimizer 'lion'"):
        study([], StudyPlan(optimizers=("lion",)), tmp_path)


@pytest.mark.usefixtures("_small_task")
def test_where_no_training_can_run_it_says_so(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(SgError, match="cannot write to") as caught:
        study([Shape.of(REGISTRY["sigmoid"])], SMALL, tmp_path / "file", processes=1)
    assert "no training can run" in caught.value.hint


def test_rounding_keeps_the_shape() -> None:
    shape = Shape.of(REGISTRY["s2nn"], alpha=2.1438806780580)
    assert deep.rounded(shape).params == {"alpha": 2.14388, "beta": 1.0}
    integer = Shape.of(REGISTRY["squarewave_fourier_series"])
    assert deep.rounded(integer) == integer
