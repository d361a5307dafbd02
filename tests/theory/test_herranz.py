"""Condition IV, against simulated variances of a recurrent layer."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sgcli.definitions import REGISTRY, Shape
from sgcli.definitions.evaluate import curve
from sgcli.errors import SgError
from sgcli.theory.gaussian import uniform_moment
from sgcli.theory.herranz import Recurrent
from sgcli.theory.recommend import NORMALISE, solved

ATAN = Shape.of(REGISTRY["atan"])


@given(
    st.floats(0.1, 0.98),
    st.integers(1, 500),
    st.floats(0.2, 2),
    st.integers(0, 500),
    st.floats(0.2, 3),
)
def test_the_sharpness_fulfils_the_condition(decay, n_rec, threshold, n_in, half):
    layer = Recurrent(
        n_rec, (decay,), (threshold,), rec_var=0.01, n_in=n_in, in_var=0.02, bounds=(-half, half)
    )
    found = solved(ATAN, layer)
    assert found.shapes
    for shape in found.shapes:
        e = uniform_moment(shape, -half, half)
        left = -1 + decay**2 + ((n_rec - 1) * 0.01 + threshold**2) * e + n_in * 0.02 * e
        assert left == pytest.approx(0, abs=1e-9)


@pytest.mark.parametrize("normalise", NORMALISE)
def test_scaled_gradients_fulfil_it_too(normalise):
    layer = Recurrent(64, (0.8,))
    found = solved(ATAN, layer, normalise=normalise)
    kept, spread = layer(found.shape)
    assert kept + spread * found.scale**2 == pytest.approx(1, rel=1e-9)
    kept, spread = layer(ATAN)
    assert kept + spread * found.rescale**2 == pytest.approx(1, rel=1e-9)


def test_one_step_back_through_a_recurrent_layer_keeps_the_variance():
    """δ ↦ α·δ + g ⊙ (Wᵀδ − ϑ·δ) with W without a diagonal, of a membrane evenly distributed."""
    layer = Recurrent(256, (0.7,), (0.8,), bounds=(-1.0, 1.0))
    shape = solved(ATAN, layer).shape
    random = np.random.default_rng(0)
    sizes = []
    for _ in range(20):
        w = random.normal(0, 256**-0.5, (256, 256))
        np.fill_diagonal(w, 0)
        delta = random.normal(size=(256, 200))
        g = curve(shape, random.uniform(-1, 1, delta.shape))
        # The signs of the terms are independent in the condition.
        sign = random.choice([-1.0, 1.0], delta.shape)
        below = 0.7 * delta + g * (w.T @ delta) + sign * g * 0.8 * delta
        sizes.append((below**2).sum() / (delta**2).sum())
    assert np.mean(sizes) == pytest.approx(1, abs=0.01)


def test_groups_of_neurons_count_by_their_mean_square():
    assert Recurrent(decay=(0.6, 0.8)).kept == pytest.approx(0.5)
    assert Recurrent(1, threshold=(1.0, 3.0)).gain == pytest.approx(5)
    assert Recurrent(101, rec_var=0.02, n_in=50, in_var=0.1).gain == pytest.approx(2 + 1 + 5)


def test_a_decay_of_1_leaves_no_room():
    found = solved(ATAN, Recurrent(decay=(1.0,)))
    assert (found.shape, found.rescale) == (None, None)
    assert "r is" in found.note


@pytest.mark.parametrize(
    ("given", "error"),
    [
        ({"n_rec": 0}, "neurons"),
        ({"n_in": -1}, "neurons"),
        ({"decay": (0.5, 1.5)}, "decay is outside"),
        ({"threshold": (-1.0,)}, "threshold is outside"),
        ({"bounds": (1.0, -1.0)}, "between 1 and -1"),
        ({"bounds": (-1e308, 1e308)}, "between"),
    ],
)
def test_mistakes_are_told(given, error):
    with pytest.raises(SgError, match=error):
        Recurrent(**given)
