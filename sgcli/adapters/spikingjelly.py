"""SpikingJelly: any callable works as ``surrogate_function``; only its own are fused kernels."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from torch import Tensor

from sgcli.adapters.ours import Ours, ours, spiking
from sgcli.definitions import LIBRARIES
from sgcli.definitions.installed import peers_of, surrogate_of
from sgcli.errors import SgError
from sgcli.surrogate import Surrogate

# The classes that its CPU, CUDA and Triton neurons know; another one takes its Python loop.
FUSED = frozenset(
    {"Sigmoid", "ATan", "PiecewiseQuadratic", "PiecewiseExp", "SoftSign", "SuperSpike", "Erf"}
)


def to_spikingjelly(sg: Callable[[Tensor], Tensor]) -> Callable[[Tensor], Tensor]:
    """What to pass as ``surrogate_function`` to a neuron of SpikingJelly.

    Its own instance where it has a fused kernel for it (faster; its Sigmoid then loses the gradient
    right of the threshold in half precision, as SpikingJelly's does), else ``sg`` itself.
    """
    spiking(sg)
    if not isinstance(sg, Surrogate) or not sg.spiking:
        return sg
    if any(not isinstance(v, float) for v in sg._sg_params.values()):
        return sg
    fused = [p.name for p in peers_of(sg.definition, "spikingjelly") if p.name in FUSED]
    if not fused:
        return sg
    made: Callable[[Tensor], Tensor] = surrogate_of("spikingjelly", fused[0])(**sg._sg_params)
    return made


def from_spikingjelly(obj: Any) -> Ours:
    """Our surrogate for an instance of SpikingJelly's, ``spiking`` as there."""
    if type(obj).__module__ != LIBRARIES["spikingjelly"].module:
        raise SgError(f"{obj!r} is not a surrogate of SpikingJelly", "as in ATan(2.0)")
    given = dict(getattr(obj, "_sg_params", {}))
    window = (given.pop("grad_min", 0), given.pop("grad_max", given.get("max_spike_count", 0)))
    if window != (0, given.get("max_spike_count", 0)):
        raise SgError(
            f"grad_window = {window} has no counterpart in sgcli",
            "ours is [0, max_spike_count], its default",
        )
    return ours("spikingjelly", type(obj).__name__, given, spiking=getattr(obj, "spiking", True))
