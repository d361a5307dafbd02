"""How an ``autograd.Function`` is called, and whether its passes may write into tensors."""

from __future__ import annotations

import inspect
from typing import Any

import torch
from torch import Tensor
from torch._C._functorch import unwrap_if_dead
from torch.autograd import Function

from sgcli.native import ops


class KeywordFunction(Function):
    """A function whose ``apply`` takes keywords: torch's hands them on to C++ before 2.6."""

    @classmethod
    def apply(cls, *args: Any, **kwargs: Any) -> Any:
        """Spikes or the primitive of the first argument."""
        if kwargs:
            bound = inspect.signature(cls.forward).bind(*args, **kwargs)
            bound.apply_defaults()
            args = bound.args
        return super().apply(*args)  # type: ignore[no-untyped-call]  # torch leaves it untyped


def apply(function: type[Function], *given: Any) -> Any:
    """``function.apply`` with every argument given: it would study the signature at each call."""
    if torch.compiler.is_compiling() and not _recorded(given):
        # Dynamo of torch 2.5 calls a forward without a graph as if it took the context.
        return function.forward(*given)
    if torch.compiler.is_compiling() or torch._C._are_functorch_transforms_active():
        return function.apply(*given)  # type: ignore[no-untyped-call]  # torch leaves it untyped
    # What else apply does: a tensor that outlived a transform of torch.func is itself again.
    args = [unwrap_if_dead(a) if isinstance(a, Tensor) else a for a in given]
    return super(Function, function).apply(*args)  # type: ignore[misc]


def _recorded(given: tuple[Any, ...]) -> bool:
    tensors = [a for a in given if isinstance(a, Tensor)]
    return torch.is_grad_enabled() and any(t.requires_grad for t in tensors)


def may_write(*tensors: Tensor | None) -> bool:
    """Whether results of these may be written into a tensor: they are not recorded or batched."""
    return not torch.is_grad_enabled() and ops.plain(*tensors)
