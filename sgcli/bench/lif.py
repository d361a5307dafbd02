"""Forward and backward of a layer of LIF neurons over a sequence, in each library."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from importlib import import_module
from typing import Any

import torch
from torch import Tensor

from sgcli import surrogate
from sgcli.bench.harness import Bar, Row, compare
from sgcli.bench.limit import LIMIT, limit, passes
from sgcli.definitions import REGISTRY
from sgcli.definitions.installed import release, surrogate_of
from sgcli.native import library
from sgcli.neuron import LIFNode
from sgcli.training.run.process import threads as running

OURS, TORCH = "sgcli", "sgcli (torch)"
SHAPES = ((25, 128, 1000), (100, 64, 1000))
SURROGATES = {"atan": ("ATan", "atan"), "sigmoid": ("Sigmoid", "sigmoid")}
BAR, WITHOUT_COMPILER = Bar("at most", 1.6), Bar("at most", 5)
# As many elements, in ever longer sequences.
LENGTHS, ELEMENTS, EVEN = (8, 25, 100, 400, 1000), 3_200_000, Bar("at most", 1.3)

Runs = dict[str, Callable[[], None]]


def lif(rounds: int, threads: int) -> Iterator[Row]:
    """Against the limit, with and without kernels, beside the peers; and over lengths."""
    with running(threads):
        for size in SHAPES:
            for name in SURROGATES:
                yield from _one(size, name, rounds)
        yield from _lengths(rounds)


def _data(size: tuple[int, ...]) -> tuple[Tensor, Tensor]:
    generator = torch.Generator().manual_seed(0)
    x = 0.5 + torch.randn(size, generator=generator)
    return x, torch.randn(size, generator=generator)


def _ours(name: str) -> Callable[[Tensor], Tensor]:
    return _fresh(LIFNode(step_mode="m", surrogate_function=surrogate.of(REGISTRY[name])()))


def _fresh(node: Any) -> Callable[[Tensor], Tensor]:
    """Neurons that begin at rest each time."""

    def run(x: Tensor) -> Tensor:
        node.reset()
        spikes: Tensor = node(x)
        return spikes

    return run


def _one(size: tuple[int, int, int], name: str, rounds: int) -> Iterator[Row]:
    what = f"{name} {list(size)}"
    x, weight = _data(size)
    runs: Runs = {LIMIT: limit(x, weight)}
    if library.available():
        yield from compare(what, {**runs, OURS: passes(_ours(name), x, weight)}, LIMIT, rounds, BAR)
    else:
        yield Row(what, OURS, LIMIT, reason=str(library.libraries()))
    reference = passes(_ours(name), x, weight)

    def without() -> None:
        with library.off():
            reference()

    yield from compare(what, {**runs, TORCH: without}, LIMIT, rounds, WITHOUT_COMPILER)
    theirs: Runs = {}
    for peer, made in (("spikingjelly", _spikingjelly), ("snntorch", _snntorch)):
        if release(peer) is None:
            yield Row(what, peer, LIMIT, reason=f"{peer} is not installed")
            continue
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # what peers say when they are imported
            theirs[peer] = passes(made(*SURROGATES[name]), x, weight)
    yield from compare(what, {**runs, **theirs}, LIMIT, max(1, rounds // 5))


def _spikingjelly(module: str, function: str) -> Callable[[Tensor], Tensor]:
    neuron: Any = import_module("spikingjelly.activation_based.neuron")
    surrogate = surrogate_of("spikingjelly", module)()
    return _fresh(neuron.LIFNode(surrogate_function=surrogate, step_mode="m"))


def _snntorch(module: str, function: str) -> Callable[[Tensor], Tensor]:
    snn: Any = import_module("snntorch")
    cell = snn.Leaky(beta=0.5, spike_grad=surrogate_of("snntorch", function)())

    def run(x: Tensor) -> Tensor:
        membrane, spikes = cell.init_leaky(), []
        for current in x:
            spike, membrane = cell(current, membrane)
            spikes.append(spike)
        return torch.stack(spikes)

    return run


def _lengths(rounds: int) -> Iterator[Row]:
    runs: Runs = {}
    for steps in LENGTHS:
        x, weight = _data((steps, ELEMENTS // steps))
        runs[f"T = {steps}"] = passes(_ours("atan"), x, weight)
    yield from compare("cost per step", runs, f"T = {LENGTHS[0]}", rounds, EVEN)
