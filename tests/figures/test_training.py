"""Accuracy against the predicted factor."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from sgcli.definitions import REGISTRY, Shape
from sgcli.figures.style import STYLES, Sheet
from sgcli.figures.training import AGAINST, training
from sgcli.training.deep import Entry, Plan, Study
from sgcli.training.grid import Cell

PLAN = Plan(layers=7, seeds=2)


class Ended:
    """As much of a result as a figure reads."""

    def __init__(self, accuracy: float) -> None:
        self.accuracy = accuracy


def entry(name: str, kind: str, factor: float | None, accuracies: Sequence[float]) -> Entry:
    made: Any = [Cell(PLAN.settings(SHAPES[name], "sgd", 0), Ended(a)) for a in accuracies]  # type: ignore[arg-type]
    cells = {"sgd": made, "adam": made}
    shape = None if factor is None else SHAPES[name]
    return Entry(SHAPES[name], kind, shape, 1.0, factor, 0.5, 0.5, cells=cells if shape else {})


SHAPES = {name: Shape.of(REGISTRY[name]) for name in ("sigmoid", "atan")}
STUDY = Study(
    PLAN,
    [
        entry("sigmoid", "default", 1e-4, [0.1, 0.2]),
        entry("sigmoid", "recommended", 1.0, [0.8, 0.9]),
        entry("atan", "default", 50.0, [0.5, 0.5]),
        entry("atan", "recommended", None, []),
    ],
)


def test_points_are_the_means_over_the_seeds() -> None:
    figure = training(STUDY)
    assert [axes.get_title() for axes in figure.axes] == ["SGD", "Adam"]
    joined = [line for line in figure.axes[0].get_lines() if len(line.get_xdata()) == 2]
    (sigmoid,) = (line for line in joined if list(line.get_xdata()) == [1e-4, 1.0])
    assert list(sigmoid.get_ydata()) == pytest.approx([15, 85])
    bars = [c for c in figure.axes[0].containers if c.has_yerr]
    assert len(bars) == 3
    (low, high) = bars[0][2][0].get_segments()[0][:, 1]
    assert (high - low) / 2 == pytest.approx(100 * 0.05 * 2**0.5)


def test_no_point_is_cut_off() -> None:
    for axes in training(STUDY).axes:
        assert axes.get_ylim() == (0, 100)


@pytest.mark.parametrize("against", AGAINST)
def test_each_quantity_has_its_axis(against: str) -> None:
    axes = training(STUDY, against).axes[0]
    (sigmoid,) = (c for c in axes.containers[:1])
    (x,) = set(sigmoid[0].get_xdata())
    assert x == pytest.approx(getattr(STUDY.entries[0], against.replace("-", "_")))
    assert (axes.get_xscale() == "log") == (against == "factor")


def test_every_surrogate_and_both_kinds_are_in_the_legend() -> None:
    (legend,) = training(STUDY).legends
    texts = [text.get_text() for text in legend.get_texts()]
    assert texts == ["sigmoid", "atan", "default", "recommended"]


@pytest.mark.parametrize("style", STYLES)
def test_panels_stand_side_by_side_or_in_one_column(style: str) -> None:
    figure = training(STUDY, sheet=Sheet(style))
    first, second = (axes.get_subplotspec().rowspan.start for axes in figure.axes)
    assert (figure.get_figwidth() == STYLES[style].width) == (style == "paper")
    assert second - first == (style == "paper")
    assert training(STUDY, "factor", Sheet(style, 5.0, 3.0)).get_size_inches().tolist() == [
        5.0,
        3.0,
    ]
