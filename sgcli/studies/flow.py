"""What becomes of gradients in a deep network, and through time."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Literal, overload

from sgcli.definitions.core import Shape
from sgcli.definitions.names import Names, Values, shapes_of
from sgcli.errors import SgError
from sgcli.studies.flow_predicted import Flow, Setting
from sgcli.studies.flow_predicted import predict as _predict
from sgcli.theory.currents import Dynamics
from sgcli.theory.flow import BOUNDS, Block

if TYPE_CHECKING:  # it reads a network of torch
    from sgcli.studies.flow_run import RunFlow


@overload
def flow(
    names: Names,
    *,
    run: None = None,
    depth: int = 20,
    time: int = 1,
    tau: float = 2.0,
    neuron: Literal["lif", "if"] = "lif",
    reset: Literal["hard", "soft"] = "hard",
    detach_reset: bool = True,
    mu: float = -0.5,
    units: int = 512,
    batch: int = 512,
    seeds: int = 5,
    normalise: bool = True,
    block: Block = "none",
    bounds: tuple[float, float] = BOUNDS,
    predict: bool = False,
    progress: Callable[[str], None] = ...,
    **parameters: Values,
) -> Flow: ...


@overload
def flow(
    *,
    run: Path | str,
    batch: int = 512,
    bounds: tuple[float, float] = BOUNDS,
    progress: Callable[[str], None] = ...,
) -> RunFlow: ...


def flow(
    names: Names = (),
    *,
    run: Path | str | None = None,
    depth: int = 20,
    time: int = 1,
    tau: float = 2.0,
    neuron: Literal["lif", "if"] = "lif",
    reset: Literal["hard", "soft"] = "hard",
    detach_reset: bool = True,
    mu: float = -0.5,
    units: int = 512,
    batch: int = 512,
    seeds: int = 5,
    normalise: bool = True,
    block: Block = "none",
    bounds: tuple[float, float] = BOUNDS,
    predict: bool = False,
    progress: Callable[[str], None] = lambda text: None,
    **parameters: Values,
) -> Flow | RunFlow:
    """Say what ``depth`` layers and ``time`` steps do to gradients: predicted, and measured too.

    ``names`` are those of the command line, definitions or shapes, and ``parameters`` values of
    their shape parameters. A ``neuron`` leaks or does not, with ``tau`` the membrane time constant
    in steps, at least 1; its ``reset`` is hard to 0, or soft by the threshold, and is kept out of
    the gradient with ``detach_reset``. ``mu`` is the mean of the membrane minus the threshold in
    standard deviations. ``seeds`` networks of layers with ``units`` neurons are measured under
    ``batch`` samples, unless ``predict``, which needs no torch. With ``normalise`` the current of
    each unit is standardised over the batch. A ``block`` "sew" adds its spikes to its input.
    ``bounds`` are the factors below which gradients vanish and above which they explode.
    ``progress`` hears what is being measured.

    With ``run``, a folder of train-toy, it is about the network trained there, under ``batch`` test
    samples, and takes ``batch`` and ``bounds`` only. Raises :class:`~sgcli.errors.SgError` for
    values outside these domains. How it works: docs/choosing.md.
    """
    dynamics = Dynamics.of(time, tau, neuron, reset, detach_reset)
    setting = Setting(depth, dynamics, mu, units, batch, seeds, normalise, block, bounds)
    if run is not None:
        if names != () or parameters or predict or setting != Setting(batch=batch, bounds=bounds):
            raise SgError("a run has a surrogate and a network", "it takes batch and bounds only")
        from sgcli.studies.flow_run import observe_run

        return observe_run(Path(run), batch, bounds, progress)
    shapes = shapes_of(names, **parameters)
    if predict:
        return _predict(shapes, setting)
    from sgcli.studies.flow_measured import measure

    def begin(count: int, shape: Shape) -> None:
        if len(shapes) > 1:
            progress(f"{count}/{len(shapes)}  {shape.label}")

    return measure(shapes, setting, begin)
