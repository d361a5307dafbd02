"""Exponential filters: what a current or a free membrane keeps of its inputs, step by step."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor
from torch.autograd import Function

from sgcli.errors import ParameterError
from sgcli.neuron.sequence import _last as last

# What is left after a step, of a time constant in steps.
SCHEMES: dict[str, Callable[[float], float]] = {
    "exponential": lambda tau: math.exp(-1 / tau),
    "euler": lambda tau: 1 - 1 / tau,
}


def check_scheme(value: Any) -> str:
    if value not in SCHEMES:
        allowed = " or ".join(map(repr, SCHEMES))
        raise ParameterError(f"scheme = {value!r} is unknown", f"scheme is {allowed}")
    return str(value)


def step(x: Tensor, y: Tensor, keep: float) -> Tensor:
    """One step of the filter: keep·y + x."""
    return torch.add(x, y, alpha=keep)


def sequence(x: Tensor, start: Tensor, keep: float) -> Tensor:
    """y[t] = keep·y[t − 1] + x[t] for an input [T, …], from ``start`` [...] on."""
    found: Tensor = Filter.apply(x, start, keep)  # type: ignore[no-untyped-call]
    return found


class Filter(Function):
    """(x, start, keep) → y [T, …]; its gradient is the same filter, backwards in time."""

    @staticmethod
    def forward(x: Tensor, start: Tensor, keep: float) -> Tensor:
        y = torch.empty_like(x, memory_format=torch.contiguous_format)
        before = start
        for x_t, y_t in zip(x, y, strict=True):
            before = torch.add(x_t, before, alpha=keep, out=y_t)
        return y

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Any, ...], output: Tensor) -> None:
        ctx.keep = inputs[2]

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor, Tensor, None]:
        received = sequence(grad.flip(0), torch.zeros_like(grad[0]), ctx.keep).flip(0)
        return received, ctx.keep * received[0], None

    @staticmethod
    def vmap(
        info: Any, in_dims: tuple[Any, ...], x: Tensor, start: Tensor, keep: float
    ) -> tuple[Tensor, int]:
        """The new dimension becomes the last one."""
        x, start = last(x, in_dims[0], info.batch_size), last(start, in_dims[1], info.batch_size)
        y = sequence(x, start, keep)
        return y, y.ndim - 1
