"""Our surrogates in SpikingJelly's neurons, against its own."""

from __future__ import annotations

import copy
from typing import Any

import pytest
import torch
from torch import Tensor

from sgcli import surrogate
from sgcli.adapters import from_spikingjelly, to_spikingjelly
from sgcli.adapters.spikingjelly import FUSED
from sgcli.definitions import REGISTRY, Definition, Peer, Shape
from sgcli.definitions.code import peer_parameters
from sgcli.errors import ParameterError, SgError

pytestmark = [
    pytest.mark.peer,
    # Triton is absent on most machines, and SpikingJelly says so when it is imported.
    pytest.mark.filterwarnings("ignore"),
]

ENTRIES = [
    pytest.param(d, peer, id=d.name)
    for d in REGISTRY.values()
    for peer in d.peers
    if peer.library == "spikingjelly"
]


def theirs() -> tuple[Any, Any]:
    pytest.importorskip("spikingjelly")
    from spikingjelly.activation_based import neuron as nodes
    from spikingjelly.activation_based import surrogate as functions

    return nodes, functions


def ran(function: Any, mode: str, dtype: torch.dtype = torch.float64) -> tuple[Tensor, Tensor]:
    """Spikes and gradient of the input after 8 steps of one LIF neuron each."""
    nodes, _ = theirs()
    g = torch.Generator().manual_seed(3)
    x = torch.rand(8, 30, generator=g, dtype=torch.float64).mul(2.4).to(dtype).requires_grad_()
    node = nodes.LIFNode(tau=2.0, surrogate_function=function, step_mode=mode)
    y = node(x) if mode == "m" else torch.stack([node(step) for step in x])
    (y * torch.linspace(-1, 1, y.numel(), dtype=dtype).reshape(y.shape)).sum().backward()
    assert x.grad is not None
    return y.detach(), x.grad


@pytest.mark.parametrize("mode", ["s", "m"])
@pytest.mark.parametrize(("definition", "peer"), ENTRIES)
def test_in_a_layer_it_is_their_own(definition: type[Definition], peer: Peer, mode: str) -> None:
    if definition.stochastic:
        pytest.skip("draws its spikes")
    shape = Shape.of(definition)
    ours = surrogate.of(definition)(*shape.values)
    own = getattr(theirs()[1], peer.name)(**peer_parameters(shape, peer))
    for found, want in zip(ran(to_spikingjelly(ours), mode), ran(own, mode), strict=True):
        torch.testing.assert_close(found, want, rtol=1e-12, atol=1e-13)
    # What is not replaced by theirs runs as it is.
    for found, want in zip(ran(ours, mode), ran(own, mode), strict=True):
        torch.testing.assert_close(found, want, rtol=1e-12, atol=1e-13)


@pytest.mark.parametrize(("definition", "peer"), ENTRIES)
def test_fused_kernels_are_used_where_there_are_some(
    definition: type[Definition], peer: Peer
) -> None:
    theirs()
    from spikingjelly._ops.surrogate import _surrogate_spec

    found = to_spikingjelly(surrogate.of(definition)())
    assert (_surrogate_spec(found) is not None) is (peer.name in FUSED)


def test_what_a_kernel_cannot_do_stays_ours() -> None:
    theirs()
    for kept in (
        surrogate.ATan(learnable=True),
        surrogate.ATan(torch.tensor(2.0)),
        surrogate.ATan(spiking=False),
        surrogate.FastSigmoid(),
        torch.relu,
    ):
        assert to_spikingjelly(kept) is kept


@pytest.mark.parametrize("end", [0, 1])
@pytest.mark.parametrize(("definition", "peer"), ENTRIES)
def test_theirs_become_ours(definition: type[Definition], peer: Peer, end: int) -> None:
    shape = Shape.of(definition, **{k: p.typical[end] for k, p in definition.params.items()})
    own = getattr(theirs()[1], peer.name)(**peer_parameters(shape, peer))
    found, height, shift = from_spikingjelly(copy.deepcopy(own))
    assert (height, shift) == (1, 0)
    assert type(found) is surrogate.of(definition)
    assert found._sg_params == shape.params


def test_theirs_that_ours_cannot_be() -> None:
    _, functions = theirs()
    assert from_spikingjelly(functions.ATan(2.0, spiking=False)).surrogate.spiking is False
    with pytest.raises(SgError, match="not a surrogate of SpikingJelly"):
        from_spikingjelly(surrogate.ATan())
    with pytest.raises(SgError, match="grad_window"):
        from_spikingjelly(functions.MultiLevelSpikeCount(4, grad_window=(-1, 5)))
    with pytest.raises(SgError, match="trainable"):
        from_spikingjelly(functions.ATan(torch.nn.Parameter(torch.tensor(2.0))))
    with pytest.raises(ParameterError, match="n = 0"):
        from_spikingjelly(functions.SquarewaveFourierSeries(n=1))
