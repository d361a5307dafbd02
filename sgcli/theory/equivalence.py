"""Gradients that are one function: g(x) = height · f(width · x) for all x."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from sgcli.definitions.core import Shape
from sgcli.definitions.evaluate import curve, exact
from sgcli.definitions.facts import FAR, facts
from sgcli.maths.mpmath_ import mp

TOLERANCE = 1e-9  # of the value
# Relative to the peak. The width is known to 1e-15 only, so smaller values of a tail say nothing.
FLOOR = 1e-13
POINTS = tuple(0.011 * 1.6**i for i in range(28))  # in half widths, to 3500 of them


@dataclass(frozen=True)
class Same:
    """The gradient of ``shape`` is ``height`` · that of ``of`` at ``width`` · x.

    ``exact`` says that it holds to 50 digits with exactly these factors; otherwise it holds to
    1e-9.
    """

    shape: Shape
    of: Shape
    height: float
    width: float
    exact: bool


def families(shapes: Sequence[Shape]) -> list[list[Same]]:
    """The shapes that are one function up to scale, each group relative to its first member.

    Two shapes of one definition that differ only in their values are not reported: that one is a
    scaled copy of the other is obvious.
    """
    groups: list[list[Same]] = []
    for shape in dict.fromkeys(shapes):
        for group in groups:
            if result := same(shape, group[0].of):
                group.append(result)
                break
        else:
            groups.append([Same(shape, shape, 1.0, 1.0, True)])
    return [g for g in groups if len({one.shape.definition for one in g}) > 1]


def same(shape: Shape, of: Shape) -> Same | None:
    """How ``shape`` is a scaled ``of``; None where it is not, as where one draws its gradient."""
    if shape.definition.random_gradient != of.definition.random_gradient:
        return None
    mine, other = facts(shape), facts(of)
    if [mine.left.law, mine.right.law, mine.even] != [other.left.law, other.right.law, other.even]:
        return None
    if not mine.peak * other.peak > 0:
        return None
    unit = mine.fwhm if math.isfinite(mine.fwhm) else 1.0
    away = [0.0, *(side * unit * at for at in POINTS for side in (-1, 1))]
    height = mine.peak / other.peak
    for width in _widths(shape, of):
        if not _close(shape, of, height, width, away):
            continue
        # The last digits of the factors were rounded on the way to them.
        round_height, round_width = float(f"{height:.12g}"), float(f"{width:.12g}")
        if _exact(shape, of, round_height, round_width, away):
            return Same(shape, of, round_height, round_width, exact=True)
        return Same(shape, of, height, width, exact=False)
    return None


def _widths(shape: Shape, of: Shape) -> Iterator[float]:
    """Factors that could be the one: that of the half widths or, without these, of an edge."""
    mine, other = facts(shape), facts(of)
    if math.isfinite(mine.fwhm) and math.isfinite(other.fwhm):
        yield other.fwhm / mine.fwhm
        return
    edges = [[x for x in s.edges(-FAR, FAR) if x] for s in (shape, of)]
    if all(edges):
        yield edges[1][0] / edges[0][0]
    yield 1.0


def _close(shape: Shape, of: Shape, height: float, width: float, x: Sequence[float]) -> bool:
    points = np.array(x)
    mine, other = curve(shape, points), height * curve(of, width * points)
    larger = np.maximum(np.abs(mine), np.abs(other))
    return bool((np.abs(mine - other) <= TOLERANCE * larger + FLOOR * facts(shape).peak).all())


def _exact(shape: Shape, of: Shape, height: float, width: float, x: Sequence[float]) -> bool:
    pairs = ((exact(shape, at), height * exact(of, width * at)) for at in map(mp.mpf, x))
    return all(abs(mine - other) <= mp.mpf(10) ** -40 * abs(mine) for mine, other in pairs)
