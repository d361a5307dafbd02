"""What becomes of gradients: predicted, measured, and over a parameter."""

from __future__ import annotations

import math
from itertools import accumulate

import numpy as np
import pytest

from sgcli.definitions.names import shapes_of
from sgcli.errors import SgError
from sgcli.studies import flow_measured, flow_predicted
from sgcli.studies.flow import flow
from sgcli.theory.flow import judge
from sgcli.theory.flow import predict as theory

SMALL = {"units": 64, "batch": 64, "seeds": 2}


def test_the_prediction_is_that_of_the_theory():
    result = flow(["sigmoid", "atan,alpha=3"], depth=6, mu=-0.3, predict=True)
    for one, shape in zip(result.flows, shapes_of(["sigmoid", "atan,alpha=3"]), strict=True):
        want = theory(shape, 6, -0.3)
        assert (one.shape, one.predicted.factor) == (shape, want.factor)
        assert one.verdict == judge(want.factor)
        assert one.measured is one.relative_error is None


def test_the_measurement_is_near_the_prediction():
    heard = []
    result = flow("atan", alpha=[1, 2], depth=4, progress=heard.append, **SMALL)
    assert heard == ["1/2  atan,alpha=1", "2/2  atan,alpha=2"]
    for one in result.flows:
        assert abs(one.relative_error) < 10
        ratio = one.predicted.ratio * (1 + one.relative_error / 100)
        assert one.measured.ratio.mean == pytest.approx(ratio)
        assert (len(one.predicted.ratios), len(one.measured.log_norms)) == (4, 5)


def test_a_verdict_has_bounds():
    result = flow("atan", depth=10, predict=True, bounds=(0.9, 0.99))
    assert result.flows[0].verdict == "vanishes"


@pytest.mark.parametrize(
    ("given", "error"),
    [
        ({"predict": True, "normalise": False}, "without normalisation"),
        ({"bounds": (3, 1)}, "out of order"),
        ({"time": 0}, "time steps are too few"),
        ({"time": 3, "block": "sew"}, "one time step"),
        ({"run": "runs/none"}, "takes batch and bounds only"),
        ({"beta": 1}, "beta"),
    ],
)
def test_what_cannot_be_is_an_error(given, error):
    with pytest.raises(SgError, match=error):
        flow("atan", **{"depth": 3, **given})


@pytest.mark.parametrize("given", [{"depth": 3}, {"tau": 3.0}, {"predict": True}, {"alpha": 3}])
def test_a_run_takes_nothing_that_would_not_act(given, tmp_path):
    with pytest.raises(SgError, match="takes batch and bounds only"):
        flow(run=tmp_path, **given)


def test_a_heat_map_has_the_factors_of_the_prediction():
    result = flow(["atan", "deterministic_pass"], depth=3, predict=True)
    (one,) = flow_predicted.heat_maps(result)
    assert (one.name, one.parameter, one.default) == ("atan", "alpha", 2)
    assert one.values[0] < 2 < one.values[-1]
    for i in (0, 20):
        (shape,) = shapes_of("atan", alpha=one.values[i])
        logs = accumulate(math.log10(r) for r in theory(shape, 3).ratios[::-1])
        assert [row[i] for row in one.logs] == pytest.approx(list(logs))
    with pytest.raises(SgError, match="none of these has a parameter"):
        flow_predicted.heat_maps(flow("deterministic_pass", depth=3, predict=True))


def test_membranes_predicted_and_measured_are_of_one_distribution():
    result = flow("atan", depth=3, **SMALL)
    for found in (flow_predicted.membranes(result), flow_measured.membranes(result)):
        (share,) = found.shares.values()
        middle = (found.edges[1:] + found.edges[:-1]) / 2
        mean = (share * middle).sum()
        assert mean == pytest.approx(-0.5, abs=0.05)
        assert np.sqrt((share * (middle - mean) ** 2).sum()) == pytest.approx(1, abs=0.05)


def test_nothing_is_drawn_of_what_has_no_flow():
    result = flow("atan", depth=2, mu=-60, predict=True)
    assert "not applicable" in result.flows[0].note
    with pytest.raises(SgError, match="nothing to draw"):
        flow_predicted.known(result)
