"""Learning curves."""

from __future__ import annotations

import pytest

from sgcli.figures.learning import learning

STEPS = 10


def line(kind: str, step: int) -> dict[str, object]:
    return {
        "kind": kind, "step": step, "loss": 1 / step, "accuracy": 1 - 1 / step,
        "firing_rate": [0.1, 0.02 * step],
        **({"gradient_norm": {"linears.0": 1 / step, "linears.1": 2.0}} if kind == "train" else {}),
    }  # fmt: skip


LINES = [line("train", s) for s in range(1, 21)] + [line("test", 10), line("test", 20)]


def test_the_curves_are_the_numbers() -> None:
    figure = learning(LINES, STEPS, "a run")
    loss, accuracy, firing, norm = figure.axes
    train, test = loss.get_lines()
    assert list(train.get_xdata()) == pytest.approx([s / STEPS for s in range(1, 21)])
    assert list(train.get_ydata()) == pytest.approx([1 / s for s in range(1, 21)])
    assert list(test.get_xdata()) == [1, 2]
    assert [text.get_text() for text in loss.get_legend().get_texts()] == ["train", "test"]
    assert [text.get_text() for text in firing.get_legend().get_texts()] == ["hidden 1", "output"]
    assert loss.get_xlim() == (0, 2)
    assert accuracy.get_legend() is norm.get_legend() is None
    hidden, output = norm.get_lines()
    assert list(hidden.get_ydata()) == pytest.approx([1 / s for s in range(1, 21)])
    assert set(output.get_ydata()) == {2.0}
    assert norm.get_yscale() == "log"


def test_layers_without_a_gradient_leave_the_scale_linear() -> None:
    none = [{**one, "gradient_norm": {"linears.0": 0.0, "linears.1": 0.0}} for one in LINES]
    assert learning(none, STEPS, "a run").axes[3].get_yscale() == "linear"


@pytest.mark.parametrize(
    ("rates", "modules", "firing", "norms"),
    [
        (2, ["a", "b"], ["hidden 1", "output"], ["hidden 1", "output"]),
        # A readout does not spike.
        (1, ["a", "b"], ["hidden 1"], ["hidden 1", "output"]),
        (2, ["a", "b", "c", "d"], ["hidden 1", "hidden 2"], ["a", "b", "c", "d"]),
    ],
)
def test_layers_are_named_alike_where_each_has_one_module(
    rates: int, modules: list[str], firing: list[str], norms: list[str]
) -> None:
    lines = [
        {
            **line("train", s),
            "firing_rate": [0.1] * rates,
            "gradient_norm": dict.fromkeys(modules, s),
        }
        for s in (1, 2)
    ]
    panels = learning(lines, STEPS, "a run").axes[2:]
    found = [[one.get_label() for one in axes.get_lines()] for axes in panels]
    assert found == [firing, norms]


@pytest.mark.parametrize("wrong", [float("nan"), float("inf")])
def test_what_is_not_finite_leaves_the_others_their_scale(wrong: float) -> None:
    lines = [*LINES, {**line("test", 20), "loss": wrong}]
    assert learning(lines, STEPS, "a run").axes[0].get_ylim() == pytest.approx((0, 1.06))


def test_nothing_measured_yet_is_drawn_too() -> None:
    assert len(learning([], STEPS, "a run").axes) == 4


def test_of_many_layers_the_first_and_the_last_are_named() -> None:
    norms = {f"linears.{i}.weight": 1.0 for i in range(21)}
    for weighted, last in (({}, "output"), ({"gradient_norm": norms}, "hidden 20")):
        deep = [{**LINES[0], "firing_rate": [0.3] * 20, **weighted}]
        firing = learning(deep, STEPS, "a run").axes[2]
        assert len(firing.get_lines()) == 20
        assert [t.get_text() for t in firing.get_legend().get_texts()] == ["hidden 1", last]
