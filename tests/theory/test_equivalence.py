"""Gradients that are one function up to scale."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sgcli.definitions import REGISTRY, Shape
from sgcli.definitions.evaluate import curve
from sgcli.definitions.expression import evaluate
from sgcli.theory.equivalence import families, same
from tests.strategies import DEFINITIONS, name_of, shapes, shapes_of

DECLARED = [(d, equal) for d in DEFINITIONS for equal in d.equals]


@pytest.mark.parametrize(
    ("definition", "equal"), DECLARED, ids=lambda v: getattr(v, "name", None) or name_of(v)
)
@given(data=st.data())
def test_what_the_catalogue_declares_equal_is_found(definition, equal, data):
    shape = data.draw(shapes_of(definition))
    values = {k: evaluate(text, shape.params) for k, text in equal.params.items()}
    found = same(shape, Shape.of(REGISTRY[equal.name], **values))
    assert found is not None
    assert found.height == pytest.approx(evaluate(equal.height, shape.params), rel=1e-11)
    assert found.width == pytest.approx(1, rel=1e-11)


def test_q_pseudo_spike_of_2_is_soft_sign_of_2():
    """Published: SpikingJelly documents the one beside the other as two surrogates."""
    pair = Shape.of(REGISTRY["q_pseudo_spike"], alpha=2), Shape.of(REGISTRY["soft_sign"], alpha=2)
    found = same(*pair)
    assert found is not None
    assert found.height == found.width == 1
    assert found.exact
    for other in (2.001, 1.999):
        assert same(Shape.of(REGISTRY["q_pseudo_spike"], alpha=other), pair[1]) is None


@given(shapes(), st.floats(0.1, 10), st.floats(-30, 30))
def test_a_steepness_only_scales(shape, factor, x):
    alpha = shape.params.get("alpha")
    if alpha is None or len(shape.params) > 1 or shape.name in ("q_pseudo_spike", "dspike"):
        return
    if alpha * factor not in shape.definition.params["alpha"].interval or not alpha:
        return
    other = Shape.of(shape.definition, alpha=alpha * factor)
    found = same(other, shape)
    if shape.name == "log_tailed_relu":  # its height at x < 0 is another matter
        return
    assert found is not None
    mine = curve(other, [x])
    np.testing.assert_allclose(
        mine, found.height * curve(shape, [found.width * x]), rtol=1e-6, atol=1e-12
    )


def test_of_two_entries_none_is_the_other_unless_it_is_said():
    groups = families([Shape.of(d) for d in DEFINITIONS])
    found = {frozenset((a.shape.name, b.shape.name))
             for group in groups for a, b in itertools.combinations(group, 2)}  # fmt: skip
    declared = {frozenset((d.name, equal.name)) for d, equal in DECLARED}
    x = np.concatenate([-np.geomspace(1e-3, 1e3, 200), np.geomspace(1e-3, 1e3, 200)])
    assert declared <= found
    for group in groups:
        for one in group:
            scaled = one.height * curve(one.of, one.width * x)
            np.testing.assert_allclose(curve(one.shape, x), scaled, rtol=1e-9, atol=1e-15)


def test_a_random_gradient_is_no_fixed_one():
    assert same(Shape.of(REGISTRY["sso"]), Shape.of(REGISTRY["leaky_k_relu"])) is None


def test_shapes_of_one_definition_are_no_news():
    assert families([Shape.of(REGISTRY["sigmoid"], alpha=a) for a in (1, 2, 4)]) == []
