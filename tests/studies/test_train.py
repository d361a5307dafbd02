"""Trainings called from Python."""

from __future__ import annotations

import pytest

from sgcli.errors import SgError
from sgcli.studies.flow_trained import train_deep
from sgcli.studies.train import train
from sgcli.training import grid

SMALL = {"limit": 64, "batch_size": 32, "epochs": 1, "hidden": [8], "time": 2, "threads": 1}


def test_a_run_for_each_surrogate_and_seed(tmp_path, without_figures):
    results = train("mnist", ["atan", "soft-sign,alpha=3"], seeds=2, out=tmp_path, **SMALL)
    assert [one.shape.label for one in results] == ["atan,alpha=2", "soft_sign,alpha=3"]
    for one in results:
        reached = [run.accuracy for run in one.runs]
        assert one.accuracy == pytest.approx(sum(reached) / 2)
        assert one.deviation == pytest.approx(abs(reached[0] - reached[1]) / 2**0.5)
        assert all(run.folder.parent == tmp_path for run in one.runs)
    again = train("mnist", "atan", out=str(tmp_path), **SMALL)
    assert again[0].runs[0] == results[0].runs[0]
    assert again[0].deviation is None


@pytest.mark.parametrize(
    ("given", "error"),
    [
        ({"task": "minst"}, "no task 'minst'"),
        ({"surrogate": "atam"}, "no surrogate 'atam'"),
        ({"epoch": 1}, "did you mean epochs?"),
        ({"tau_syn": 3.0}, "changes nothing here"),
    ],
)
def test_what_cannot_be_is_an_error(given, error, tmp_path):
    with pytest.raises(SgError, match=error):
        train(out=tmp_path, **given)
    assert list(tmp_path.iterdir()) == []


def test_deep_networks_with_the_shape_as_given_and_as_recommended(tmp_path, monkeypatch):
    monkeypatch.setattr(grid, "_cores", lambda: 1)
    heard = []
    study = train_deep(
        "atan", depth=2, units=8, steps=2, seeds=1, optimizers=["sgd", "sgd"], out=tmp_path,
        progress=lambda count, total, cell: heard.append((count, total)),
    )  # fmt: skip
    assert heard == [(1, 2), (2, 2)]
    assert [entry.kind for entry in study.entries] == ["default", "recommended"]
    assert study.plan.optimizers == ("sgd",)
