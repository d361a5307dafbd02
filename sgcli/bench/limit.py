"""The memory-bound limit: the same traffic through two operations that hardly compute."""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

LIMIT = "limit"
TRIM_THRESHOLD, MMAP_THRESHOLD = -1, -3  # names of glibc's malloc.h
LARGEST = (1 << 31) - 1


def keep_pages() -> None:
    """Have malloc keep the pages of freed tensors, where it is glibc's.

    Otherwise what is timed at a large size is the system clearing pages, for everybody alike.
    """
    mallopt: Any = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(MMAP_THRESHOLD, LARGEST)
        mallopt(TRIM_THRESHOLD, LARGEST)


def limit(x: Tensor, weight: Tensor) -> Callable[[], None]:
    """Read x, write spikes; read x and the gradient, write another; the spikes still alive."""
    x, weight = x.detach(), weight.detach()

    def run() -> None:
        spikes = torch.neg(x)
        gradient = torch.mul(x, weight)
        del spikes, gradient

    return run


def passes(function: Callable[[Tensor], Tensor], x: Tensor, weight: Tensor) -> Callable[[], None]:
    """Forward and backward of a function, with the same incoming gradient every time."""
    leaf = x.detach().clone().requires_grad_()

    def run() -> None:
        y = function(leaf)
        (gradient,) = torch.autograd.grad(y, leaf, weight)
        del y, gradient

    return run
