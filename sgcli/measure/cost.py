"""What a surrogate costs: forward and backward of a large tensor, beside a copy of that tensor."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch

from sgcli import surrogate
from sgcli.definitions.core import Shape
from sgcli.measure.rounds import interleave, quartiles, ratios

SIZE = 1 << 20  # float32 elements, 4 MiB: a copy is bound by memory
ROUNDS = 15
COPY = "copy"


@dataclass(frozen=True)
class Cost:
    """Forward and backward of one shape: ns an element, and how many copies of the input that is.

    ``copies`` is the median over rounds, with its quartiles; ``nanoseconds`` is ``copies`` times
    the median time of a copy, so that a passing load on the machine favours no shape.
    """

    shape: Shape
    nanoseconds: float
    copies: float
    q1: float
    q3: float


def costs(shapes: Sequence[Shape], rounds: int = ROUNDS, size: int = SIZE) -> list[Cost]:
    """The cost of each shape, timed in turns by one thread on x from -3 to 3 in float32."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        return _costs(shapes, rounds, size)
    finally:
        torch.set_num_threads(threads)


def _costs(shapes: Sequence[Shape], rounds: int, size: int) -> list[Cost]:
    x = torch.linspace(-3, 3, size)
    weight, to = torch.ones(size), torch.empty(size)
    runs: dict[str, Callable[[], object]] = {COPY: lambda: to.copy_(x)}
    for i, shape in enumerate(shapes):
        runs[str(i)] = _passes(shape, x, weight)
    times = interleave(runs, rounds)
    copy = statistics.median(times[COPY]) / size * 1e9
    result = []
    for i, shape in enumerate(shapes):
        q1, median, q3 = quartiles(ratios(times, str(i), COPY))
        result.append(Cost(shape, median * copy, median, q1, q3))
    return result


def _passes(shape: Shape, x: torch.Tensor, weight: torch.Tensor) -> Callable[[], object]:
    function = surrogate.of(shape.definition)(*shape.values)
    leaf = x.clone().requires_grad_()

    def run() -> object:
        return torch.autograd.grad(function(leaf), leaf, weight)

    return run
