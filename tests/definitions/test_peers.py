"""Every entry of a peer map against the library itself: gradient = height * ours(x - shift)."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch

from sgcli.definitions import LIBRARIES, REGISTRY, Peer, Shape
from sgcli.definitions.code import peer_parameters
from sgcli.definitions.evaluate import curve
from sgcli.definitions.expression import evaluate
from sgcli.definitions.peers import factor, variables_of

pytestmark = pytest.mark.peer

# Off every kink and jump; snnTorch's spikes are float32, so the gradient is what is compared.
X = np.linspace(-3.0137, 3.0711, 401)


def spikingjelly(name: str, parameters: dict[str, Any]) -> Callable[[torch.Tensor], torch.Tensor]:
    module = importlib.import_module(LIBRARIES["spikingjelly"].module)
    return getattr(module, name)(**parameters)


def snntorch(name: str, parameters: dict[str, Any]) -> Callable[[torch.Tensor], torch.Tensor]:
    module = importlib.import_module(LIBRARIES["snntorch"].module)
    return getattr(module, name)(**parameters)


def norse(name: str, parameters: dict[str, Any]) -> Callable[[torch.Tensor], torch.Tensor]:
    module = importlib.import_module(LIBRARIES["norse"].module)
    (value,) = parameters.values()

    def function(x: torch.Tensor) -> Any:
        try:
            return module.threshold(x, name, value)
        except ValueError:  # the random ones are no methods
            return getattr(module, f"{name}_fn")(x, value)

    return function


class Sinabs(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, v: torch.Tensor, gradient: Any, v_threshold: float) -> torch.Tensor:
        ctx.save_for_backward(v)
        ctx.gradient, ctx.v_threshold = gradient, v_threshold
        return (v >= v_threshold).to(v)

    @staticmethod
    def backward(ctx: Any, grad_output: torch.Tensor) -> Any:
        (v,) = ctx.saved_tensors
        return grad_output * ctx.gradient(v, ctx.v_threshold), None, None


def sinabs(
    name: str, parameters: dict[str, Any], v_threshold: float = 1.0
) -> Callable[[torch.Tensor], torch.Tensor]:
    gradient = getattr(importlib.import_module(LIBRARIES["sinabs"].module), name)(**parameters)
    return lambda x: Sinabs.apply(x + v_threshold, gradient, v_threshold)


BUILD = {f.__name__: f for f in (spikingjelly, snntorch, norse, sinabs)}


def built(
    peer: Peer, parameters: dict[str, Any], v_threshold: float = 1.0
) -> Callable[[torch.Tensor], torch.Tensor]:
    """The peer as a function of x; only those of sinabs depend on the threshold itself."""
    if peer.library == "sinabs":
        return sinabs(peer.name, parameters, v_threshold)
    return BUILD[peer.library](peer.name, parameters)


ENTRIES = [
    pytest.param(d.name, peer, id=f"{d.name}-{peer.library}")
    for d in REGISTRY.values()
    for peer in d.peers
    if not d.random_gradient
]
DRAWN = [
    pytest.param(d.name, peer, id=f"{d.name}-{peer.library}")
    for d in REGISTRY.values()
    for peer in d.peers
    if d.random_gradient
]


def shapes(name: str, peer: Peer) -> list[Shape]:
    """The default, and the ends and the middle of the typical range, where the map holds."""
    definition = REGISTRY[name]
    cases = [Shape.of(definition, **peer.only)]
    for part in (0.05, 0.5, 1.0):
        values = {
            k: round(p.typical[0] + part * (p.typical[1] - p.typical[0]))
            if p.integer
            else p.typical[0] + part * (p.typical[1] - p.typical[0])
            for k, p in definition.params.items()
        }
        cases.append(Shape.of(definition, **{**values, **peer.only}))
    return list(dict.fromkeys(cases))


def gradient(function: Callable[[torch.Tensor], torch.Tensor], x: np.ndarray) -> np.ndarray:
    leaf = torch.tensor(x, requires_grad=True)
    function(leaf).sum().backward()
    assert leaf.grad is not None
    return leaf.grad.numpy()


@pytest.mark.parametrize(("name", "peer"), ENTRIES)
def test_their_gradient_is_height_times_ours(name: str, peer: Peer) -> None:
    pytest.importorskip(peer.library)
    for shape in shapes(name, peer):
        x = X
        if name == "poisson_pass":  # theirs takes probabilities only
            x = np.linspace(0.01, 0.99, 31)
        if (name, peer.library) == ("sigmoid", "snntorch"):
            # Known defect: exp of the wrong sign overflows on the left.
            x = X[X * shape.values[0] > -40]
        parameters = peer_parameters(shape, peer)
        got = gradient(built(peer, parameters, variables_of(shape)["v_threshold"]), x)
        # Norse's super ignores alpha: it is the one of steepness 1 whatever is asked.
        ours = Shape.of(REGISTRY[name], alpha=1) if peer.name == "super" else shape
        want = factor(peer, ours) * curve(ours, x - evaluate(peer.shift, ours.params))
        np.testing.assert_allclose(got, want, rtol=2e-5, atol=2e-9, err_msg=shape.label)


@pytest.mark.parametrize(("name", "peer"), DRAWN)
def test_the_mean_of_their_draws_is_ours(name: str, peer: Peer) -> None:
    pytest.importorskip(peer.library)
    torch.manual_seed(0)
    for shape in shapes(name, peer):
        x = np.tile(X[::50], (20_000, 1))
        got = gradient(built(peer, peer_parameters(shape, peer)), x)
        room = 5 * got.std(axis=0) / 20_000**0.5 + 1e-6
        assert (np.abs(got.mean(axis=0) - curve(shape, x[0])) <= room).all()


@pytest.mark.parametrize(("name", "peer"), ENTRIES)
def test_their_default_is_what_the_map_says(name: str, peer: Peer) -> None:
    pytest.importorskip(peer.library)
    if peer.library == "norse" or peer.name == "MultiLevelSpikeCount":
        pytest.skip("takes its parameter from the neuron, or has no default")
    shape = Shape.of(REGISTRY[name], **peer.default)
    x = np.linspace(0.01, 0.99, 31) if name == "poisson_pass" else X[X > -1.5]
    got = gradient(built(peer, {}), x)
    want = factor(peer, shape) * curve(shape, x - evaluate(peer.shift, shape.params))
    np.testing.assert_allclose(got, want, rtol=2e-5, atol=2e-9)


@pytest.mark.parametrize("library", LIBRARIES)
def test_their_spike_at_the_threshold(library: str) -> None:
    pytest.importorskip(library)
    peer = next(p for d in REGISTRY.values() for p in d.peers if p.library == library)
    definition = next(d for d in REGISTRY.values() if peer in d.peers)
    assert not definition.stochastic
    function = BUILD[library](peer.name, peer_parameters(Shape.of(definition), peer))
    if library == "sinabs":
        from sinabs.activation import SingleSpike

        spike = SingleSpike.apply(
            torch.ones(1),
            1.0,
            getattr(importlib.import_module(LIBRARIES["sinabs"].module), peer.name)(),
        )
    else:
        spike = function(torch.zeros(1))
    assert bool(spike.item()) is (LIBRARIES[library].fires == "x >= 0")


@pytest.mark.parametrize(("name", "peer"), [e for e in ENTRIES if e.values[1].library == "sinabs"])
@pytest.mark.parametrize("v_threshold", [0.5, 2.0])
def test_the_threshold_enters_where_the_map_says(name: str, peer: Peer, v_threshold: float) -> None:
    pytest.importorskip("sinabs")
    own = {"v_threshold": v_threshold} if "v_threshold" in REGISTRY[name].params else {}
    shape = Shape.of(REGISTRY[name], **own)
    parameters = peer_parameters(shape, peer, v_threshold)
    got = gradient(sinabs(peer.name, parameters, v_threshold), X)
    want = factor(peer, shape, v_threshold) * curve(shape, X)
    np.testing.assert_allclose(got, want, rtol=2e-5, atol=2e-9)


def test_known_defects_are_still_there() -> None:
    """When one of these fails, the note in the definition is out of date."""
    surrogate = pytest.importorskip("snntorch.surrogate")
    x = torch.tensor([-50.0 / 25, -90.0 / 25], requires_grad=True)
    surrogate.sigmoid(slope=25)(x).sum().backward()
    assert x.grad is not None
    assert x.grad[0] == 0
    assert x.grad[1].isnan()
