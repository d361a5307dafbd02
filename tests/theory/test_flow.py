"""The predicted gradient flow, against random networks and what must hold of it."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sgcli.definitions import REGISTRY, Definition, Shape
from sgcli.definitions.evaluate import curve
from sgcli.errors import SgError
from sgcli.maths import numpy_
from sgcli.theory.flow import BLOCKS, judge, predict
from sgcli.theory.gaussian import gradient_moment, spike_moments
from tests.strategies import DEFINITIONS, DETERMINISTIC, name_of, shapes

STEPS = [d for d in DEFINITIONS if d.forward is Definition.forward]
SIGMOID = Shape.of(REGISTRY["sigmoid"])


def simulated(shape, depth, mu, block, seed, width=512, batch=512):
    """log ‖δ^{l−1}‖/‖δ^l‖ of a random network with standardised currents, l = 1 … depth."""
    random = np.random.default_rng(seed)

    def normal(size, mean=0.0, deviation=1.0):
        return mean + deviation * random.standard_normal(size, dtype=np.float32)

    def fire(x):
        y = curve(shape, x, "forward")
        return (random.random(x.shape) < y).astype(x.dtype) if shape.definition.stochastic else y

    def gradient(x):
        if not shape.definition.random_gradient:
            return curve(shape, x)
        return shape.definition.drawn(numpy_, x, random.random(x.shape), *shape.values)

    s = fire(normal((batch, width), mu))
    kept = []
    for _ in range(depth):
        w = normal((width, width), deviation=width**-0.5)
        current = s @ w
        deviation = current.std(axis=0)
        x = (current - current.mean(axis=0)) / deviation + mu
        kept.append((w / deviation, gradient(x)))
        s = fire(x) + s if block == "sew" else fire(x)
    delta = normal(s.shape)
    logs = []
    for w, g in reversed(kept):
        below = (g * delta) @ w.T
        below += delta if block == "sew" else 0
        logs.append(math.log(np.linalg.norm(below) / np.linalg.norm(delta)))
        delta = below
    return logs[::-1]


def assert_simulated(shape, mu, block, depth=20, seeds=3, within=0.015, width=512):
    flow = predict(shape, depth, mu, block=block)
    found = np.mean(
        [simulated(shape, depth, mu, block, seed, width, width) for seed in range(seeds)]
    )
    assert math.exp(found) == pytest.approx(flow.ratio, rel=within)


@pytest.mark.parametrize("block", BLOCKS)
def test_a_random_network_does_as_predicted(block):
    assert_simulated(SIGMOID, -0.5, block, depth=10, seeds=3, within=0.02, width=256)


@pytest.mark.slow
@pytest.mark.parametrize("definition", DEFINITIONS, ids=name_of)
def test_every_surrogate_does_as_predicted_in_a_plain_network(definition):
    mu = (-0.5, 0.0)[len(definition.name) % 2]
    assert_simulated(Shape.of(definition), mu, "none", seeds=5)


@pytest.mark.slow
@pytest.mark.parametrize("definition", DETERMINISTIC, ids=name_of)
def test_every_surrogate_does_as_predicted_in_a_residual_network(definition):
    assert_simulated(Shape.of(definition), -0.5, "sew")


@given(shapes(), st.floats(-3, 3), st.integers(1, 40))
def test_one_integral_is_the_ratio_of_every_layer(shape, mu, depth):
    flow = predict(shape, depth, mu)
    squared = gradient_moment(shape, mu) / spike_moments(shape, mu)[1]
    assert flow.ratios == pytest.approx([math.sqrt(squared)] * depth, rel=1e-12)
    assert flow.ratio == pytest.approx(math.sqrt(squared), rel=1e-9)
    assert flow.factor == pytest.approx(flow.ratio**depth, rel=1e-7)


@given(shapes(), st.floats(-2, 2))
def test_a_gradient_times_two_doubles_a_plain_ratio_only(shape, mu):
    from sgcli.definitions.transform import transformed

    plain, double = (predict(s, 3, mu).ratio for s in (shape, transformed(shape, 2.0)))
    assert double == pytest.approx(2 * plain, rel=1e-9)
    added, more = (predict(s, 3, mu, block="sew") for s in (shape, transformed(shape, 2.0)))
    for a, b in zip(added.ratios, more.ratios, strict=True):
        assert b**2 - 1 == pytest.approx(4 * (a**2 - 1), rel=1e-6)


def test_the_variance_of_a_sum_of_spikes_grows_with_every_block():
    """With r of the first block in each, the factor of 20 blocks would be 2^10."""
    gaussian = Shape.of(REGISTRY["erf"])
    first = predict(gaussian, 1).ratio
    flow = predict(gaussian, 20, block="sew")
    assert flow.ratios == pytest.approx([math.sqrt(1 + first**2 / k) for k in range(1, 21)])
    assert (1 + first**2) ** 10 > 100 * flow.factor


def test_a_network_that_is_not_normalised_has_its_own_moments():
    means, deviations = (-0.5, 0.2, -1.0), (1.0, 2.0, 0.5)
    flow = predict(SIGMOID, 3, means=means, deviations=deviations, gains=1.5)
    want = [
        1.5 * math.sqrt(gradient_moment(SIGMOID, m, d))
        for m, d in zip(means, deviations, strict=True)
    ]
    assert flow.ratios == pytest.approx(want)
    # Without gains, those that give the current its deviation for the spikes of the layer below.
    entering = [spike_moments(SIGMOID, means[k], deviations[k])[1] for k in (0, 0, 1)]
    flow = predict(SIGMOID, 3, means=means, deviations=deviations)
    want = [
        d * math.sqrt(gradient_moment(SIGMOID, m, d) / v)
        for m, d, v in zip(means, deviations, entering, strict=True)
    ]
    assert flow.ratios == pytest.approx(want)


@pytest.mark.parametrize("definition", STEPS, ids=name_of)
def test_nothing_is_told_where_spikes_do_not_vary(definition):
    flow = predict(Shape.of(definition), 20, -40.0)
    assert (flow.ratio, flow.factor) == (None, None)
    assert "do not vary" in flow.note


@given(shapes(), st.floats(-60, 60), st.integers(1, 2000), st.sampled_from(BLOCKS))
def test_no_number_is_nan(shape, mu, depth, block):
    flow = predict(shape, depth, mu, block=block)
    if flow.note:
        assert flow.ratio is None
    else:
        numbers = (*flow.ratios, flow.ratio, flow.factor)
        assert not any(map(math.isnan, numbers))


@pytest.mark.parametrize(
    ("factor", "verdict"),
    [
        (0.099, "vanishes"),
        (0.1, "stable"),
        (1.0, "stable"),
        (10.0, "stable"),
        (math.inf, "explodes"),
    ],
)
def test_a_verdict_has_two_bounds(factor, verdict):
    assert judge(factor) == verdict
    assert judge(factor, (0.0, math.inf)) == "stable"


def test_mistakes_are_told():
    with pytest.raises(SgError, match="depth 0"):
        predict(SIGMOID, 0)
    with pytest.raises(SgError, match="do not match 3 layers"):
        predict(SIGMOID, 3, means=[0.0, 0.0])
    with pytest.raises(SgError, match="no block"):
        predict(SIGMOID, 3, block="dense")
