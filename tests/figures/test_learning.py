"""Learning curves."""

from __future__ import annotations

import pytest

from sgcli.figures.learning import learning

STEPS = 10


def line(kind: str, step: int) -> dict[str, object]:
    return {
        "kind": kind, "step": step, "loss": 1 / step, "accuracy": 1 - 1 / step,
        "firing_rate": [0.1, 0.02 * step],
    }  # fmt: skip


LINES = [line("train", s) for s in range(1, 21)] + [line("test", 10), line("test", 20)]


def test_the_curves_are_the_numbers() -> None:
    figure = learning(LINES, STEPS, "a run")
    loss, accuracy, firing = figure.axes
    train, test = loss.get_lines()
    assert list(train.get_xdata()) == pytest.approx([s / STEPS for s in range(1, 21)])
    assert list(train.get_ydata()) == pytest.approx([1 / s for s in range(1, 21)])
    assert list(test.get_xdata()) == [1, 2]
    assert [text.get_text() for text in accuracy.get_legend().get_texts()] == ["train", "test"]
    assert [text.get_text() for text in firing.get_legend().get_texts()] == ["hidden 1", "output"]
    assert loss.get_xlim() == (0, 2)


def test_nothing_measured_yet_is_drawn_too() -> None:
    assert len(learning([], STEPS, "a run").axes) == 3


def test_of_many_layers_the_first_and_the_last_are_named() -> None:
    deep = [{**line("train", s), "firing_rate": [0.3] * 20} for s in range(1, 5)]
    for output, last in ((True, "output"), (False, "hidden 20")):
        firing = learning(deep, STEPS, "a run", output).axes[2]
        assert len(firing.get_lines()) == 20
        assert [t.get_text() for t in firing.get_legend().get_texts()] == ["hidden 1", last]
