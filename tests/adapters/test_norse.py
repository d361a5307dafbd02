"""Our surrogates in Norse's cells, against its own."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import Tensor

from sgcli import surrogate
from sgcli.adapters import from_norse, norse_step
from sgcli.definitions import REGISTRY, Definition, Peer, Shape
from sgcli.definitions.code import peer_parameters
from sgcli.definitions.expression import evaluate
from sgcli.errors import SgError, UnknownName

pytestmark = [pytest.mark.peer, pytest.mark.filterwarnings("ignore")]

ENTRIES = [
    pytest.param(d, peer, id=f"{d.name}-{peer.name}")
    for d in REGISTRY.values()
    for peer in d.peers
    if (peer.library, peer.shift) == ("norse", "0") and not d.stochastic
]


class Times(torch.nn.Module):
    """A surrogate with its gradient multiplied, for those of Norse with another height."""

    def __init__(self, sg: Any, height: float) -> None:
        super().__init__()
        self.sg, self.height = sg, height

    def forward(self, x: Tensor) -> Tensor:
        y = self.sg(x)
        return self.height * y + (1 - self.height) * y.detach()


def theirs() -> Any:
    return pytest.importorskip("norse").torch


def pair(definition: type[Definition], peer: Peer) -> tuple[Any, Any]:
    """Ours with Norse's height, and the parameters of its cell."""
    values = {} if peer.name != "super" else {"alpha": 1.0}  # it ignores alpha: that of 1
    shape = Shape.of(definition, **values)
    height = evaluate(peer.height, shape.params)
    alphas = peer_parameters(shape, peer).values()
    p = theirs().LIFParameters(method=peer.name, alpha=torch.tensor(next(iter(alphas), 1.0)))
    return Times(surrogate.of(definition)(*shape.values), height), p


def ran(cell: Any, steps: int) -> tuple[Tensor, Tensor]:
    g = torch.Generator().manual_seed(11)
    x = (torch.rand(steps, 3, 20, generator=g) * 8).requires_grad_()
    y, state = cell(x)
    found = y.sum() + state.v.sum()
    found.backward()
    assert x.grad is not None
    return y.detach(), x.grad


@pytest.mark.parametrize("steps", [1, 10])
@pytest.mark.parametrize(("definition", "peer"), ENTRIES)
def test_a_step_is_their_own(definition: type[Definition], peer: Peer, steps: int) -> None:
    nt = theirs()
    ours, p = pair(definition, peer)
    own = nt.LIF(p=p)
    step = norse_step(ours, nt.functional.lif.lif_feed_forward_step, strict=True)
    cell = nt.module.snn.SNN(activation=step, state_fallback=own.state_fallback, p=own.p)
    found, want = ran(cell, steps), ran(own, steps)
    assert torch.equal(found[0], want[0])
    torch.testing.assert_close(found[1], want[1], rtol=1e-4, atol=1e-7)


def test_strict_decides_at_the_threshold() -> None:
    nt = theirs()
    zero = nt.functional.lif.LIFFeedForwardState(torch.zeros(1), torch.zeros(1))
    p = nt.LIFParameters(v_th=torch.tensor(0.0))
    for strict in (False, True):
        step = norse_step(surrogate.ATan(), nt.functional.lif.lif_feed_forward_step, strict)
        spike, _ = step(torch.zeros(1), zero, p)
        assert spike.item() == (0 if strict else 1)


def test_layers_may_differ() -> None:
    nt = theirs()
    step = nt.functional.lif.lif_feed_forward_step
    own = nt.LIF()
    gradients = []
    for sg in (surrogate.ATan(), surrogate.Rect()):
        cell = nt.module.snn.SNN(norse_step(sg, step), state_fallback=own.state_fallback, p=own.p)
        gradients.append(ran(cell, 10)[1])
    assert not torch.allclose(*gradients)
    # Norse's own step is what it was.
    assert step.__globals__["threshold"] is nt.functional.threshold.threshold
    with pytest.raises(SgError, match="does not call"):
        norse_step(surrogate.ATan(), nt.functional.lif.lif_feed_forward_step_sparse.__call__)


def test_theirs_become_ours() -> None:
    theirs()
    found, height, shift = from_norse("tanh", 2.0)
    assert (found.definition.name, found.alpha, height, shift) == ("sigmoid", 4, 1, 0)
    assert from_norse("heavi_erfc", 4.0).height == 0.5
    found, height, shift = from_norse("triangle", 0.3)
    x = torch.linspace(-2, 2, 41, requires_grad=True)
    threshold = theirs().functional.threshold
    (want,) = torch.autograd.grad(threshold.threshold(x, "triangle", 0.3).sum(), x)
    (got,) = torch.autograd.grad(found(x).sum(), x)
    torch.testing.assert_close(height * got, want)
    assert shift == 0
    with pytest.raises(UnknownName):
        from_norse("adjoint", 1.0)
