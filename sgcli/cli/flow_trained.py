"""sg flow --train."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from sgcli.cli.console import Talk
from sgcli.cli.flow_options import OPTIMIZERS
from sgcli.cli.flow_trained_tables import percent, ranks, trainings
from sgcli.cli.formats import emit
from sgcli.cli.page import Page

if TYPE_CHECKING:
    from sgcli.definitions import Shape
    from sgcli.training.cells import Cell
    from sgcli.training.deep import Study

FAILED = 3


def show(
    shapes: Sequence[Shape], figure: str, page: Page, talk: Talk, given: Mapping[str, Any]
) -> int:
    """Train networks and show what came of it; the exit status."""
    from sgcli.studies.flow_trained import train_deep

    study = train_deep(shapes, progress=_progress(talk), **given)
    talk.stepped()
    _say(study, talk)
    table = trainings(study, given["out"]).sorted(page.sort)
    if page.targets:
        from sgcli.figures.training import training

        page.draw(training(study, figure, *page.look), shapes)
    emit(table, page.format)
    return FAILED if any(entry.missing for entry in study.entries) else 0


def _progress(talk: Talk) -> Callable[[int, int, Cell], None]:
    """What is told of each training that ends: how it ended, and the time that is left."""
    begun = time.monotonic()

    def tell(count: int, total: int, cell: Cell) -> None:
        settings = cell.settings
        outcome = cell.why or f"{percent(cell.accuracy)} %"
        left = (time.monotonic() - begun) / count * (total - count) / 60
        talk.step(
            f"{count}/{total}  {settings.surrogate} {settings.optimizer} seed {settings.seed}: "
            f"{outcome}, {left:.0f} min left"
        )

    return tell


def _say(study: Study, talk: Talk) -> None:
    """The rank correlations, of all shapes and of those with r = 1."""
    for optimizer, kinds in ranks(study).items():
        for kind, of in kinds.items():
            known = [f"{key.replace('_', ' ')} {v:.2f}" for key, v in of.items() if v is not None]
            if known:
                name = f"{OPTIMIZERS[optimizer]}, {kind} shapes"
                talk.say(f"{name}: accuracy goes with {', '.join(known)} (rank)")
