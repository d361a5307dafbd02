"""Forward pass, primitive and gradient of one surrogate, of a few, or of many."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from sgcli.definitions.evaluate import Curve
from sgcli.figures import words
from sgcli.figures.frame import below, frame, legend, reference
from sgcli.figures.lines import draw
from sgcli.figures.look import applied, blank, overlaid, stacked
from sgcli.figures.save import room
from sgcli.figures.style import DASHES, DEFAULT, Sheet, Style
from sgcli.theory.curves import Sampled

MOST_OVERLAID = 8  # more lines than that on one axes cannot be followed
PANEL = 0.24  # inches of width of a small panel, by the points of its letters
ROOM = (0.3, 0.3)  # of small panels, for the primitives to show beyond the gradients
DASH = {"forward": DASHES[3], "primitive": DASHES[1], "derivative": DASHES[0]}
DOT = {"forward": 3.2, "primitive": 2.6, "derivative": 2.0}


def plot(sampled: Sequence[Sampled], sheet: Sheet = DEFAULT, log: bool = False) -> Figure:
    """Draw one shape on one axes, up to eight overlaid, and more as small multiples.

    Where the sheet has no size, the style and the number of panels decide.
    """
    kind = _one if len(sampled) == 1 else _overlay if len(sampled) <= MOST_OVERLAID else _grid
    with applied(sheet.style):
        return kind(sampled, sheet, log)


def _one(sampled: Sequence[Sampled], sheet: Sheet, log: bool) -> Figure:
    """All curves on one axes, a line at 1, and the peak of the gradient in numbers."""
    (only,), style = sampled, sheet.style
    figure = Figure((sheet.width or style.width, sheet.height or style.height))
    axes = figure.add_subplot()
    reference(axes, style)
    forward = only.forward_label if "forward" in only.y else ""
    _curves(axes, only, style, log, {**words.CURVE, "forward": forward})
    frame(axes, sampled, list(only.y), log)
    if "derivative" in only.y:
        _annotate_peak(axes, only, style)
    axes.set(xlabel=words.INPUT, ylabel=words.output(list(only.y)))
    size = style.rc["font.size"]
    axes.set_title(words.title(only.shape), pad=2.4 * size)
    lines, labels = axes.get_legend_handles_labels()
    # Margins in lines of text; a layout engine would take longer than all the drawing.
    across, down = (size / 72 / inches for inches in figure.get_size_inches())
    # In a narrow figure the legend is as wide as the figure, and stands in its middle.
    middle = (0.5 - 5 * across) / (1 - 6.2 * across) if style.narrow else 0.5
    axes.legend(
        lines[::-1],
        labels[::-1],
        loc="lower center",
        bbox_to_anchor=(middle, 1.0),
        ncols=3,
        borderaxespad=0.3,
        columnspacing=1.0 if style.narrow else 1.4,
    )
    with room(figure):
        figure.subplots_adjust(
            left=5 * across, right=1 - 1.2 * across, bottom=3.8 * down, top=1 - 4.6 * down
        )
    return figure


def _overlay(sampled: Sequence[Sampled], sheet: Sheet, log: bool) -> Figure:
    """Primitives in one panel, gradients in another, and the forward pass behind the first."""
    style, curves = sheet.style, words.present(sampled)
    panels = [c for c in curves if c != "forward"] or curves
    title, labels, lines = overlaid(style, [s.shape for s in sampled])
    if "primitive" in panels:
        labels = [
            label if "primitive" in curve.y else f"{label} (no primitive)"
            for curve, label in zip(sampled, labels, strict=True)
        ]
    wide = sheet.width or style.width * (0.6 + 0.4 * len(panels) ** 1.6)
    down = len(panels) if stacked(sheet, len(panels)) else 1
    # Few entries of the legend have their place in the height of the style.
    more = max(0.0, below(style, labels, wide)[1] - 0.4 * style.height)
    figure = blank(sheet, wide, style.height * (1.15 + 0.9 * (down - 1)) + more)
    forwards: list[str] = []
    grid = figure.subplots(down, len(panels) // down, squeeze=False)
    for axes, panel in zip(grid.flat, panels, strict=True):
        reference(axes, style)
        behind = panel == panels[0] and panel != "forward" and "forward" in curves
        forwards = _forwards(axes, sampled, labels, style, log) if behind else forwards
        for curve, label, look in zip(sampled, labels, lines, strict=True):
            if panel in curve.y:
                draw(axes, curve, panel, log, label=label, **look)
        frame(axes, sampled, [panel, "forward"] if behind else [panel], log)
        axes.set(xlabel=words.INPUT, ylabel=words.output([panel]))
    if title:
        figure.suptitle(title, fontsize=style.rc["axes.titlesize"])
    drawn = [
        label for curve, label in zip(sampled, labels, strict=True) if set(panels) & set(curve.y)
    ]
    legend(figure, style, [*drawn, *forwards], "outside lower center")
    return figure


def _grid(sampled: Sequence[Sampled], sheet: Sheet, log: bool) -> Figure:
    """One small panel a shape, all to the scale of their gradients but where a forward needs more.

    Primitives without a bound leave their panels.
    """
    style = sheet.style
    size = 0.8 * style.rc["font.size"]
    columns = next((n for n in (5, 6, 7, 4) if len(sampled) % n == 0), 6)
    if sheet.width is not None:
        columns = max(1, min(len(sampled), int(sheet.width / (PANEL * size))))
    rows = math.ceil(len(sampled) / columns)
    figure = blank(sheet, PANEL * size * columns, 0.23 * size * rows + 0.1 * size)
    panels = figure.subplots(rows, columns, squeeze=False)
    curves = words.present(sampled)
    labels = {**words.CURVE, "forward": "forward pass: Heaviside Θ(x) where nothing else is said"}
    for i, (axes, curve) in enumerate(zip(panels.flat, sampled, strict=False)):
        reference(axes, style)
        _curves(axes, curve, style, log, labels, linewidth=0.7 * style.rc["lines.linewidth"])
        axes.set_title(words.heading(curve.shape), fontsize=size)
        axes.tick_params(labelsize=0.9 * size, labelbottom=i + columns >= len(sampled))
        if "forward" in curve.y and not curve.is_step:
            frame(axes, [curve], curves, log)
            axes.annotate(
                curve.forward_label,
                (0.03, 0.97),
                xycoords="axes fraction",
                va="top",
                color=style.forward,
                fontsize=0.9 * size,
            )
        else:
            frame(axes, sampled, [c for c in curves if c == "derivative"] or curves, log, ROOM)
    for axes in panels.flat[len(sampled) :]:
        axes.set_axis_off()
    figure.supxlabel(words.INPUT, fontsize=style.rc["font.size"])
    figure.supylabel(words.output(curves), fontsize=style.rc["font.size"])
    legend(figure, style, [labels[c] for c in curves], "outside upper center")
    return figure


def _curves(
    axes: Axes, curve: Sampled, style: Style, log: bool, labels: Mapping[Curve, str], **look: Any
) -> None:
    """All curves of a shape; the solid gradient lies under the dashes of the others."""
    for over, which in enumerate(reversed(words.present([curve]))):
        look |= {"color": style.color(which), "linestyle": DASH[which], "label": labels[which]}
        draw(axes, curve, which, log, dot=DOT[which], zorder=2 + 0.1 * over, **look)


def _forwards(
    axes: Axes, sampled: Sequence[Sampled], labels: Sequence[str], style: Style, log: bool
) -> list[str]:
    """Draw the forward passes, the Heaviside step that most share once; returns their labels."""
    drawn: list[str] = []
    for curve, label in zip(sampled, labels, strict=True):
        text = curve.forward_label if curve.is_step else f"{label}, {curve.forward_label}"
        if text not in drawn:
            dash = DASHES[(3 + len(drawn)) % len(DASHES)]
            draw(axes, curve, "forward", log, color=style.forward, linestyle=dash, label=text)
            drawn.append(text)
    return drawn


def _annotate_peak(axes: Axes, curve: Sampled, style: Style) -> None:
    x, y = curve.peak()
    if y > 0 and curve.x[0] < x < curve.x[-1]:  # at an end of the range it may go on to rise
        size, line, color = style.rc["font.size"], style.rc["lines.linewidth"], style.gradient
        axes.plot([x], [y], "o", color=color, markersize=2.4 * line, zorder=2.3)
        axes.annotate(
            f"peak {y:.4g}",
            (x, y),
            zorder=4,
            xytext=(0.7 * size, 0.7 * size),
            textcoords="offset points",
            va="center",
            color=color,
            fontsize=0.9 * size,
        )
