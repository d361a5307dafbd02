"""Laws of every definition."""

from __future__ import annotations

import inspect
import re

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from sgcli.definitions import LIBRARIES, REGISTRY, Shape
from sgcli.definitions.catalogue import FAMILIES
from sgcli.definitions.evaluate import curve, exact, exact_slope
from sgcli.definitions.expression import evaluate
from sgcli.definitions.facts import facts
from tests.strategies import DEFINITIONS, WITH_PRIMITIVE, away_from, name_of, shapes_of

# A DOI, an arXiv number, or the page of a paper that has neither.
IDENTIFIER = r"doi:10\.\d{4,}/\S+|arXiv:\d{4}\.\d{4,5}|https://proceedings\.neurips\.cc/\S+"

every = pytest.mark.parametrize("definition", DEFINITIONS, ids=name_of)


with_primitive = pytest.mark.parametrize("definition", WITH_PRIMITIVE, ids=name_of)
a_few = settings(max_examples=25)


@with_primitive
@a_few
@given(data=st.data(), x=st.floats(-50, 50))
def test_the_derivative_is_that_of_the_primitive_to_forty_digits(definition, data, x):
    shape = data.draw(shapes_of(definition))
    assume(away_from(shape.kinks(-60, 60) + shape.jumps(-60, 60), x))
    want, got = exact(shape, x), exact_slope(shape, x)
    assert abs(got - want) <= 1e-40 * max(abs(want), 1)


@every
@a_few
@given(data=st.data(), x=st.floats(-50, 50))
def test_numpy_evaluates_what_mpmath_does(definition, data, x):
    shape = data.draw(shapes_of(definition))
    assume(away_from(shape.kinks(-60, 60) + shape.jumps(-60, 60), x))
    primitive = [] if definition.no_primitive else ["primitive"]
    for which in ("forward", "derivative", *primitive):
        want = float(exact(shape, x, which))
        assert curve(shape, [x], which)[0] == pytest.approx(want, rel=1e-9, abs=1e-9)


@every
def test_the_textbook_form_is_the_same_function(definition):
    shape = Shape.of(definition)
    x = np.linspace(-5, 5, 1001)
    x = x[[away_from(shape.kinks(-6, 6) + shape.jumps(-6, 6), v) for v in x]]
    from sgcli.maths import numpy_

    with np.errstate(all="ignore"):  # a textbook form does not mind its unselected branches
        textbook = definition.textbook_derivative()(numpy_, x, *shape.values) * np.ones_like(x)
    np.testing.assert_allclose(textbook, curve(shape, x), rtol=1e-9, atol=1e-12)


@every
def test_the_jumps_are_where_the_derivative_jumps(definition):
    shape = Shape.of(definition, **{k: p.typical[1] for k, p in definition.params.items()})
    for jump in shape.jumps(-100, 100):
        left, at, right = (float(exact(shape, jump + d)) for d in (-1e-30, 0, 1e-30))
        assert at in (left, right)
    jumps = shape.jumps(-100, 100)
    for kink in shape.kinks(-100, 100):
        if away_from(jumps, kink):
            left, right = (float(exact(shape, kink + d)) for d in (-1e-12, 1e-12))
            assert left == pytest.approx(right, abs=1e-6)


@every
def test_the_derivative_is_smooth_between_its_kinks(definition):
    """All jumps and kinks are declared: elsewhere the slope changes little over a small step."""
    shape = Shape.of(definition)
    width = facts(shape).fwhm
    unit = width if np.isfinite(width) else 1.0
    edges = shape.kinks(-60, 60) + shape.jumps(-60, 60)
    x = unit * np.linspace(-5.003, 5.001, 8001)
    bend = np.abs(np.diff(curve(shape, x), 2))
    calm = np.array([all(abs(v - e) > 0.01 * unit for e in edges) for v in x[1:-1]])
    assert bend[calm].max(initial=0) < 1e-4


@every
@given(data=st.data())
def test_equal_entries_are_equal(definition, data):
    shape = data.draw(shapes_of(definition))
    x = np.linspace(-4, 4, 201)
    for equal in definition.equals:
        other = Shape.of(
            REGISTRY[equal.name],
            **{k: evaluate(v, shape.params) for k, v in equal.params.items()},
        )
        height = evaluate(equal.height, shape.params)
        np.testing.assert_allclose(curve(shape, x), height * curve(other, x), rtol=1e-12)


@every
def test_fields_are_complete(definition):
    assert definition.sources, "a surrogate enters the catalogue with a source"
    for source in definition.sources:
        assert re.fullmatch(IDENTIFIER, source)
    assert definition.summary().endswith(".")
    for p in definition.params.values():
        assert p.doc
        assert all(end in p.interval for end in p.typical)
    for peer in definition.peers:
        assert peer.library in LIBRARIES
        for expression in (*peer.params.values(), peer.height, peer.shift):
            evaluate(expression, {**Shape.of(definition).params, "v_threshold": 1.0})
        Shape.of(definition, **peer.default)


@every
def test_signatures_follow_the_parameters(definition):
    for function in (definition.primitive, definition.derivative, definition.forward):
        names = list(inspect.signature(function).parameters)
        if names[2:3] != ["p"]:
            assert names == ["m", "x", *definition.params]


def test_names_are_the_snake_case_of_the_class():
    for name, definition in REGISTRY.items():
        assert name == definition.name
        assert name.replace("_", "") == definition.__name__.lower()
    assert len({d.name for d in DEFINITIONS}) == sum(len(_of(m)) for m in FAMILIES)


def _of(module):
    from sgcli.definitions.catalogue import definitions_in

    return definitions_in(module)
