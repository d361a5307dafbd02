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
        register_vmap(f"{NAMESPACE}::{name}", VMAPS[name], lib=library)


def _fake_spikes(x: Tensor, *settings: Any) -> Tensor:
    return torch.empty_like(x)


def _fake_gradient(grad: Tensor, x: Tensor, *settings: Any) -> Tensor:
    return torch.empty_like(x)


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


def _map_spikes(info: Any, dims: Any, x: Tensor, *settings: Any) -> tuple[Tensor, int]:
    return torch.ops.sgcli.spikes(_first(x, dims[0], info.batch_size), *settings), 0


def _map_gradient(
    info: Any, dims: Any, grad: Tensor, x: Tensor, *settings: Any
) -> tuple[Tensor, int]:
    moved = [_first(t, dim, info.batch_size) for t, dim in zip((grad, x), dims, strict=False)]
    return torch.ops.sgcli.gradient(*moved, *settings), 0


def _map_sequence(
    info: Any, dims: Any, x: Tensor, v: Tensor, *settings: Any
) -> tuple[tuple[Tensor, Tensor], tuple[int, int]]:
    moved = [to_last(t, dim, info.batch_size) for t, dim in zip((x, v), dims, strict=False)]
    out, last = torch.ops.sgcli.sequence(*moved, *settings)
    return (out, last), (out.ndim - 1, last.ndim - 1)


def _map_sequence_gradient(
    info: Any, dims: Any, *given: Any
) -> tuple[tuple[Tensor, Tensor], tuple[int, int]]:
    tensors, settings = given[:4], given[4:]
    moved = [
        None if t is None else to_last(t, dim, info.batch_size)
        for t, dim in zip(tensors, dims, strict=False)
    ]
    grad_x, grad_v = torch.ops.sgcli.sequence_gradient(*moved, *settings)
    return (grad_x, grad_v), (grad_x.ndim - 1, grad_v.ndim - 1)


FAKES: dict[str, Callable[..., Any]] = {
    "spikes": _fake_spikes,
    "gradient": _fake_gradient,
    "sequence": _fake_sequence,
    "sequence_gradient": _fake_sequence_gradient,
}
VMAPS: dict[str, Callable[..., Any]] = {
    "spikes": _map_spikes,
    "gradient": _map_gradient,
    "sequence": _map_sequence,
    "sequence_gradient": _map_sequence_gradient,
}
