"""The figures of sg flow for surrogates."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sgcli.cli.console import Talk
from sgcli.figures.gradients import by_layer, by_time
from sgcli.figures.heatmap import heatmap
from sgcli.figures.membrane import membrane
from sgcli.figures.style import Sheet
from sgcli.studies.flow_predicted import Flow, has_heat_map, heat_maps, known, membranes

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def drawn(figure: str, flow: Flow, predict: bool, look: Sheet, talk: Talk) -> Figure:
    """Draw layers, time, a heat map or the membranes of the top layer."""
    if figure == "layers":
        return by_layer(flow, look)
    if figure == "time":
        return by_time(flow, look)
    shapes = known(flow)
    if figure == "heatmap":
        for shape in shapes:
            if not has_heat_map(shape):
                talk.say(f"{shape.label}: no panel, it has no parameter above 0 to vary")
        return heatmap(heat_maps(flow, talk.step), look)
    if len({shape.definition.forward for shape in shapes}) > 1:
        talk.say(f"the membranes are those of {shapes[0].label}; not all of these fire alike")
    if predict:
        return membrane(membranes(flow), look)
    from sgcli.studies.flow_measured import membranes as measured

    return membrane(measured(flow), look)
