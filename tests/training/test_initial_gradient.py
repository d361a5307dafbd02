"""The measured ratio of a layer is the predicted one."""

from __future__ import annotations

import statistics
from typing import Any

import pytest

from sgcli.definitions import REGISTRY, Shape
from sgcli.theory.flow import predict
from sgcli.training.deep import Plan
from sgcli.training.grid import data_of
from sgcli.training.initial_gradient import layer_ratio
from sgcli.training.settings import Settings

PLAN = Plan(layers=10, width=512, batch=256)
ONE = "sigmoid"


def ratio_of(settings: Settings) -> float | None:
    return layer_ratio(settings, data_of(settings))


@pytest.mark.parametrize(
    "definition",
    [
        pytest.param(d, id=d.name, marks=[] if d.name == ONE else pytest.mark.slow)
        for d in REGISTRY.values()
    ],
)
def test_it_is_the_predicted_one(definition: Any) -> None:
    shape = Shape.of(definition)
    found = [ratio_of(PLAN.settings(shape, "sgd", seed)) for seed in range(3)]
    ratios = [ratio for ratio in found if ratio is not None]
    assert len(ratios) == 3
    predicted = predict(shape, PLAN.layers, PLAN.mu).ratio
    # Images are no Gaussian currents; and a gradient carried by few units varies between nets.
    assert predicted is not None
    assert statistics.fmean(ratios) == pytest.approx(predicted, rel=0.05)


def test_a_single_layer_has_no_ratio() -> None:
    shape = Shape.of(REGISTRY["sigmoid"])
    assert ratio_of(Plan(layers=1, width=8, batch=4).settings(shape, "sgd", 0)) is None


def test_a_gradient_that_is_nowhere_has_no_ratio() -> None:
    narrow = Shape.of(REGISTRY["rect"], alpha=1e8)
    assert ratio_of(Plan(layers=3, width=8, batch=4).settings(narrow, "sgd", 0)) is None
