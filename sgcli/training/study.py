"""Several runs side by side: surrogates × seeds, and what they come to."""

from __future__ import annotations

import dataclasses
import statistics
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

from sgcli.training.folder import Folder
from sgcli.training.report import Report
from sgcli.training.runs import Result, run
from sgcli.training.settings import Settings
from sgcli.training.tasks import SEEDED, load


def study(
    base: Settings,
    surrogates: Iterable[str],
    seeds: int,
    out: Path,
    *,
    resume: bool = False,
    force: bool = False,
    report: Report | None = None,
    draw: Callable[[Folder], None] | None = None,
    tensorboard: bool = False,
) -> list[list[Result]]:
    """For each surrogate the results of ``seeds`` runs, with seeds from ``base.seed`` on."""
    data = None if base.task in SEEDED else load(base)
    return [
        [
            run(
                dataclasses.replace(base, surrogate=surrogate, seed=base.seed + i),
                out,
                resume=resume,
                force=force,
                report=report,
                data=data,
                draw=draw,
                tensorboard=tensorboard,
            )
            for i in range(seeds)
        ]
        for surrogate in surrogates
    ]


def row(results: Sequence[Result]) -> dict[str, Any]:
    """Mean and standard deviation over the seeds of one surrogate.

    The mean is None if a run diverged, the deviation if there are fewer than two runs.
    """
    first = results[0]
    accuracies = [r.accuracy for r in results if r.accuracy is not None]
    whole = len(accuracies) == len(results)
    measured = first.settings.evaluate
    return {
        "surrogate": first.settings.surrogate,
        "seeds": [r.settings.seed for r in results],
        f"{measured}_accuracy": statistics.fmean(accuracies) if whole else None,
        f"{measured}_accuracy_sd": (
            statistics.stdev(accuracies) if whole and len(accuracies) > 1 else None
        ),
        "firing_rate": first.firing_rate,
        "samples_per_second": statistics.median(r.samples_per_second for r in results),
        "seconds": sum(r.seconds for r in results),
        "diverged": "; ".join(r.diverged for r in results if r.diverged),
        "folder": str(first.folder) if len(results) == 1 else None,
        "runs": [{**r.row(), "folder": str(r.folder)} for r in results],
    }
