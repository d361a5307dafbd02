"""Our surrogates in snnTorch's neurons, against its own."""

from __future__ import annotations

import pickle
from typing import Any

import pytest
import torch
from torch import Tensor

from sgcli import surrogate
from sgcli.adapters import from_snntorch, to_snntorch
from sgcli.definitions import REGISTRY, Definition, Peer, Shape
from sgcli.definitions.code import peer_parameters
from sgcli.errors import SgError

pytestmark = [pytest.mark.peer, pytest.mark.filterwarnings("ignore")]

ENTRIES = [
    pytest.param(d, peer, id=d.name)
    for d in REGISTRY.values()
    for peer in d.peers
    if (peer.library, peer.height, peer.shift) == ("snntorch", "1", "0") and not d.stochastic
]


def theirs() -> Any:
    return pytest.importorskip("snntorch")


def ran(function: Any, name: str = "Leaky", steps: int = 12) -> tuple[Tensor, Tensor]:
    """Spikes and gradient of the input; the first inputs drive neurons exactly to the threshold."""
    snn = theirs()
    g = torch.Generator().manual_seed(5)
    x = torch.rand(steps, 40, generator=g)
    x[0, :10] = 1.0
    x.requires_grad_()
    made = {"Leaky": {"beta": 0.9}, "Synaptic": {"alpha": 0.8, "beta": 0.9}}[name]
    cell = getattr(snn, name)(**made, spike_grad=function)
    state = cell.reset_mem()
    state = state if isinstance(state, tuple) else (state,)
    spikes = []
    for step in x:
        y, *state = cell(step, *state)
        spikes.append(y)
    found = torch.stack(spikes)
    (found * torch.linspace(-1, 1, found.numel()).reshape(found.shape)).sum().backward()
    assert x.grad is not None
    return found.detach(), x.grad


@pytest.mark.parametrize("steps", [1, 12])
@pytest.mark.parametrize("name", ["Leaky", "Synaptic"])
@pytest.mark.parametrize(("definition", "peer"), ENTRIES)
def test_strict_replicates_theirs(
    definition: type[Definition], peer: Peer, name: str, steps: int
) -> None:
    shape = Shape.of(definition)
    snn = theirs()
    if peer.name == "SSO":
        pytest.skip("draws its gradient")
    own = getattr(snn.surrogate, peer.name)(**peer_parameters(shape, peer))
    ours = to_snntorch(surrogate.of(definition)(*shape.values), strict=True)
    (spikes, gradient), (want, want_gradient) = ran(ours, name, steps), ran(own, name, steps)
    assert torch.equal(spikes, want)
    # Where the gradient jumps at the threshold, theirs there is that of the other side.
    start = 10 if shape.jumps(0, 0) else 0
    torch.testing.assert_close(gradient[:, start:], want_gradient[:, start:], rtol=1e-4, atol=1e-6)


def test_without_strict_it_fires_at_the_threshold() -> None:
    theirs()
    ours = surrogate.ATan()
    assert to_snntorch(ours) is ours
    assert ran(ours)[0][0, :10].eq(1).all()
    assert ran(to_snntorch(ours, strict=True))[0][0, :10].eq(0).all()


def test_a_cell_can_be_pickled() -> None:
    snn = theirs()
    for strict in (False, True):
        cell = snn.Leaky(beta=0.9, spike_grad=to_snntorch(surrogate.ATan(3.0), strict))
        x = torch.linspace(-2, 4, 50)
        again = pickle.loads(pickle.dumps(cell))
        assert torch.equal(again(x)[0], cell(x)[0])
        assert not [k for k in cell.state_dict() if k.startswith("spike_grad")]


def test_theirs_become_ours() -> None:
    sg = theirs().surrogate
    for given in (sg.sigmoid, sg.sigmoid(slope=25)):
        found, height, shift = from_snntorch(given)
        assert (found.definition.name, found.alpha, height, shift) == ("sigmoid", 25, 1, 0)
    # fast_sigmoid is also soft_sign with a factor: the one without a factor is taken.
    assert from_snntorch(sg.fast_sigmoid, slope=7).surrogate.definition.name == "fast_sigmoid"
    found, height, shift = from_snntorch(sg.spike_rate_escape, beta=2)
    assert (found.alpha, found.height, height, shift) == (2, 25, 1, 1)


def test_theirs_that_ours_cannot_be() -> None:
    sg = theirs().surrogate
    with pytest.raises(SgError, match="no surrogate of the catalogue"):
        from_snntorch(sg.LSO)
    with pytest.raises(SgError, match="unexpected keyword"):
        from_snntorch(sg.atan, slope=2)
    with pytest.raises(SgError, match="not a surrogate of snnTorch"):
        from_snntorch(torch.relu)
