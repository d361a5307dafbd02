"""The integral of the surrogate gradient around a closed loop."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from sgcli.definitions import REGISTRY, Shape
from sgcli.definitions.evaluate import exact
from sgcli.errors import SgError
from sgcli.theory.gygax_zenke import steep
from sgcli.theory.loop import DIRECTIONS, loops
from tests.strategies import name_of
from tests.theory.test_gygax_zenke import STEEP

SIGMOID = Shape.of(REGISTRY["sigmoid"])
DIRECTION = st.lists(st.floats(-1, 1), min_size=5, max_size=5)


@pytest.mark.parametrize("beta", [1.0, 30.0, 1e4])
@pytest.mark.parametrize("definition", STEEP, ids=name_of)
def test_a_gradient_has_the_integral_0(definition, beta):
    (one,) = loops(Shape.of(definition), beta, [beta])
    assert abs(one.integral) <= one.error < 1e-2 * one.path


@pytest.mark.parametrize("definition", STEEP, ids=name_of)
def test_a_surrogate_gradient_has_not(definition):
    """Gygax & Zenke's finding, at the steepness of their figure."""
    for one in loops(Shape.of(definition)):
        assert abs(one.integral) > 1e6 * one.error
        assert one.error < 1e-10 * one.path
        assert abs(one.integral) <= one.path
        assert one.running[0] == 0
        assert one.running[-1] == pytest.approx(one.integral, abs=1e-12 * one.path)


def _exactly(mp, beta, beta_sg):
    up, down = steep(SIGMOID, beta), steep(SIGMOID, beta_sg)
    d1, d2 = ([1.8 * mp.mpf(x) for x in d] for d in DIRECTIONS)

    def along(phi):
        s, c = mp.sin(phi), mp.cos(phi)
        w, v1, v2, u1, u2 = (a * s + b * c for a, b in zip(d1, d2, strict=True))
        toward = [a * c - b * s for a, b in zip(d1, d2, strict=True)]
        g = exact(up, w, "primitive")
        h1, h2 = (exact(up, v * g, "primitive") for v in (v1, v2))
        last = exact(down, u1 * h1 + u2 * h2)
        by1, by2 = (u * last * exact(down, v * g) for u, v in ((u1, v1), (u2, v2)))
        by_w = (by1 * v1 + by2 * v2) * exact(down, w)
        slopes = [by_w, by1 * g, by2 * g, last * h1, last * h2]
        return mp.fdot(slopes, toward)

    with mp.workdps(20):
        return mp.quad(along, mp.linspace(0, 2 * mp.pi, 9), maxdegree=5)


def test_the_integral_to_twenty_digits():
    from sgcli.maths.mpmath_ import mp

    (one,) = loops(SIGMOID, 6.0, [2.5])
    assert abs(one.integral - float(_exactly(mp, 6.0, 2.5))) <= one.error < 1e-12


@settings(max_examples=6)
@given(st.sampled_from(STEEP), DIRECTION, DIRECTION, st.floats(1, 100))
def test_the_other_way_round_it_is_the_negative(definition, first, second, beta_sg):
    assume(np.linalg.matrix_rank([first, second], tol=1e-3) == 2)
    there, back = (
        next(loops(Shape.of(definition), 50.0, [beta_sg], 1.0, None, plane))
        for plane in ([first, second], [second, first])
    )
    assert abs(there.integral + back.integral) <= there.error + back.error + 1e-14 * there.path


def test_even_points_state_how_far_they_are_off():
    refined = {one.beta_sg: one for one in loops(SIGMOID)}
    errors = []
    for points in (150, 15_000):
        found = list(loops(SIGMOID, points=points))
        for one in found:
            assert abs(one.integral - refined[one.beta_sg].integral) <= one.error
        errors.append([one.error for one in found])
    assert all(fine < coarse / 10 for coarse, fine in zip(*errors, strict=True))


@pytest.mark.parametrize("name", [n for n, d in REGISTRY.items() if d not in STEEP])
def test_what_has_no_loop_says_why(name):
    (one,) = loops(Shape.of(REGISTRY[name]))
    assert (one.integral, one.error, one.running) == (None, None, None)
    assert one.note.startswith("not applicable because")


@pytest.mark.parametrize(
    ("options", "error"),
    [
        ({"directions": [[1, 2, 3, 4, 5], [2, 4, 6, 8, 10]]}, "no plane"),
        ({"directions": [[1, 2, 3], [2, 4, 7]]}, "no plane"),
        ({"directions": [[1, 2, math.nan, 4, 5], [2, 4, 6, 8, 1]]}, "no plane"),
        ({"radius": 1e300}, "too much"),
        ({"beta": 1e9}, "too much"),
        ({"beta": 0.0}, "cannot be 0"),
        ({"betas_sg": [-1.0]}, "cannot be -1"),
    ],
)
def test_what_is_refused(options, error):
    with pytest.raises(SgError, match=error):
        list(loops(SIGMOID, **options))
