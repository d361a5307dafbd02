"""The texts of a figure that is drawn: which are cut off, and which lie on one another."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.transforms import Bbox

TOLERANCE = 1.5  # points
Text = tuple[str, Bbox]


def faults(figure: Figure) -> list[str]:
    """A sentence for each text beyond the paper, each pair that overlaps, and each tiny panel."""
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    renderer = canvas.get_renderer()
    width, height = figure.get_size_inches() * figure.dpi
    room = TOLERANCE * figure.dpi / 72
    texts = [*_of_figure(figure, renderer)]
    for axes in figure.axes:
        texts += _of_axes(axes, renderer)
    result = [
        f"{name} is cut off"
        for name, box in texts
        if min(box.x0, box.y0) < -room or box.x1 > width + room or box.y1 > height + room
    ]
    for (name, a), (other, b) in combinations(texts, 2):
        across, down = min(a.x1, b.x1) - max(a.x0, b.x0), min(a.y1, b.y1) - max(a.y0, b.y0)
        if across > room and down > room:
            result.append(f"{name} and {other} overlap")
    for axes in figure.axes:
        panel = axes.get_window_extent()
        if axes.axison and not hasattr(axes, "_colorbar"):
            inches = panel.width / figure.dpi, panel.height / figure.dpi
            if inches[0] < 0.45 or inches[1] < 0.3:
                result.append(f"a panel has {inches[0]:.2f} × {inches[1]:.2f} inches")
    return result


def _of_figure(figure: Figure, renderer: object) -> Iterator[Text]:
    for legend in figure.legends:
        yield "the legend", legend.get_window_extent(renderer)
    for text in (figure._suptitle, figure._supxlabel, figure._supylabel):
        if text is not None and text.get_text():
            yield f"'{text.get_text()}'", text.get_window_extent(renderer)


def _of_axes(axes: Axes, renderer: object) -> Iterator[Text]:
    texts = [axes.title, *axes.texts]
    if axes.axison:
        for axis in (axes.xaxis, axes.yaxis):
            low, high = sorted(axis.get_view_interval())
            # Of shared axes only the outer ones have labels.
            pairs = zip(axis.get_ticklabels(), axis.get_ticklocs(), strict=False)
            texts += [label for label, place in pairs if low <= place <= high]
            texts += [axis.label, axis.offsetText]
    for text in texts:
        if text.get_visible() and text.get_text().strip():
            yield f"'{text.get_text()}'", text.get_window_extent(renderer)
    if legend := axes.get_legend():
        yield "the legend of a panel", legend.get_window_extent(renderer)
