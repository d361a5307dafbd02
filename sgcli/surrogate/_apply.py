"""How an ``autograd.Function`` is called."""

from __future__ import annotations

from typing import Any

import torch
from torch.autograd import Function


def apply(function: type[Function], *args: Any) -> Any:
    """``function.apply`` with every argument given: it would study the signature at each call."""
    if torch.compiler.is_compiling() or torch._C._are_functorch_transforms_active():
        return function.apply(*args)  # type: ignore[no-untyped-call]  # torch leaves it untyped
    # What else apply does: a tensor that outlived a transform of torch.func is itself again.
    args = torch._functorch.utils.unwrap_dead_wrappers(args)
    return super(Function, function).apply(*args)  # type: ignore[misc]
