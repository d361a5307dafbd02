"""Forward and backward of single surrogates: ours, torch's own functions, the peers', the limit."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from typing import Any

import torch
from torch import Tensor
from torch.autograd import Function

from sgcli import surrogate
from sgcli.bench.harness import Bar, Row, compare
from sgcli.bench.limit import LIMIT, keep_pages, limit, passes
from sgcli.definitions import REGISTRY, Shape
from sgcli.definitions.code import peer_parameters
from sgcli.definitions.installed import release, surrogate_of
from sgcli.native import ops
from sgcli.surrogate._apply import apply
from sgcli.training.run.process import threads as running

MIDDLE, SIZE, LARGE = 1 << 20, 1 << 22, 1 << 24
SCALES = tuple(1 << k for k in (10, 14, 18, 20, 22, 24, 26))
# The others choose a surrogate inside a neuron.
STANDALONE = ("spikingjelly", "snntorch")
OURS = "sgcli"
BAR = Bar("at most", 1.3)
# A turn works on so many elements, in up to so many calls: a single call is mostly cold caches.
TURN, MOST_CALLS = 1 << 22, 100
# Below the middle the two calls, forward and backward, are what costs: 30 µs each.
CALLS = Bar("at most", 60, "µs over")


class Bare(Function):
    """The traffic of the limit as a function in Python."""

    @staticmethod
    def forward(x: Tensor) -> Tensor:
        return torch.neg(x)

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Tensor], output: Tensor) -> None:
        ctx.save_for_backward(*inputs)

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> Tensor:
        (x,) = ctx.saved_tensors
        return torch.mul(x, grad)


# What autograd costs by itself, up to the middle: of torch's own operation, of a Python function.
OVERHEADS: dict[str, Callable[[Tensor], Tensor]] = {
    "torch.neg": torch.neg,
    "bare Function": lambda x: apply(Bare, x),
}


def op(rounds: int, threads: int) -> Iterator[Row]:
    """Every surrogate with a kernel, beside the peers that have it; and one at many sizes."""
    shapes = [Shape.of(d) for d in REGISTRY.values() if not d.is_random()]
    atan = Shape.of(REGISTRY["atan"])
    with running(threads):
        for shape in shapes:
            yield from _one(shape, SIZE, rounds, peers=True)
        for size in (n for n in SCALES if n < LARGE):
            yield from _one(atan, size, rounds, peers=False)
        keep_pages()
        for shape in shapes:
            yield from _one(shape, LARGE, rounds, peers=False)
        for size in (n for n in SCALES if n > LARGE):
            yield from _one(atan, size, rounds, peers=False)


def _one(shape: Shape, size: int, rounds: int, peers: bool) -> Iterator[Row]:
    what = f"{shape.name} {size:,}"
    if reason := ops.fallback_reason(shape.definition):
        yield Row(what, OURS, LIMIT, reason=reason)
        return
    generator = torch.Generator().manual_seed(0)
    x = torch.empty(size).uniform_(-3, 3, generator=generator)
    weight = torch.randn(size, generator=generator)
    runs = {
        LIMIT: limit(x, weight),
        OURS: passes(surrogate.of(shape.definition)(*shape.values), x, weight),
    }
    bar = BAR if size >= MIDDLE else CALLS
    calls = max(1, min(MOST_CALLS, TURN // size))
    yield from compare(what, runs, LIMIT, rounds, bar, calls=calls)
    if size <= MIDDLE:
        torchs = {name: passes(function, x, weight) for name, function in OVERHEADS.items()}
        yield from compare(what, {LIMIT: runs[LIMIT], **torchs}, LIMIT, rounds, calls=calls)
    if not peers:
        return
    theirs: dict[str, Callable[[], None]] = {LIMIT: runs[LIMIT]}
    for name, function in _peers(shape).items():
        if function is None:
            yield Row(what, name, LIMIT, reason=f"{name} is not installed")
        else:
            theirs[name] = passes(function, x, weight)
    yield from compare(what, theirs, LIMIT, max(1, rounds // 3))


def _peers(shape: Shape) -> dict[str, Callable[[Tensor], Tensor] | None]:
    """The same shape in other libraries, None where one is not installed."""
    found: dict[str, Callable[[Tensor], Tensor] | None] = {}
    for peer in shape.definition.peers:
        if peer.library not in STANDALONE:
            continue
        found[peer.library] = None
        if release(peer.library):
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # what peers say when they are imported
                theirs = surrogate_of(peer.library, peer.name)
            found[peer.library] = theirs(**peer_parameters(shape, peer))
    return found
