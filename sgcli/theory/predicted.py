"""One prediction of gradient flow for one step and for several: by quadrature, or Monte-Carlo."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sgcli.definitions.core import Shape
from sgcli.errors import SgError
from sgcli.theory import flow, temporal
from sgcli.theory.currents import RUNS, Dynamics, Layer


@dataclass(frozen=True)
class Predicted:
    """Gradient flow through layers and time; where none can be told, ``note`` says why.

    ``ratios`` from the top layer down, ``ratio`` their geometric mean with the Monte-Carlo
    standard ``error`` (0 of a quadrature), ``profile`` and ``worst`` as in
    :class:`sgcli.theory.temporal.TimeFlow`.
    """

    shape: Shape
    ratio: float | None = None
    error: float | None = None
    ratios: tuple[float, ...] = ()
    factor: float | None = None
    profile: tuple[float, ...] = ()
    profile_error: tuple[float, ...] = ()
    worst: float | None = None
    note: str = ""


def predicted(
    shape: Shape, dynamics: Dynamics, depth: int, mu: float = -0.5, block: flow.Block = "none"
) -> Predicted:
    """The flow through the network with standardised currents.

    Raises :class:`SgError` for residual blocks over several steps.
    """
    if dynamics.time == 1:
        return of_flow(flow.predict(shape, depth, mu, block=block))
    if block != "none":
        raise SgError("residual blocks are predicted for one time step", "leave out --time")
    try:
        return of_time(temporal.predict(shape, dynamics, depth, mu))
    except SgError as error:
        return Predicted(shape, note=f"not applicable: {error}")


def from_layers(shape: Shape, dynamics: Dynamics, layers: Sequence[Layer]) -> Predicted:
    """The flow through layers whose currents are Gaussian, of known mean and covariance."""
    return from_stacks(shape, dynamics, [layers] * RUNS)


def from_stacks(shape: Shape, dynamics: Dynamics, stacks: Sequence[Sequence[Layer]]) -> Predicted:
    """The flow through layers whose currents were observed, each stack with some of them."""
    return of_time(temporal.predict_stacks(shape, dynamics, stacks))


def of_flow(found: flow.Flow) -> Predicted:
    ratios = found.ratios[::-1]
    if not ratios:
        return Predicted(found.shape, note=found.note)
    return Predicted(
        found.shape, found.ratio, 0.0, ratios, found.factor, (1.0,), (0.0,), found.worst
    )


def of_time(found: temporal.TimeFlow) -> Predicted:
    return Predicted(
        found.shape,
        found.ratio,
        found.ratio_error,
        found.ratios,
        found.factor,
        found.profile,
        found.profile_error,
        found.worst,
    )
