"""How a training went: loss, accuracy and firing rates over the epochs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from sgcli.figures.style import STYLES, Style, applied, looks

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Line = Mapping[str, Any]


MANY = 6  # layers, of more the first and the last are named


def learning(
    lines: Sequence[Line], steps_per_epoch: int, title: str, output: bool = True
) -> Figure:
    """Three panels from the lines of a metrics file; ``output``: the last layer gives the class."""
    from matplotlib.figure import Figure

    style = STYLES["default"]
    trained = [line for line in lines if line["kind"] == "train"]
    tested = [line for line in lines if line["kind"] != "train"]
    with applied(style):
        figure = Figure(figsize=(1.6 * style.width, 0.8 * style.height), layout="constrained")
        loss, accuracy, firing = figure.subplots(1, 3)
        figure.suptitle(title)
        for axes, key in ((loss, "loss"), (accuracy, "accuracy")):
            for part, look in zip((trained, tested), looks(style, 2), strict=True):
                if part:
                    marker = {} if part is trained else {"marker": "o", "clip_on": False}
                    x, y = _epochs(part, steps_per_epoch), [line[key] for line in part]
                    axes.plot(x, y, label=part[0]["kind"], **look, **marker)
        loss.set(title="loss", ylim=(0, None))
        accuracy.set(title="accuracy", ylim=(0, 1))
        _firing(firing, trained, steps_per_epoch, style, output)
        end = max(_epochs(lines, steps_per_epoch), default=1)
        for axes in figure.axes:
            axes.set(xlabel="epoch", xlim=(0, end))
            if axes.has_data():
                axes.legend()
    return figure


def _firing(
    axes: Axes, trained: Sequence[Line], steps_per_epoch: int, style: Style, output: bool
) -> None:
    layers = len(trained[0]["firing_rate"]) if trained else 0
    for layer, look in enumerate(looks(style, layers, ordered=layers > MANY)):
        name = "output" if output and layer == layers - 1 else f"hidden {layer + 1}"
        if layers > MANY and 0 < layer < layers - 1:
            name = f"_{name}"  # stays out of the legend
        rates = [line["firing_rate"][layer] for line in trained]
        axes.plot(_epochs(trained, steps_per_epoch), rates, label=name, **look)
    axes.set(title="spikes per neuron and step", ylim=(0, None))


def _epochs(lines: Sequence[Line], steps_per_epoch: int) -> list[float]:
    return [line["step"] / steps_per_epoch for line in lines]
