"""The Jacobian of a neuron over time, and the flow that comes of it."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest

from sgcli.definitions import REGISTRY, Definition, Shape
from sgcli.errors import SgError
from sgcli.theory import flow, temporal
from sgcli.theory.currents import RUNS, SAMPLES, Dynamics, LayerCurrents, firing, stack
from sgcli.theory.predicted import predicted

ATAN, SIGMOID = (Shape.of(REGISTRY[name]) for name in ("atan", "sigmoid"))
KINDS = [*itertools.product(("lif", "if"), ("hard", "soft"), (True, False))]


def kind(neuron, reset, detach, time=5):
    return Dynamics.of(time, 2.0, neuron, reset, detach)


def plain_jacobian(shape, dynamics, current):
    """∂S[s]/∂I[t] of one neuron, written down step by step from the equations of the neuron."""
    a, v = np.zeros((len(current), len(current))), 0.0
    through = []
    for s, x in enumerate(current):
        h = dynamics.keep * v + dynamics.gain * x
        spike = float(h >= 1)
        g = float(temporal.curve(shape, h - 1))
        for t in range(s + 1):
            a[s, t] = g * dynamics.gain * math.prod(through[t:s])
        hard = dynamics.reset == "hard"
        kept = (1 - spike) if hard else 1.0
        if not dynamics.detach_reset:
            kept -= (h if hard else 1.0) * g
        through.append(dynamics.keep * kept)
        v = h * (1 - spike) if hard else h - spike
    return a


@pytest.mark.parametrize(("neuron", "reset", "detach"), KINDS)
def test_the_jacobian_is_that_of_the_equations(neuron, reset, detach):
    dynamics = kind(neuron, reset, detach)
    layer = LayerCurrents(np.eye(5), 0.2, 1.5, 0.6)
    a = temporal.jacobian(SIGMOID, dynamics, layer, seed=3)
    normal = np.random.default_rng([3, 0]).standard_normal((5, SAMPLES))
    currents = layer.currents(normal)
    for neuron_ in range(50):
        expected = 1.5 * plain_jacobian(SIGMOID, dynamics, currents[:, neuron_])
        np.testing.assert_allclose(a[:, :, neuron_], expected, rtol=1e-12, atol=1e-15)


@pytest.mark.parametrize(("neuron", "reset"), [*itertools.product(("lif", "if"), ("hard", "soft"))])
def test_currents_have_their_covariance_and_membranes_mean_and_deviation(neuron, reset):
    dynamics = kind(neuron, reset, True, time=6)
    for layer in {id(one): one for one in stack(firing(ATAN), dynamics, 4, -0.5, 0)}.values():
        assert np.trace(layer.covariance) == pytest.approx(6)
        free = dynamics.free()
        variance = layer.scale**2 * np.trace(free @ layer.covariance @ free.T) / 6
        assert variance == pytest.approx(1)
        # Other numbers than those by which the offset was found.
        normal = np.random.default_rng(99).standard_normal((6, 50_000))
        currents = layer.currents(normal)
        found = np.cov(currents, bias=True) / layer.scale**2
        np.testing.assert_allclose(found, layer.covariance, atol=0.03)
        h = np.array([h for h, _ in dynamics.run(firing(ATAN), currents, 99)])
        assert h.mean() == pytest.approx(0.5, abs=0.01)


@pytest.mark.parametrize("name", ["atan", "multi_level_spike_count", "logistic"])
def test_one_step_is_the_integral(name):
    shape = Shape.of(REGISTRY[name])
    found = temporal.predict(shape, Dynamics.of(1), 3, -0.3)
    assert found.ratio == pytest.approx(flow.predict(shape, 3, -0.3).ratio, abs=5 * found.error)
    assert found.profile == (1.0,)


def test_without_memory_a_step_is_a_layer_of_its_own():
    """With tau = 1 nothing is kept, so that the steps of a neuron do not know of one another."""
    found = temporal.predict(ATAN, Dynamics.of(4, 1.0), 3, -0.5)
    expected = flow.predict(ATAN, 3, -0.5).ratio
    assert found.ratio == pytest.approx(expected, abs=5 * found.error)
    assert found.profile[:-1] == (0.0, 0.0, 0.0)


def test_a_detached_soft_reset_lets_the_leak_through_and_nothing_else():
    for neuron, keep in (("lif", 0.5), ("if", 1.0)):
        found = temporal.predict(ATAN, kind(neuron, "soft", True), 2, -0.5)
        assert found.profile == pytest.approx([keep**t for t in (4, 3, 2, 1, 0)])


def test_the_stated_error_is_that_of_other_numbers(monkeypatch):
    dynamics = kind("lif", "hard", False)
    found = temporal.predict(SIGMOID, dynamics, 3, -0.5)
    others = [stack(firing(SIGMOID), dynamics, 3, -0.5, seed) for seed in range(50, 50 + RUNS)]
    logs = [temporal._run(SIGMOID, dynamics, one, 50 + i)[0] for i, one in enumerate(others)]
    again = math.exp(np.log(logs).mean())
    assert again == pytest.approx(found.ratio, abs=5 * found.error)
    assert found.error < 0.003 * found.ratio


def test_layers_that_reproduce_their_covariance_are_one():
    layers = stack(firing(ATAN), kind("lif", "hard", True), 40, -0.5, 0)
    assert len(layers) == 40
    assert len({id(layer) for layer in layers}) < 15


def test_one_forward_pass_has_one_stack():
    assert firing(ATAN) == firing(SIGMOID) == Shape(Definition, ())
    own = Shape.of(REGISTRY["multi_level_spike_count"])
    assert firing(own) == own


def test_what_does_not_apply_is_said():
    found = predicted(ATAN, Dynamics.of(4), 3, mu=-60.0)
    assert found.ratio is None
    assert "not applicable: at mu = -60 neurons never fire or always fire" in found.note
    for wrong in ({"time": 0}, {"time": 2, "tau": 0.5}, {"time": 2, "tau": math.inf}):
        with pytest.raises(SgError):
            Dynamics.of(**wrong)
    with pytest.raises(SgError, match="one time step"):
        predicted(ATAN, Dynamics.of(2), 3, block="sew")
