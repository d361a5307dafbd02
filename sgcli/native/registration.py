"""The ops as torch sees them: what compile asks of them, and vmap.

They have no autograd formulas of their own: the functions that call them do, and their second
derivatives go through torch.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor
from torch.library import Library, register_fake, register_vmap

NAMESPACE = "sgcli"
_SEQUENCE = "Tensor x, Tensor v, int steps, bool constant, float[] neuron"
SCHEMAS = {
    "spikes": "(Tensor x, str name, float[] params) -> Tensor",
    "gradient": "(Tensor grad, Tensor x, str name, float[] params) -> Tensor",
    "sequence": f"({_SEQUENCE}) -> (Tensor, Tensor)",
    "sequence_gradient": (
        f"(Tensor? grad_spikes, Tensor? grad_v, {_SEQUENCE}, str name, float[] params) "
        "-> (Tensor, Tensor)"
    ),
}
# A library is gone with the object that made it.
_libraries: list[Any] = []


def register(ops: Sequence[Callable[..., Any]]) -> None:
    """Make the functions ops of ``torch.ops.sgcli``."""
    library: Any = Library(NAMESPACE, "DEF")  # type: ignore[no-untyped-call]
    _libraries.append(library)
    for op in ops:
        name = op.__name__
        library.define(name + SCHEMAS[name])
        library.impl(name, op, "CPU")
        register_fake(f"{NAMESPACE}::{name}", FAKES[name], lib=library)
        register_vmap(f"{NAMESPACE}::{name}", _mapped(name, TENSORS[name]), lib=library)


def _fake_sequence(x: Tensor, v: Tensor, steps: int, *settings: Any) -> tuple[Tensor, Tensor]:
    return x.new_empty((steps, *v.shape)), torch.empty_like(v)


def _fake_sequence_gradient(
    grad_spikes: Tensor | None, grad_v: Tensor | None, x: Tensor, v: Tensor, *settings: Any
) -> tuple[Tensor, Tensor]:
    return torch.empty_like(x), torch.empty_like(v)


def _first(tensor: Tensor, dim: int | None, size: int) -> Tensor:
    """The mapped dimension first; none there is expanded."""
    return tensor.expand(size, *tensor.shape) if dim is None else tensor.movedim(dim, 0)


def to_last(tensor: Tensor, dim: int | None, size: int) -> Tensor:
    """The mapped dimension last, where neurons do not mind it."""
    if dim is None:
        return tensor.unsqueeze(-1).expand(*tensor.shape, size)
    return tensor.movedim(dim, -1)


def _mapped(op: str, count: int) -> Callable[..., Any]:
    """An op whose first ``count`` arguments are tensors, over a further dimension of them."""
    move = to_last if op.startswith("sequence") else _first

    def over(info: Any, dims: Any, *given: Any) -> tuple[Any, Any]:
        moved = [
            None if t is None else move(t, dim, info.batch_size)
            for t, dim in zip(given[:count], dims, strict=False)
        ]
        result = getattr(torch.ops.sgcli, op)(*moved, *given[count:])
        if move is _first:
            return result, 0
        return result, tuple(out.ndim - 1 for out in result)

    return over


FAKES: dict[str, Callable[..., Any]] = {
    "spikes": lambda x, *settings: torch.empty_like(x),
    "gradient": lambda grad, x, *settings: torch.empty_like(x),
    "sequence": _fake_sequence,
    "sequence_gradient": _fake_sequence_gradient,
}
TENSORS = {"spikes": 1, "gradient": 2, "sequence": 2, "sequence_gradient": 4}
