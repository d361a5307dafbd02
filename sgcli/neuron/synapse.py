"""Exponential filters, which describe synaptic currents and free membranes."""

from __future__ import annotations

import math
from collections.abc import Callable
from itertools import accumulate
from typing import Any

import torch
from torch import Tensor
from torch.autograd import Function

from sgcli.native.registration import to_last
from sgcli.surrogate._apply import apply, may_write

# The decay factor of a step, as a function of the time constant in steps.
SCHEMES: dict[str, Callable[[float], float]] = {
    "exponential": lambda tau: math.exp(-1 / tau),
    "euler": lambda tau: 1 - 1 / tau,
}


def step(x: Tensor, y: Tensor, keep: float) -> Tensor:
    """One step of the filter: keep·y + x."""
    return torch.add(x, y, alpha=keep)


def run(x: Tensor, start: Tensor, keep: float, delayed: bool = False) -> tuple[Tensor, Tensor]:
    """The sequence y[t] = keep·y[t − 1] + x[t] for an input [T, …], and its final value.

    ``start`` [...] is y[−1]. A ``delayed`` sequence is y[−1] … y[T − 2].
    """
    return _apply(x, start, keep, delayed, False)


def _apply(*args: Any) -> tuple[Tensor, Tensor]:
    y, after = apply(Filter, *args)
    return y, after


class Filter(Function):
    """(x, start, keep, delayed, backwards) → y [T, …] and its final value [...].

    The gradient is the same filter in the other direction of time.
    """

    @staticmethod
    def forward(
        x: Tensor, start: Tensor, keep: float, delayed: bool, backwards: bool
    ) -> tuple[Tensor, Tensor]:
        order = slice(None, None, -1 if backwards else 1)
        if not may_write(x, start):
            inputs = list(x)[order]
            values = list(accumulate(inputs, lambda y, x_t: step(x_t, y, keep), initial=start))
            outputs = values[:-1] if delayed else values[1:]
            return torch.stack(outputs[order]), values[-1].clone()
        y = torch.empty_like(x, memory_format=torch.contiguous_format)
        after = torch.empty_like(start)
        inputs, places = (list(z)[order] for z in (x, y))
        if delayed:
            places[0].copy_(start)
            places = [*places[1:], after]
        value = start
        for x_t, place in zip(inputs, places, strict=True):
            value = torch.add(x_t, value, alpha=keep, out=place)
        return y, after if delayed else after.copy_(value)

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Any, ...], output: tuple[Tensor, Tensor]) -> None:
        _, _, ctx.keep, ctx.delayed, ctx.backwards = inputs
        ctx.steps = len(output[0])
        ctx.set_materialize_grads(False)

    @staticmethod
    def backward(
        ctx: Any, grad: Tensor | None, grad_after: Tensor | None
    ) -> tuple[Tensor | None, Tensor | None, None, None, None]:
        if grad is None:
            if grad_after is None:
                return None, None, None, None, None
            grad = torch.zeros_like(grad_after).expand(ctx.steps, *grad_after.shape)
        start = torch.zeros_like(grad[0])
        if grad_after is not None and ctx.delayed:
            start = grad_after
        elif grad_after is not None:
            # Without a delay the final value is the last entry of y.
            at = 0 if ctx.backwards else ctx.steps - 1
            grad = torch.cat([grad[:at], grad[at : at + 1] + grad_after, grad[at + 1 :]])
        received, to_start = _apply(grad, start, ctx.keep, ctx.delayed, not ctx.backwards)
        return received, to_start if ctx.delayed else ctx.keep * to_start, None, None, None

    @staticmethod
    def jvp(ctx: Any, x: Tensor | None, start: Tensor | None, *_: None) -> tuple[Tensor, Tensor]:
        """The filter is linear, so tangents pass through the same filter."""
        if x is None:
            assert start is not None
            x = torch.zeros_like(start).expand(ctx.steps, *start.shape)
        start = torch.zeros_like(x[0]) if start is None else start
        return _apply(x, start, ctx.keep, ctx.delayed, ctx.backwards)

    @staticmethod
    def vmap(
        info: Any, in_dims: tuple[Any, ...], x: Tensor, start: Tensor, *settings: Any
    ) -> tuple[tuple[Tensor, Tensor], tuple[int, int]]:
        """The mapped dimension becomes the last one."""
        x, start = (
            to_last(x, in_dims[0], info.batch_size),
            to_last(start, in_dims[1], info.batch_size),
        )
        y, after = _apply(x, start, *settings)
        return (y, after), (y.ndim - 1, after.ndim - 1)
