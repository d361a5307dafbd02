"""What comes of the predicted gradient flow: deep networks, trained."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from sgcli.definitions.names import Names, Values, shapes_of
from sgcli.training import deep
from sgcli.training.grid import Cell


def train_deep(
    names: Names,
    *,
    depth: int = 20,
    units: int = 256,
    batch: int = 128,
    steps: int = 200,
    seeds: int = 3,
    mu: float = -0.5,
    optimizers: Sequence[str] = ("sgd", "adam"),
    out: Path | str = "runs",
    progress: Callable[[int, int, Cell], None] = lambda count, total, cell: None,
    **parameters: Values,
) -> deep.Study:
    """Train networks of ``depth`` hidden layers on MNIST with given and with recommended shapes.

    ``names`` are those of the command line, definitions or shapes, and ``parameters`` values of
    their shape parameters. Each of ``seeds`` trainings with each of ``optimizers`` makes ``steps``
    updates with ``batch`` samples; ``mu`` is the mean of the membrane minus the threshold in
    standard deviations. Run folders go to ``out``, where finished trainings are found again.
    ``progress`` is called with the number of trainings that have ended, their total number, and the
    last of them. Raises
    :class:`~sgcli.errors.SgError` where no training can run.
    """
    plan = deep.StudyPlan(depth, units, batch, steps, seeds, mu, tuple(dict.fromkeys(optimizers)))
    return deep.study(shapes_of(names, **parameters), plan, Path(out), progress)
