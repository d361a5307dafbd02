"""The network of five weights."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from sgcli.definitions import Shape
from sgcli.definitions.evaluate import curve, exact
from sgcli.errors import SgError
from sgcli.theory.gygax_zenke import not_applicable, run, steep, steepness
from tests.strategies import DEFINITIONS, WITH_PRIMITIVE, name_of

STEEP = [d for d in DEFINITIONS if not not_applicable(Shape.of(d))]


@settings(max_examples=20)
@given(st.sampled_from(STEEP), st.floats(0.1, 1e3), st.floats(-3, 3), st.floats(0.1, 50))
def test_a_steepness_compresses_x(definition, beta, x, factor):
    shape = Shape.of(definition)
    (narrow,) = curve(steep(shape, factor * beta), [x], "primitive")
    (wide,) = curve(steep(shape, beta), [factor * x], "primitive")
    assert narrow == pytest.approx(wide, rel=1e-9, abs=1e-12)


@pytest.mark.parametrize("definition", WITH_PRIMITIVE, ids=name_of)
def test_what_has_no_steepness_has_none_in_any_parameter(definition):
    shape = Shape.of(definition)
    if steepness(shape) is None:
        x = np.linspace(-2, 2, 81)
        for name, p in definition.params.items():
            for value in (3 * shape.params[name], shape.params[name] / 3):
                if not p.integer and value in p.interval:
                    other = Shape.of(definition, **{**shape.params, name: value})
                    found = curve(other, x, "primitive")
                    assert not np.allclose(found, curve(shape, 3 * x, "primitive"), atol=1e-9)


def _output(mp, shape, weights):
    def up(x):
        return exact(shape, x, "primitive")

    w, v1, v2, u1, u2 = weights
    g = up(w)
    return up(u1 * up(v1 * g) + u2 * up(v2 * g))


@pytest.mark.parametrize("definition", STEEP, ids=name_of)
def test_with_its_own_derivative_the_gradient_is_that_of_the_output(definition):
    from sgcli.maths.mpmath_ import mp

    shape = steep(Shape.of(definition), 1.7)
    weights = [mp.mpf(w) for w in (0.11, 0.23, -0.31, 0.41, 0.19)]
    found = run(shape, shape, np.array([float(w) for w in weights])[:, None]).gradient[:, 0]
    step = mp.mpf(10) ** -20
    for i, slope in enumerate(found):
        up, down = ([w + s * (i == j) for j, w in enumerate(weights)] for s in (step, -step))
        want = (_output(mp, shape, up) - _output(mp, shape, down)) / (2 * step)
        assert slope == pytest.approx(float(want), rel=1e-10, abs=1e-13)


@given(st.floats(0.2, 50), st.floats(0.2, 50))
def test_the_forward_pass_does_not_see_the_surrogate(beta, beta_sg):
    assume(beta != beta_sg)
    shape = Shape.of(STEEP[0])
    weights = np.array([[0.3], [0.1], [-0.2], [0.5], [-0.4]])
    forward, other = steep(shape, beta), steep(shape, beta_sg)
    true, surrogate = run(forward, forward, weights), run(forward, other, weights)
    assert true.output == surrogate.output
    assert (true.gradient != surrogate.gradient).all()


@pytest.mark.parametrize("beta", [0.0, -1.0, 1e6, float("nan")])
def test_a_steepness_that_is_none_is_refused(beta):
    with pytest.raises(SgError, match="steepness cannot be"):
        steep(Shape.of(STEEP[0]), beta)


def test_why_it_does_not_apply():
    reasons = {d.name: not_applicable(Shape.of(d)) for d in DEFINITIONS}
    for definition in DEFINITIONS:
        reason = reasons[definition.name]
        assert not reason or reason.startswith("not applicable because")
        assert bool(definition.no_primitive) <= ("no primitive" in reason)
