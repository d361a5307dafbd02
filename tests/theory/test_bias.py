"""The sign of the surrogate gradient along one weight."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sgcli.definitions import REGISTRY, Shape
from sgcli.definitions.evaluate import exact
from sgcli.errors import SgError
from sgcli.theory.bias import biases
from sgcli.theory.gygax_zenke import steep
from tests.strategies import name_of
from tests.theory.test_gygax_zenke import STEEP

SIGMOID = Shape.of(REGISTRY["sigmoid"])


@pytest.mark.parametrize("definition", STEEP, ids=name_of)
def test_a_gradient_is_not_biased(definition):
    (one,) = biases(Shape.of(definition), 100.0, [100.0])
    assert one.disagreement == 0
    assert one.crossings == one.true_crossings
    np.testing.assert_array_equal(one.true, one.surrogate)


@pytest.mark.parametrize("beta_sg", [30.0, 40.0, 100.0])
def test_zeros_are_those_of_the_sum_over_both_paths(beta_sg):
    """y′ and g′ are positive, so the sign of ∂y/∂w is that of Σ uᵢ·vᵢ·σ′(vᵢ·g)."""
    from sgcli.maths.mpmath_ import mp

    up, down = steep(SIGMOID, 100.0), steep(SIGMOID, beta_sg)

    def total(w):
        g = exact(up, w, "primitive")
        pairs = ((0.05, 1), (0.1, -1))
        return mp.fsum(u * mp.mpf(v) * exact(down, mp.mpf(v) * g) for v, u in pairs)

    (one,) = biases(SIGMOID, 100.0, [beta_sg])
    (crossing,) = one.crossings
    assert float(mp.findroot(total, crossing)) == pytest.approx(crossing, abs=1e-14)


@settings(max_examples=10)
@given(
    st.sampled_from(STEEP),
    st.tuples(*[st.floats(-1, 1)] * 4),
    st.floats(1, 60),
    st.floats(-0.5, -0.1),
    st.floats(0.1, 0.5),
)
def test_the_share_is_that_of_the_points(definition, weights, beta_sg, low, high):
    (one,) = biases(Shape.of(definition), 60.0, [beta_sg], weights, (low, high), points=20_001)
    counted = float((np.sign(one.true) * np.sign(one.surrogate) < 0).mean())
    changes = np.count_nonzero(np.diff(np.sign(one.true)))
    changes += np.count_nonzero(np.diff(np.sign(one.surrogate)))
    assert abs(one.disagreement - counted) <= (changes + 2) / 20_000
    assert all(low <= w <= high for w in (*one.crossings, *one.true_crossings))


def test_the_bias_of_the_paper():
    """β_SG = 15 sees no zero where the gradient has one; the closer to β, the less they differ."""
    flat, steeper, true = biases(SIGMOID)
    assert (len(flat.crossings), len(steeper.crossings), len(true.crossings)) == (0, 1, 1)
    assert flat.disagreement > 0.5
    assert flat.disagreement > steeper.disagreement > true.disagreement == 0
    assert flat.true_crossings == true.crossings


@pytest.mark.parametrize("name", [n for n, d in REGISTRY.items() if d not in STEEP])
def test_what_has_no_bias_says_why(name):
    (one,) = biases(Shape.of(REGISTRY[name]))
    assert (one.disagreement, one.w) == (None, None)
    assert one.note.startswith("not applicable because")


@pytest.mark.parametrize("sweep", [(1, 0), (0, 0), (-1e308, 1e308), (float("nan"), 1)])
def test_an_interval_that_is_none_is_refused(sweep):
    with pytest.raises(SgError, match="w cannot go from"):
        list(biases(SIGMOID, sweep=sweep))
