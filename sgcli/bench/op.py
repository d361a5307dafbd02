"""Forward and backward of one surrogate on a large tensor, ours and the peers'."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from importlib import import_module
from importlib.util import find_spec
from typing import Any

import torch
from torch import Tensor

from sgcli import surrogate
from sgcli.bench.harness import Row, compare
from sgcli.definitions import LIBRARIES, REGISTRY, Shape
from sgcli.definitions.code import peer_parameters

SIZE = 1 << 18
# The others choose a surrogate inside a neuron.
STANDALONE = ("spikingjelly", "snntorch")
OURS = "sgcli"


def op(rounds: int, threads: int) -> Iterator[Row]:
    """Every surrogate that another library has as a function of its own."""
    before = torch.get_num_threads()
    torch.set_num_threads(threads or before)
    try:
        for definition in REGISTRY.values():
            if not definition.stochastic:
                yield from _one(Shape.of(definition), rounds)
    finally:
        torch.set_num_threads(before)


def _one(shape: Shape, rounds: int) -> Iterator[Row]:
    what = shape.name
    runs = {OURS: _passes(surrogate.of(shape.definition)(*shape.values))}
    for peer in shape.definition.peers:
        if peer.library not in STANDALONE:
            continue
        if find_spec(peer.library) is None:
            yield Row(what, peer.library, OURS, reason=f"{peer.library} is not installed")
            continue
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # what peers say when they are imported
            module = import_module(LIBRARIES[peer.library].module)
        theirs = getattr(module, peer.name)(**peer_parameters(shape, peer))
        runs[peer.library] = _passes(theirs)
    yield from compare(what, runs, OURS, rounds)


def _passes(function: Callable[[Tensor], Any]) -> Callable[[], None]:
    x = torch.linspace(-3, 3, SIZE).requires_grad_()
    weight = torch.ones(SIZE)

    def run() -> None:
        x.grad = None
        function(x).backward(weight)

    return run
