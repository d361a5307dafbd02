"""Our surrogates in the layers of sinabs, against its own."""

from __future__ import annotations

import copy
import pickle
from typing import Any

import pytest
import torch
from torch import Tensor

from sgcli import surrogate
from sgcli.adapters import from_sinabs, to_sinabs
from sgcli.definitions import REGISTRY, Definition, Peer, Shape
from sgcli.definitions.code import peer_parameters
from sgcli.definitions.expression import evaluate
from sgcli.errors import SgError
from tests.adapters.test_norse import Times

ENTRIES = [
    pytest.param(d, peer, id=f"{d.name}-{peer.name}")
    for d in REGISTRY.values()
    for peer in d.peers
    if (peer.library, peer.shift) == ("sinabs", "0")
]


def theirs() -> Any:
    pytest.importorskip("sinabs")
    import sinabs.activation
    import sinabs.layers

    return sinabs


def ran(steps: int, layer: str = "LIF", **given: Any) -> tuple[Tensor, Tensor]:
    made = {"LIF": {"tau_mem": 10.0, "norm_input": False}, "IAF": {}}[layer]
    node = getattr(theirs().layers, layer)(**made, **given)
    g = torch.Generator().manual_seed(2)
    x = (torch.rand(3, steps, 10, generator=g) * 1.5).requires_grad_()
    y = node(x)
    (y * torch.linspace(-1, 1, y.numel()).reshape(y.shape)).sum().backward()
    assert x.grad is not None
    return y.detach(), x.grad


@pytest.mark.peer
@pytest.mark.parametrize("steps", [1, 8])
@pytest.mark.parametrize("layer", ["LIF", "IAF"])
@pytest.mark.parametrize("threshold", [1.0, 0.5])
@pytest.mark.parametrize(("definition", "peer"), ENTRIES)
def test_in_a_layer_it_is_their_own(
    definition: type[Definition], peer: Peer, threshold: float, layer: str, steps: int
) -> None:
    activation = theirs().activation
    own_threshold = {"v_threshold": threshold} if "v_threshold" in definition.params else {}
    shape = Shape.of(definition, **own_threshold)
    own = getattr(activation, peer.name)(**peer_parameters(shape, peer, threshold))
    height = evaluate(peer.height, {**shape.params, "v_threshold": threshold})
    ours = to_sinabs(Times(surrogate.of(definition)(*shape.values), height))
    given = {"spike_threshold": torch.tensor(threshold)}
    found = ran(steps, layer, spike_fn=ours, **given)
    want = ran(steps, layer, spike_fn=activation.SingleSpike, surrogate_grad_fn=own, **given)
    assert torch.equal(found[0], want[0])
    torch.testing.assert_close(found[1], want[1], rtol=1e-4, atol=1e-6)
    # As gradient function, with the layer's own several spikes a step.
    found = ran(steps, layer, surrogate_grad_fn=ours, **given)
    want = ran(steps, layer, surrogate_grad_fn=own, **given)
    assert torch.equal(found[0], want[0])
    torch.testing.assert_close(found[1], want[1], rtol=1e-4, atol=1e-6)


@pytest.mark.peer
def test_a_copied_layer_has_an_equal_spike_fn() -> None:
    layer = theirs().layers.LIF(tau_mem=10.0, spike_fn=to_sinabs(surrogate.ATan(3.0)))
    again = copy.deepcopy(layer)
    assert again.spike_fn == layer.spike_fn == copy.deepcopy(layer.spike_fn)


def test_equality_is_that_of_the_shape() -> None:
    one = to_sinabs(surrogate.ATan(3.0))
    assert one == to_sinabs(surrogate.ATan(3.0)) == pickle.loads(pickle.dumps(one))
    assert one != to_sinabs(surrogate.ATan(2.0))
    assert one != to_sinabs(surrogate.Erf(3.0))
    assert one != to_sinabs(surrogate.ATan(3.0, spiking=False))
    assert one != to_sinabs(torch.relu)
    assert one != 3
    trained = to_sinabs(surrogate.ATan(3.0, learnable=True))
    assert trained == copy.deepcopy(trained)


def test_a_learnable_surrogate_trains_as_spike_fn_only() -> None:
    sg = surrogate.ATan(learnable=True)
    to_sinabs(sg).apply(torch.linspace(0, 2, 5), 1.0).sum().backward()
    assert all(p.grad is not None for p in sg.parameters())
    with pytest.raises(SgError, match="learnable"):
        to_sinabs(sg)(torch.zeros(3), 1.0)


def test_the_gradient_needs_no_graph() -> None:
    with torch.no_grad():
        slope = to_sinabs(surrogate.ATan())(torch.tensor([1.0, 2.0]), 1.0)
    assert not slope.requires_grad
    assert slope[0] == 1


@pytest.mark.peer
@pytest.mark.parametrize("threshold", [0.5, 2.0])
@pytest.mark.parametrize(("definition", "peer"), ENTRIES)
def test_theirs_of_a_layer_become_ours(
    definition: type[Definition], peer: Peer, threshold: float
) -> None:
    values = {k: p.typical[0] for k, p in definition.params.items()}
    if "v_threshold" in values:
        values["v_threshold"] = threshold
    shape = Shape.of(definition, **values)
    own = getattr(theirs().activation, peer.name)(**peer_parameters(shape, peer, threshold))
    found = from_sinabs(own, threshold)
    assert found.surrogate._sg_params == pytest.approx(shape.params, rel=1e-14)
    assert found.height == evaluate(peer.height, {"v_threshold": threshold, **shape.params})


@pytest.mark.peer
def test_theirs_become_ours() -> None:
    activation = theirs().activation
    found, height, shift = from_sinabs(activation.SingleExponential(grad_width=0.25), 2.0)
    assert (found.definition.name, found.alpha, height, shift) == ("piecewise_exp", 2, 2, 0)
    found, height, shift = from_sinabs(activation.Gaussian(mu=0.2, sigma=0.5, grad_scale=3.0))
    assert found.definition.name == "erf"
    assert (height, shift) == (3, 0.2)
    with pytest.raises(SgError, match="mu = 1"):
        from_sinabs(activation.MultiGaussian(mu=1))
    with pytest.raises(SgError, match="not a surrogate gradient of sinabs"):
        from_sinabs(surrogate.ATan())
