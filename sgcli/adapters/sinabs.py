"""sinabs: a surrogate is a function of potential and threshold, or a whole spike function."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields, is_dataclass
from typing import Any, ClassVar

import torch
from torch import Tensor, nn

from sgcli.adapters.ours import Ours, ours, spiking
from sgcli.definitions import LIBRARIES
from sgcli.errors import SgError
from sgcli.surrogate import SurrogateFunctionBase
from sgcli.surrogate.base import plain


@dataclass(eq=False)
class Sinabs:
    """Both faces that sinabs knows: ``spike_fn`` and ``surrogate_grad_fn``.

    As ``spike_fn`` the layer fires single spikes at v_mem >= spike_threshold with our gradient; as
    ``surrogate_grad_fn`` it keeps the layer's own spikes, by default several a step. The width of
    our surrogates is absolute, where that of sinabs' own scales with the threshold. It is no
    module: an optimiser finds the parameters of a learnable surrogate in ``surrogate`` only.
    """

    surrogate: Callable[[Tensor], Tensor]
    required_states: ClassVar[list[str]] = ["v_mem"]

    def apply(self, v_mem: Tensor, spike_threshold: Any, surrogate_grad_fn: Any = None) -> Tensor:
        """Spikes; the third argument, what sinabs would take the gradient from, is unused."""
        return self.surrogate(v_mem - spike_threshold)

    def __call__(self, v_mem: Tensor, spike_threshold: Any) -> Tensor:
        """The gradient σ′(v_mem - spike_threshold)."""
        if isinstance(self.surrogate, nn.Module) and list(self.surrogate.parameters()):
            raise SgError(
                "as surrogate_grad_fn a learnable surrogate gets no gradient", "use it as spike_fn"
            )
        with torch.enable_grad():
            x = (v_mem - spike_threshold).detach().requires_grad_()
            y = self.surrogate(x)
            slopes: list[Tensor] = list(torch.autograd.grad(y, x, torch.ones_like(y)))
        return slopes[0]

    def __eq__(self, other: object) -> bool:
        """Equal shapes are equal: sinabs compares a copied layer with the original."""
        if not isinstance(other, Sinabs):
            return NotImplemented
        a, b = self.surrogate, other.surrogate
        if not (isinstance(a, SurrogateFunctionBase) and isinstance(b, SurrogateFunctionBase)):
            return a == b
        return _written(a) == _written(b)

    __hash__ = None  # type: ignore[assignment]  # as that of every dataclass that can change


def _written(sg: SurrogateFunctionBase) -> tuple[Any, ...]:
    return type(sg), sg.spiking, {k: plain(v) for k, v in sg._sg_params.items()}


def to_sinabs(sg: Callable[[Tensor], Tensor]) -> Sinabs:
    """What to pass as ``spike_fn`` or as ``surrogate_grad_fn`` to a layer of sinabs."""
    return Sinabs(spiking(sg))


def from_sinabs(obj: Any, v_threshold: float = 1.0) -> Ours:
    """Our surrogate for a gradient function of sinabs in a layer with that threshold.

    Its ``grad_scale`` is part of the height, the ``mu`` of its Gaussian the shift.
    """
    if type(obj).__module__ != LIBRARIES["sinabs"].module or not is_dataclass(obj):
        raise SgError(
            f"{obj!r} is not a surrogate gradient of sinabs", "as in SingleExponential(0.5)"
        )
    name, given = type(obj).__name__, {f.name: getattr(obj, f.name) for f in fields(obj)}
    height, shift = given.pop("grad_scale", 1.0), given.pop("mu", 0.0)
    if shift != 0 and name != "Gaussian":
        raise SgError(
            f"{name} with mu = {shift} has no counterpart in sgcli", "mu = 0, its default"
        )
    result = ours("sinabs", name, given, v_threshold)
    return result._replace(height=result.height * height, shift=result.shift + shift)
