"""Calls of autograd functions, and whether their passes may write into tensors."""

from __future__ import annotations

import inspect
from typing import Any

import torch
from torch import Tensor
from torch._C._functorch import unwrap_if_dead
from torch.autograd import Function

from sgcli.native import ops


class KeywordFunction(Function):
    """A function whose ``apply`` accepts keywords, which torch before 2.6 rejects."""

    @classmethod
    def apply(cls, *args: Any, **kwargs: Any) -> Any:
        """Spikes or the primitive at the first argument."""
        if kwargs:
            bound = inspect.signature(cls.forward).bind(*args, **kwargs)
            bound.apply_defaults()
            args = bound.args
        return super().apply(*args)  # type: ignore[no-untyped-call]  # torch leaves it untyped


def apply(function: type[Function], *values: Any) -> Any:
    """``function.apply`` with all arguments by position, without inspecting the signature."""
    if torch.compiler.is_compiling() and not _recorded(values):
        # Without a graph, Dynamo of torch 2.5 passes the context to a forward that takes none.
        return function.forward(*values)
    if torch.compiler.is_compiling() or torch._C._are_functorch_transforms_active():
        return function.apply(*values)  # type: ignore[no-untyped-call]  # torch leaves it untyped
    # As in torch's apply: a tensor that outlived a transform of torch.func is unwrapped.
    args = [unwrap_if_dead(a) if isinstance(a, Tensor) else a for a in values]
    return super(Function, function).apply(*args)  # type: ignore[misc]


def _recorded(values: tuple[Any, ...]) -> bool:
    tensors = [a for a in values if isinstance(a, Tensor)]
    return torch.is_grad_enabled() and any(t.requires_grad for t in tensors)


def may_write(*tensors: Tensor | None) -> bool:
    """Whether functions of the tensors may use ``out=``: none is recorded, traced or batched."""
    return not torch.is_grad_enabled() and ops.plain(*tensors)
