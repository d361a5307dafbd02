"""Every surrogate of another library's installed release, with our definition as its truth."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from importlib import import_module
from typing import Any

import torch
from torch import Tensor

from sgcli.checks.subject import Function, Subject
from sgcli.definitions.catalogue import REGISTRY
from sgcli.definitions.code import peer_parameters
from sgcli.definitions.core import Definition, Shape
from sgcli.definitions.expression import evaluate
from sgcli.definitions.installed import peers_of, required, surrogate_of
from sgcli.definitions.peers import LIBRARIES, V_THRESHOLD, Peer, variables_of
from sgcli.definitions.transform import transformed

Given = Mapping[str, Any]
Built = tuple[Function, Function | None]


@dataclass(frozen=True)
class Claim:
    """The documented function of a surrogate whose code computes another, if there is one."""

    definition: str
    peer: Peer
    title: str


CLAIMS = (
    Claim(
        "squarewave_fourier_series",
        Peer("spikingjelly", "SquarewaveFourierSeries", {"n": "n", "T_period": "T_period"}),
        "SquarewaveFourierSeries-as-documented",
    ),
    Claim(
        "piecewise_quadratic", Peer("snntorch", "triangular", {"threshold": "alpha"}), "triangular"
    ),
    Claim("leaky_k_relu", Peer("snntorch", "LSO", {"slope": "leak"}, only={"k": 1.0}), "LSO"),
)


def subjects(library: str) -> Iterator[Subject]:
    """Each surrogate of the installed release at several parameter values, against ours.

    Raises :class:`SgError` if the library is not installed.
    """
    required(library)
    for definition in REGISTRY.values():
        for peer in peers_of(definition, library):
            yield from _several(definition, peer, peer.name)
    for claim in CLAIMS:
        if claim.peer.library == library:
            yield from _several(REGISTRY[claim.definition], claim.peer, claim.title)


def _several(definition: type[Definition], peer: Peer, title: str) -> Iterator[Subject]:
    """Their default and both ends of our typical ranges, each with the others beside it."""
    ends = [{k: p.typical[end] for k, p in definition.params.items()} for end in (0, 1)]
    shapes = [Shape.of(definition, **{**v, **peer.only}) for v in ({**peer.default}, *ends)]
    alone = [_subject(shape, peer, title) for shape in dict.fromkeys(shapes)]
    for subject in alone:
        others = tuple(o for o in alone if o.name != subject.name)
        yield replace(subject, others=others[:1])


def _subject(shape: Shape, peer: Peer, title: str) -> Subject:
    threshold = shape.params.get("v_threshold", V_THRESHOLD)
    given = peer_parameters(shape, peer, threshold)
    strict = LIBRARIES[peer.library].fires == "x > 0" and not shape.definition.stochastic
    values = variables_of(shape, threshold)
    height, shift = (evaluate(text, values) for text in (peer.height, peer.shift))
    truth = transformed(shape, height, shift, strict=strict)
    function, primitive = BUILD[peer.library](peer.name, given, threshold)
    arguments = ", ".join(f"{k}={v:.6g}" for k, v in given.items())
    name = f"{peer.library}:{title}({arguments})"
    return Subject(name, truth, function, primitive, ours=False, like=shape.label)


def _spikingjelly(name: str, given: Given, threshold: float) -> Built:
    made = surrogate_of("spikingjelly", name)
    smooth = made(**given)
    smooth.set_spiking_mode(False)
    return made(**given), smooth


def _snntorch(name: str, given: Given, threshold: float) -> Built:
    return surrogate_of("snntorch", name)(**given), None


def _norse(name: str, given: Given, threshold: float) -> Built:
    alpha = next(iter(given.values()), 1.0)
    # The random ones have no name that a neuron could be given, only a function.
    if name in ("logistic", "circ_dist"):
        return partial(_call, surrogate_of("norse", f"{name}_fn"), alpha), None
    return partial(_call, surrogate_of("norse", "threshold"), name, alpha), None


def _call(function: Any, *args: Any) -> Any:
    *before, x = args
    return function(x, *before)


def _sinabs(name: str, given: Given, threshold: float) -> Built:
    gradient = surrogate_of("sinabs", name)(**given)
    return partial(_spike_of_sinabs, gradient, threshold), None


BUILD = {"spikingjelly": _spikingjelly, "snntorch": _snntorch, "norse": _norse, "sinabs": _sinabs}


@dataclass(frozen=True)
class Potential:
    """A membrane potential variables_of by its distance ``x`` from the threshold.

    Adding the threshold and taking it off again would cost digits that are not sinabs' fault.
    """

    x: Tensor
    threshold: float

    def __sub__(self, other: float) -> Tensor:
        return self.x + (self.threshold - other)

    def __ge__(self, other: float) -> Tensor:
        return self.x >= other - self.threshold

    def __lt__(self, other: float) -> Tensor:
        return self.x < other - self.threshold

    def __truediv__(self, other: float) -> Tensor:
        return self.x / other + self.threshold / other


def _spike_of_sinabs(gradient: Any, threshold: float, x: Tensor) -> Tensor:
    """Single spikes as sinabs', with one of its gradient functions behind them."""
    spike: Any = import_module("sinabs.activation").SingleSpike

    class Spike(torch.autograd.Function):
        @staticmethod
        def forward(ctx: Any, x: Tensor) -> Any:
            ctx.save_for_backward(x)
            with torch.no_grad():
                return spike.apply(x + threshold, threshold, gradient)

        @staticmethod
        def backward(ctx: Any, *grad_output: Any) -> Any:
            (x,) = ctx.saved_tensors
            return grad_output[0] * gradient(Potential(x, threshold), threshold)

    made: Tensor = Spike.apply(x)  # type: ignore[no-untyped-call]
    return made
