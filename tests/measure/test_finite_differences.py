"""The surrogate gradient beside finite differences of the spiking loss."""

from __future__ import annotations

import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from sgcli.definitions import REGISTRY, Shape
from sgcli.errors import SgError
from sgcli.measure.finite_differences import RandomLayer, cosines, not_applicable
from sgcli.surrogate import of
from tests.strategies import DEFINITIONS, name_of

APPLICABLE = [d for d in DEFINITIONS if not not_applicable(Shape.of(d))]


def loss(layer, w):
    """The spiking loss, with nothing but torch's own functions."""
    spikes = (layer.x @ w + layer.mu >= 0).to(w)
    return torch.nn.functional.cross_entropy(spikes @ layer.readout, layer.target)


@settings(max_examples=10)
@given(st.integers(1, 4), st.integers(1, 20), st.floats(1e-3, 3), st.integers(0, 999))
def test_differences_are_those_of_the_loss_with_one_weight_moved(width, batch, epsilon, seed):
    layer = RandomLayer.draw(width, batch, -0.3, seed)
    found = layer.differences(epsilon)
    for i in range(width):
        for j in range(width):
            moved = torch.zeros_like(layer.w)
            moved[i, j] = epsilon
            want = (loss(layer, layer.w + moved) - loss(layer, layer.w - moved)) / (2 * epsilon)
            assert float(found[i, j]) == pytest.approx(float(want), abs=1e-12 / epsilon)


@pytest.mark.parametrize("definition", [d for d in APPLICABLE if not d.is_random()], ids=name_of)
def test_the_surrogate_gradient_is_the_chain_rule_with_the_derivative(definition):
    from sgcli.definitions.evaluate import curve

    layer, shape = RandomLayer.draw(5, 7, -0.5, 1), Shape.of(definition)
    found = layer.surrogate(of(definition)(**shape.params))
    spikes = (layer.current() >= 0).double().requires_grad_()
    (by_spike,) = torch.autograd.grad(layer.losses(spikes).mean(), spikes)
    slope = torch.from_numpy(curve(shape, layer.current().numpy()))
    torch.testing.assert_close(found, layer.x.T @ (by_spike * slope), rtol=1e-10, atol=1e-14)


@settings(max_examples=10)
@given(st.floats(0.1, 2), st.integers(0, 99))
def test_with_inputs_of_one_size_differences_are_the_gradient_of_a_box(epsilon, seed):
    """A unit at z spikes differently at ±ε where |z| < ε: rect, for a loss linear in a spike.

    It nearly is where the readout is small.
    """
    drawn = RandomLayer.draw(16, 64, -0.5, seed)
    layer = RandomLayer(drawn.x.sign(), drawn.w, 1e-7 * drawn.readout, drawn.target, drawn.mu)
    gradient = layer.surrogate(of(REGISTRY["rect"])(alpha=1 / (2 * epsilon)))
    differences = layer.differences(epsilon)
    assert float((gradient - differences).norm()) <= 1e-6 * float(differences.norm())


@pytest.mark.parametrize("alphas", [(1.0, 3.0)])
def test_the_height_of_a_gradient_does_not_matter(alphas):
    shapes = [Shape.of(REGISTRY["super_spike"], alpha=alpha) for alpha in alphas]
    first, second = cosines(shapes, width=16, batch=32, seeds=2)
    for one, other in zip(first.values, second.values, strict=True):
        assert one == pytest.approx(other, rel=1e-12)


def test_a_steeper_surrogate_agrees_with_a_smaller_step():
    shapes = [Shape.of(REGISTRY["sigmoid"], alpha=alpha) for alpha in (2, 8, 32)]
    steps = [one.epsilon[one.best] for one in cosines(shapes, seeds=2)]
    assert steps == sorted(steps, reverse=True)
    assert len(set(steps)) == len(steps)


def test_values_are_cosines_of_as_many_networks():
    for one in cosines([Shape.of(d) for d in DEFINITIONS], width=8, batch=16, seeds=3):
        assert all(-1 <= value <= 1 for row in one.values for value in row)
        if one.note:
            assert one.note.startswith("not applicable because")
            assert (one.best, *one.means) == (None,) * (1 + len(one.epsilon))
        else:
            assert all(len(row) <= 3 for row in one.values)
            assert one.means[one.best] == max(m for m in one.means if m is not None)


def test_one_network_has_no_deviation_and_no_spike_no_cosine():
    (one,) = cosines([Shape.of(REGISTRY["atan"])], [1e-12, 1.0], 8, 16, seeds=1)
    assert (one.means[0], one.deviations) == (None, (None, None))
    assert math.isfinite(one.means[1])
    (none,) = cosines([Shape.of(REGISTRY["atan"])], [1e-12], 8, 16, seeds=2)
    assert none.note.startswith("not applicable because")


@pytest.mark.parametrize("epsilon", [0.0, -1.0, math.nan])
def test_a_step_that_is_none_is_refused(epsilon):
    with pytest.raises(SgError, match="a step cannot be"):
        cosines([Shape.of(REGISTRY["atan"])], [epsilon])
