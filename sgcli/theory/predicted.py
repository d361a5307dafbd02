"""One prediction of gradient flow for one step and for several: by quadrature, or Monte-Carlo."""

from __future__ import annotations

from collections.abc import Sequence

from sgcli.definitions.core import Shape
from sgcli.errors import SgError, UserCodeError
from sgcli.theory import flow, temporal
from sgcli.theory.currents import RUNS, Dynamics, LayerCurrents
from sgcli.theory.temporal import Predicted as Predicted


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
        return temporal.predict(shape, dynamics, depth, mu)
    except UserCodeError:
        raise
    except SgError as error:
        return Predicted(shape, note=f"not applicable: {error}")


def from_layers(shape: Shape, dynamics: Dynamics, layers: Sequence[LayerCurrents]) -> Predicted:
    """The flow through layers whose currents are Gaussian, of known mean and covariance."""
    return temporal.predict_stacks(shape, dynamics, [layers] * RUNS)


def of_flow(prediction: flow.PredictedFlow) -> Predicted:
    ratios = prediction.ratios[::-1]
    if not ratios:
        return Predicted(prediction.shape, note=prediction.note)
    return Predicted(
        prediction.shape, prediction.ratio, 0.0, ratios, prediction.factor, (1.0,), (0.0,)
    )
