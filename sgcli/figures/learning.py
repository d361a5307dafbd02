"""How a training went: loss, accuracy, firing rates and gradient norms over the epochs."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from sgcli.figures.look import applied, blank, looks
from sgcli.figures.style import DEFAULT, Sheet, Style

Line = Mapping[str, Any]
MOST_NAMED = 6  # layers in a legend inside a panel; of more the first and the last
FULL = 1.06  # how far an axis goes beyond the highest value, so that a line there is seen


def learning(
    lines: Sequence[Line], steps_per_epoch: int, title: str, sheet: Sheet = DEFAULT
) -> Figure:
    """Four panels from the lines of a metrics file."""
    look = sheet.style
    trained = [line for line in lines if line["kind"] == "train"]
    tested = [line for line in lines if line["kind"] != "train"]
    x = _epochs(trained, steps_per_epoch)
    with applied(look):
        wide, high = (1.0, 1.5) if look.narrow else (1.25, 1.4)
        figure = blank(sheet, wide * look.width, high * look.height)
        (loss, accuracy), (firing, norm) = figure.subplots(2, 2, sharex=True)
        figure.suptitle(title, fontsize=look.rc["axes.titlesize"])
        for axes, key in ((loss, "loss"), (accuracy, "accuracy")):
            for part, line in zip((trained, tested), looks(look, 2), strict=True):
                if part:
                    marker = {} if part is trained else {"marker": "o", "clip_on": False}
                    y = [row[key] for row in part]
                    axes.plot(
                        _epochs(part, steps_per_epoch), y, label=part[0]["kind"], **line, **marker
                    )
        loss.set(ylabel="loss", ylim=(0, _above([line["loss"] for line in lines])))
        accuracy.set(ylabel="accuracy", ylim=(0, FULL))
        rates, norms = _rates(trained), _norms(trained)
        _layers(firing, x, rates, look)
        highest = _above([rate for line in trained for rate in line["firing_rate"]])
        firing.set(ylabel="spikes per neuron and step", ylim=(0, highest))
        _layers(norm, x, norms, look)
        norm.set(ylabel="gradient norm of the layer")
        if any(value > 0 for values in norms.values() for value in values):
            norm.set_yscale("log")
        end = max(_epochs(lines, steps_per_epoch), default=1)
        for axes in (firing, norm):
            axes.set(xlabel="epoch", xlim=(0, end))
        # One legend for the layers, where both panels have the same.
        for axes in (loss, firing) if list(rates) == list(norms) else (loss, firing, norm):
            if axes.has_data():
                axes.legend()
    return figure


def _above(values: Sequence[float]) -> float:
    """The upper limit of an axis from 0, slightly above the highest value, where a curve may be."""
    return FULL * max(filter(math.isfinite, values), default=0) or 1.0


def _layers(
    axes: Axes, x: Sequence[float], values: Mapping[str, Sequence[float]], style: Style
) -> None:
    many = len(values) > MOST_NAMED
    lines = looks(style, len(values), ordered=many)
    for i, ((name, y), line) in enumerate(zip(values.items(), lines, strict=True)):
        unnamed = many and 0 < i < len(values) - 1
        axes.plot(x, y, label=f"_{name}" if unnamed else name, **line)


def _rates(trained: Sequence[Line]) -> dict[str, list[float]]:
    count = len(trained[0]["firing_rate"]) if trained else 0
    weighted = len(trained[0].get("gradient_norm", {})) if trained else 0
    names = named(count, max(count, weighted))
    return {name: [line["firing_rate"][i] for line in trained] for i, name in enumerate(names)}


def _norms(trained: Sequence[Line]) -> dict[str, list[float]]:
    """By layer, named as the firing rates are where there is one module a layer."""
    modules = list(trained[0].get("gradient_norm", {})) if trained else []
    spiking = len(trained[0]["firing_rate"]) if trained else 0
    plain = len(modules) - spiking in (0, 1)
    names = named(len(modules), len(modules)) if plain else modules
    return {
        name: [line["gradient_norm"][module] for line in trained]
        for name, module in zip(names, modules, strict=True)
    }


def named(count: int, layers: int) -> list[str]:
    """The first ``count`` names of so many layers, of which the last is the output."""
    return [*(f"hidden {i + 1}" for i in range(layers - 1)), "output"][:count]


def _epochs(lines: Sequence[Line], steps_per_epoch: int) -> list[float]:
    return [line["step"] / steps_per_epoch for line in lines]
