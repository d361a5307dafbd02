"""The formula that people read is the function that is computed."""

from __future__ import annotations

from typing import Any

import pytest
import sympy
from hypothesis import given, settings
from hypothesis import strategies as st

from sgcli.definitions import REGISTRY, Definition, Param, Shape
from sgcli.definitions import formula as formulas
from sgcli.definitions.evaluate import exact

BOTH = [
    (name, which)
    for name, d in REGISTRY.items()
    for which in ("primitive", "derivative")
    if not (which == "primitive" and d.no_primitive)
]


@pytest.mark.parametrize(("name", "which"), BOTH)
@settings(max_examples=5, deadline=None)
@given(data=st.data())
def test_formula_has_the_exact_value(name: str, which: Any, data: st.DataObject) -> None:
    definition = REGISTRY[name]
    # Kinks depend on the parameters, and so must the cases of the formula.
    values = {
        key: data.draw(st.integers(*map(int, p.typical)) if p.integer else st.floats(*p.typical))
        for key, p in definition.params.items()
    }
    shape = Shape.of(definition, **values)
    # Of a periodic gradient the formula is that of the period around 0.
    reach = 20 if shape.period is None else shape.period / 2
    point = data.draw(st.floats(-reach, reach))
    symbols = dict(zip(formulas.parameter_symbols(definition), shape.values, strict=True))
    got = formulas.formula(definition, which).subs({formulas.x: point, **symbols}).evalf(25)
    assert float(got) == pytest.approx(float(exact(shape, point, which)), rel=1e-9, abs=1e-12)


@pytest.mark.parametrize(("name", "which"), BOTH)
def test_formula_is_free_of_clips_and_fits_a_terminal(name: str, which: Any) -> None:
    result = formulas.formula(REGISTRY[name], which)
    assert not result.has(sympy.Min, sympy.Max)
    assert max(map(len, formulas.pretty(result).splitlines())) <= 78
    assert formulas.latex(result)


class Undeclared(Definition, name="undeclared"):
    """A branch at 2 without a declared jump."""

    a = Param(1.0, domain="(0, inf)", typical=(0.5, 2.0))

    @staticmethod
    def primitive(m: Any, x: Any, a: Any) -> Any:
        return a * m.minimum(x, 2)

    @staticmethod
    def derivative(m: Any, x: Any, a: Any) -> Any:
        return m.where(x < 2, a, 0)


@pytest.mark.parametrize("which", ["primitive", "derivative"])
def test_an_undeclared_branch_does_not_make_the_formula_wrong(which: Any) -> None:
    result = formulas.formula(Undeclared, which)
    a = formulas.parameter_symbols(Undeclared)[0]
    for point in (-1, 1, 3):
        got = result.subs({formulas.x: point, a: 1.0})
        assert float(got) == float(exact(Shape.of(Undeclared), point, which))
