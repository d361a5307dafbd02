"""Predicted and measured gradient flow agree."""

from __future__ import annotations

import itertools

import pytest
import torch

from sgcli.definitions import REGISTRY, Shape
from sgcli.errors import SgError
from sgcli.measure.flow import from_membranes, measure, network_of
from sgcli.measure.network import RandomNetwork, membranes, run
from sgcli.theory.currents import Dynamics
from sgcli.theory.predicted import predicted
from tests.strategies import DETERMINISTIC, name_of

ONE = Dynamics.of(1)
ATAN = Shape.of(REGISTRY["atan"])
PEAK_1 = [Shape.of(REGISTRY[name]) for name in ("sigmoid", "atan", "super_spike", "s2nn", "rect")]
RESETS = [(reset, detach) for reset in ("hard", "soft") for detach in (True, False)]
# With each shape a hard and a soft reset, both detached or both not, of either neuron.
NEURONS = [
    (shape, neuron, *RESETS[(k + i) % 4])
    for i, shape in enumerate(PEAK_1)
    for k, neuron in itertools.product((0, 2), ("lif", "if"))
]


def off(shape, dynamics, depth, mu, seeds, **size):
    """Measured r over predicted r, minus 1."""
    told = predicted(shape, dynamics, depth, mu, size.get("block", "none"))
    seen = measure(network_of(shape, dynamics, depth, mu, **size), seeds)
    return seen.ratio.mean / told.ratio - 1


@pytest.mark.slow
@pytest.mark.parametrize("mu", [-0.5, 0.0])
@pytest.mark.parametrize("definition", DETERMINISTIC, ids=name_of)
def test_depth(definition, mu):
    assert abs(off(Shape.of(definition), ONE, 20, mu, seeds=5)) < 0.015


@pytest.mark.slow
@pytest.mark.parametrize(
    ("shape", "neuron", "reset", "detach"), NEURONS, ids=lambda v: getattr(v, "name", None)
)
def test_depth_and_time(shape, neuron, reset, detach):
    dynamics = Dynamics.of(8, 2.0, neuron, reset, detach)
    assert abs(off(shape, dynamics, 12, -0.5, seeds=3)) < 0.05


@pytest.mark.slow
@pytest.mark.parametrize("shape", PEAK_1, ids=lambda shape: shape.name)
def test_residual_blocks(shape):
    assert abs(off(shape, ONE, 20, -0.5, seeds=3, block="sew")) < 0.015


def test_depth_of_one_surrogate():
    assert abs(off(ATAN, ONE, 12, -0.5, seeds=2, width=256, batch=256)) < 0.015


def test_depth_and_time_of_one_surrogate():
    dynamics = Dynamics.of(4, 2.0, "lif", "hard", detach_reset=False)
    told = predicted(ATAN, dynamics, 5)
    seen = measure(network_of(ATAN, dynamics, 5, width=256, batch=128), 2)
    assert seen.ratio.mean == pytest.approx(told.ratio, rel=0.05)
    assert [step.mean for step in seen.profile] == pytest.approx(told.profile, rel=0.1)


def test_currents_as_they_are():
    network = network_of(ATAN, ONE, 20, width=256, batch=256, normalise=False)
    seen = measure(network, 3).ratio.mean
    assert 0.85 < seen / predicted(ATAN, ONE, 20).ratio < 0.95
    assert seen == pytest.approx(from_membranes(network, 3).ratio, rel=0.015)
    dynamics = Dynamics.of(4)
    network = network_of(ATAN, dynamics, 5, width=256, batch=128, normalise=False)
    assert measure(network, 2).ratio.mean == pytest.approx(
        from_membranes(network, 2).ratio, rel=0.05
    )


@pytest.mark.parametrize("neuron", ["lif", "if"])
@pytest.mark.parametrize("reset", ["hard", "soft"])
def test_membranes_are_where_the_theory_puts_them(neuron, reset):
    dynamics = Dynamics.of(6, 3.0, neuron, reset)
    for one in membranes(network_of(ATAN, dynamics, 3, -0.3, width=256, batch=128), 0):
        assert one.mean == pytest.approx(-0.3, abs=0.03)
        assert 0 < one.rate < 1


def test_the_backward_pass_is_that_of_autograd_through_the_whole_network():
    """Layer by layer, with other weights than none: against one graph of plain operations."""
    dynamics = Dynamics.of(1)
    shape = Shape.of(REGISTRY["sigmoid"])
    network = network_of(shape, dynamics, 4, width=32, batch=16)
    generator = torch.Generator().manual_seed(0)
    surrogate = network.node(0, 0).surrogate_function
    first = surrogate(torch.randn((1, 16, 32), generator=generator) - 0.5).requires_grad_()
    spikes = [first]
    for layer in network.layers:
        weight = torch.randn((32, 32), generator=generator) / (32 * layer.variance) ** 0.5
        weighed = spikes[-1] @ weight.T
        deviation, mean = torch.std_mean(weighed.detach(), dim=(0, 1))
        spikes.append(surrogate((weighed - mean) / deviation - 0.5))
    delta = torch.randn(first.shape, generator=generator)
    norms = [float(g.norm()) for g in torch.autograd.grad(spikes[-1], spikes, delta)][::-1]
    expected = [low / high for high, low in itertools.pairwise(norms)]
    assert run(network, 0).ratios == pytest.approx(expected, rel=1e-4)


def test_a_seed_is_a_network():
    network = network_of(ATAN, ONE, 3, width=32, batch=16)
    assert run(network, 1) == run(network, 1)
    assert run(network, 1) != run(network, 2)
    random = network_of(Shape.of(REGISTRY["logistic"]), ONE, 3, width=32, batch=16)
    assert run(random, 1) == run(random, 1)


def test_a_gradient_that_is_lost_has_the_factor_0():
    """One membrane in 10^7 has a gradient that is not 0, and there are fewer."""
    narrow = Shape.of(REGISTRY["rect"], alpha=1e7)
    found = measure(network_of(narrow, ONE, 3, width=16, batch=16), 2)
    assert found.ratio.mean == 0
    assert found.factor == 0


def test_what_cannot_be():
    with pytest.raises(SgError, match="cannot be standardised"):
        RandomNetwork(ATAN, ONE, [], 0.0, batch=1)
    with pytest.raises(SgError, match="0 networks"):
        measure(network_of(ATAN, ONE, 2, width=8, batch=8), 0)
