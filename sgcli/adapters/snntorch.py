"""snnTorch: any callable works as ``spike_grad``; it fires at mem > threshold, ours at >=."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

from torch import Tensor

from sgcli.adapters.ours import Ours, ours, spiking
from sgcli.adapters.strict import Strict
from sgcli.definitions import LIBRARIES
from sgcli.errors import SgError


def to_snntorch(sg: Callable[[Tensor], Tensor], strict: bool = False) -> Callable[[Tensor], Tensor]:
    """What to pass as ``spike_grad`` to a neuron of snnTorch; it can be pickled if ``sg`` can.

    With ``strict`` it fires at x > 0 as snnTorch does, and a run of theirs is replicated exactly;
    without, at x >= 0. The reset calls the same function, so it agrees either way. Spikes keep the
    dtype of the membrane potential (snnTorch's are always float32).
    """
    return Strict(spiking(sg)) if strict else spiking(sg)


def from_snntorch(factory: Callable[..., Any], **given: Any) -> Ours:
    """Our surrogate for ``factory(**given)`` of ``snntorch.surrogate``, or for what that returned.

    Ours fires at x >= 0: pass it through ``to_snntorch(…, strict=True)`` for theirs.
    """
    if getattr(factory, "__module__", "") != LIBRARIES["snntorch"].module:
        raise SgError(
            f"{factory!r} is not a surrogate of snnTorch", "as in snntorch.surrogate.atan, alpha=2"
        )
    name, _, inner = factory.__qualname__.partition(".<locals>.")
    if inner:
        return ours("snntorch", name, dict(inspect.getclosurevars(factory).nonlocals))
    try:
        bound = inspect.signature(factory).bind(**given)
    except TypeError as error:
        takes = f"{name}{inspect.signature(factory)}"
        raise SgError(f"{name} of snnTorch: {error}", takes) from None
    bound.apply_defaults()
    return ours("snntorch", name, bound.arguments)
