"""Norse: surrogates are chosen by the name of a method, so ours enters a step function."""

from __future__ import annotations

from collections.abc import Callable
from types import FunctionType
from typing import Any

from torch import Tensor

from sgcli.adapters.ours import Ours, entries, ours, spiking
from sgcli.adapters.strict import Strict
from sgcli.errors import SgError


def norse_step(
    sg: Callable[[Tensor], Tensor], step: Callable[..., Any], strict: bool = False
) -> Callable[..., Any]:
    """A step function of Norse, as ``lif_feed_forward_step``, that spikes by ``sg``.

    It is what the ``SNN``, ``SNNCell``, ``SNNRecurrent`` and ``SNNRecurrentCell`` of
    ``norse.torch.module.snn`` take as ``activation``. Nothing of Norse is changed, so each layer
    may have a surrogate of its own. ``method`` and ``alpha`` of the parameters are then unused.
    With ``strict`` it fires at x > 0 as Norse does. Raises :class:`SgError` for a step that does
    not itself call Norse's ``threshold``.
    """
    if not isinstance(step, FunctionType) or "threshold" not in step.__code__.co_names:
        raise SgError(
            f"{getattr(step, '__name__', step)} does not call Norse's threshold function",
            "a step that does, as lif_feed_forward_step",
        )
    spikes = Strict(spiking(sg)) if strict else spiking(sg)

    def threshold(x: Tensor, method: str, alpha: Any) -> Tensor:
        return spikes(x)

    made = FunctionType(
        step.__code__,
        {**step.__globals__, "threshold": threshold},
        step.__name__,
        step.__defaults__,
        step.__closure__,
    )
    made.__kwdefaults__ = step.__kwdefaults__
    return made


def from_norse(method: str, alpha: float) -> Ours:
    """Our surrogate for ``LIFParameters(method=…, alpha=…)``.

    For ``"super"`` it is the documented (1 + alpha·|x|)⁻²; Norse 1.1.0 computes that of alpha = 1
    whatever is asked.
    """
    if method == "triangle":  # there alpha is a factor
        return ours("norse", method, {"alpha": 1.0})._replace(height=alpha)
    result = next(entries("norse", method), None)
    keys = list(result[1].params) if result else []
    return ours("norse", method, dict.fromkeys(keys, alpha))
