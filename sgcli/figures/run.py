"""The figures of a run, from the numbers in its folder."""

from __future__ import annotations

from typing import TYPE_CHECKING

from matplotlib.figure import Figure

from sgcli import files
from sgcli.definitions import load
from sgcli.definitions.core import Shape
from sgcli.errors import SgError
from sgcli.figures.activity import membranes, raster
from sgcli.figures.learning import learning
from sgcli.figures.save import render
from sgcli.figures.style import DEFAULT, Sheet
from sgcli.theory.curves import sample

if TYPE_CHECKING:
    from sgcli.training.run.folder import Folder


def figure(folder: Folder, name: str, sheet: Sheet = DEFAULT, shape: Shape | None = None) -> Figure:
    """One of a run's figures in any style; :class:`SgError` if the run has no numbers for it.

    ``shape`` is its surrogate, which is parsed where it is not given.
    """
    about = folder.about()
    if about is None:
        raise SgError(f"{folder.path} has no run", "`sg runs` lists those that there are")
    if "settings" not in about:
        raise SgError(f"{folder.path} was written by an earlier sgcli", "--force runs it anew")
    settings = about["settings"]
    shape = shape or load.parse(settings["surrogate"]).shape
    title = f"{settings['task']}, {shape.label}, seed {settings['seed']}"
    if name == "learning":
        return learning(folder.lines(), about["steps_per_epoch"], title, sheet)
    activity = folder.activity()
    if activity is None:
        raise SgError(
            f"{folder.path} has no {name}", "it is recorded when a training ends with its numbers"
        )
    if name == "raster":
        return raster(activity, title, sheet)
    curve = sample(shape, activity.edges[0], activity.edges[-1], which=["derivative"])
    return membranes(activity, curve, title, sheet)


def draw(folder: Folder, shape: Shape) -> None:
    """Write every figure that a run has numbers for."""
    for name in folder.figures():
        image = render(figure(folder, name, shape=shape), "png")
        with files.whole(folder.path / f"{name}.png") as file:
            file.write(image)
