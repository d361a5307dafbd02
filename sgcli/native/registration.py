"""The registration of the ops with torch, for torch.compile and vmap.

The ops have no autograd formulas. The autograd functions that call them define the gradients, and
compute second derivatives with torch.
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
# torch removes the ops of a Library object when it is deleted.
_libraries: list[Any] = []


def register(ops: Sequence[Callable[..., Any]]) -> None:
    """Register the functions as ops of ``torch.ops.sgcli``."""
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
    """The tensor with its mapped dimension first; without one it is expanded."""
    return tensor.expand(size, *tensor.shape) if dim is None else tensor.movedim(dim, 0)


def to_last(tensor: Tensor, dim: int | None, size: int) -> Tensor:
    """The tensor with its mapped dimension last, as one more dimension of neurons."""
    if dim is None:
        return tensor.unsqueeze(-1).expand(*tensor.shape, size)
    return tensor.movedim(dim, -1)


def _mapped(op: str, count: int) -> Callable[..., Any]:
    """The vmap rule of an op whose first ``count`` arguments are tensors."""
    move = to_last if op.startswith("sequence") else _first

    def rule(info: Any, dims: Any, *args: Any) -> tuple[Any, Any]:
        moved = [
            None if t is None else move(t, dim, info.batch_size)
            for t, dim in zip(args[:count], dims, strict=False)
        ]
        result = getattr(torch.ops.sgcli, op)(*moved, *args[count:])
        if move is _first:
            return result, 0
        return result, tuple(out.ndim - 1 for out in result)

    return rule


FAKES: dict[str, Callable[..., Any]] = {
    "spikes": lambda x, *settings: torch.empty_like(x),
    "gradient": lambda grad, x, *settings: torch.empty_like(x),
    "sequence": _fake_sequence,
    "sequence_gradient": _fake_sequence_gradient,
}
TENSORS = {"spikes": 1, "gradient": 2, "sequence": 2, "sequence_gradient": 4}
