"""How alike the gradients of two samples stay."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sgcli.definitions import REGISTRY, Shape
from sgcli.definitions.evaluate import curve
from sgcli.errors import SgError
from sgcli.theory.coherence import coherence, participation
from tests.strategies import shapes


@given(shapes(), st.floats(-2, 2))
def test_they_are_shares(shape, mu):
    try:
        found = coherence(shape, mu), participation(shape, mu)
    except SgError:  # the mean of an unbounded power does not exist
        return
    assert all(0 <= share <= 1 + 1e-7 for share in found)


@pytest.mark.parametrize("mu", [-1.0, 0.0, 0.7])
def test_a_constant_gradient_loses_nothing(mu):
    shape = Shape.of(REGISTRY["deterministic_pass"])
    assert coherence(shape, mu) == pytest.approx(1, abs=1e-9)
    assert participation(shape, mu) == pytest.approx(1, abs=1e-9)


@pytest.mark.parametrize("mu", [-0.5, 0.0, 2.0])
@pytest.mark.parametrize("alpha", [0.5, 1.0, 3.0])
def test_of_a_box_both_are_the_share_of_the_membrane_inside(mu, alpha):
    from statistics import NormalDist

    normal = NormalDist(mu)
    inside = normal.cdf(0.5 / alpha) - normal.cdf(-0.5 / alpha)
    shape = Shape.of(REGISTRY["rect"], alpha=alpha)
    assert coherence(shape, mu) == pytest.approx(inside, rel=1e-7)
    assert participation(shape, mu) == pytest.approx(inside, rel=1e-7)


@pytest.mark.parametrize("name", ["sigmoid", "s2nn", "super_spike"])
def test_it_is_the_cosine_between_gradients_behind_a_layer(name):
    shape, mu, units = Shape.of(REGISTRY[name]), -0.5, 400_000
    random = np.random.default_rng(0)
    error = random.standard_normal(units)
    one, other = (error * curve(shape, mu + random.standard_normal(units)) for _ in "ab")
    cosine = one @ other / np.sqrt((one @ one) * (other @ other))
    assert coherence(shape, mu) == pytest.approx(cosine, rel=0.02)
