"""Average linkage."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sgcli.numerics.cluster import cluster


@st.composite
def matrices(draw):
    n = draw(st.integers(1, 9))
    finite = draw(st.booleans())
    entry = st.floats(0, 100) if finite else st.one_of(st.floats(0, 100), st.just(math.inf))
    d = np.zeros((n, n))
    for i in range(n):
        for j in range(i):
            d[i, j] = d[j, i] = draw(entry)
    return d


@given(matrices())
def test_every_merge_is_at_the_mean_distance_and_no_lower_than_those_inside(d):
    tree = cluster(d.tolist())
    assert sorted(tree.leaves) == list(range(len(d)))
    merges = list(tree.merges())
    assert len(merges) == len(d) - 1
    for merged in merges:
        a, b = merged.children
        assert merged.leaves == a.leaves + b.leaves
        assert merged.height == pytest.approx(d[np.ix_(a.leaves, b.leaves)].mean())
        assert merged.height >= max(a.height, b.height) * (1 - 1e-12)


@given(matrices())
def test_the_two_closest_are_merged_first(d):
    tree = cluster(d.tolist())
    if len(d) > 1:
        apart = d[~np.eye(len(d), dtype=bool)]
        assert min(merged.height for merged in tree.merges()) == apart.min()


def test_points_on_a_line_stand_in_their_order():
    x = np.array([0.0, 10.0, 1.0, 12.0, 3.5])
    leaves = cluster(np.abs(x[:, None] - x).tolist()).leaves
    order = x[list(leaves)]
    assert (np.diff(order) > 0).all() or (np.diff(order) < 0).all()
