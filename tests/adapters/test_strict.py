"""Spikes above the threshold only, with the gradient of the surrogate."""

from __future__ import annotations

import pickle

import pytest
import torch

from sgcli import surrogate
from sgcli.adapters.strict import Strict
from sgcli.definitions import Definition
from tests.strategies import DETERMINISTIC, name_of

X = torch.tensor([-2.0, -0.3, -0.0, 0.0, 1e-30, 0.4, 3.0], dtype=torch.float64)


@pytest.mark.parametrize("definition", DETERMINISTIC, ids=name_of)
def test_only_the_spike_at_zero_differs(definition: type[Definition]) -> None:
    ours = surrogate.of(definition)()
    strict = pickle.loads(pickle.dumps(Strict(ours)))
    a, b = X.clone().requires_grad_(), X.clone().requires_grad_()
    y, z = ours(a), strict(b)
    assert torch.equal(z.detach(), torch.where(X == 0, 0, y.detach()))
    y.sum().backward()
    z.sum().backward()
    assert a.grad is not None
    assert b.grad is not None
    assert torch.equal(a.grad, b.grad)


def test_the_primitive_is_left_alone() -> None:
    ours = surrogate.Sigmoid(spiking=False)
    assert torch.equal(Strict(ours)(X), ours(X))
