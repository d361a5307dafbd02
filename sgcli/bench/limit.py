"""The memory-bound limit: the same traffic through two operations that hardly compute."""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

LIMIT = "limit"
TRIM_THRESHOLD, MMAP_THRESHOLD = -1, -3  # names of glibc's malloc.h
DEFAULT_THRESHOLD, LARGEST = 128 << 10, (1 << 31) - 1


def new_pages() -> None:
    """Have malloc take every tensor from the system and give it back, where it is glibc's.

    So it does in a new process. Left alone it raises its thresholds to the largest tensor that was
    ever freed, and whether pages are cleared anew would depend on what ran before.
    """
    _thresholds(DEFAULT_THRESHOLD)


def keep_pages() -> None:
    """Have malloc keep the pages of freed tensors, where it is glibc's.

    Otherwise what is timed at a large size is the system clearing pages, for everybody alike.
    """
    _thresholds(LARGEST)


def _thresholds(size: int) -> None:
    mallopt: Any = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(MMAP_THRESHOLD, size)
        mallopt(TRIM_THRESHOLD, size)


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
