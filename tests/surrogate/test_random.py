"""Entries that draw their spikes or their gradient."""

from __future__ import annotations

import pytest
import torch

from sgcli import surrogate
from sgcli.definitions import Definition, Param
from sgcli.errors import ParameterError
from tests.strategies import DEFINITIONS, name_of
from tests.surrogate import (
    X,
    classes,
    gradient,
)


@pytest.mark.parametrize("definition", [d for d in DEFINITIONS if d.stochastic], ids=name_of)
def test_a_generator_determines_the_draws(definition):
    module, function = classes(definition)
    x = torch.rand(1000)
    draws = [module(generator=torch.Generator().manual_seed(s))(x) for s in (1, 1, 2)]
    assert torch.equal(draws[0], draws[1])
    assert not torch.equal(draws[0], draws[2])
    assert torch.equal(draws[0], function.apply(x, generator=torch.Generator().manual_seed(1)))


class Noisy(Definition, name="noisy"):
    """A random gradient below the threshold."""

    scale = Param(0.2, domain="(0, inf)", typical=(0.1, 1.0), doc="range of the draws")
    no_primitive = random_gradient = "below the threshold its gradient is drawn from [0, scale)"

    @staticmethod
    def derivative(m, x, scale):
        return m.where(x >= 0, 1, scale / 2)

    @staticmethod
    def drawn(m, x, u, scale):
        return m.where(x >= 0, 1, scale * u)


def test_a_random_gradient_follows_the_generator_and_its_parameters():
    x = torch.tensor([-1.0, -0.2, 0.0, 2.0]).double().repeat(1000, 1)

    def drawn(seed, scale=0.2):
        instance = surrogate.of(Noisy)(scale, generator=torch.Generator().manual_seed(seed))
        return gradient(instance, x)

    grads = drawn(0)
    assert torch.equal(grads, drawn(0))
    assert not torch.equal(grads, drawn(1))
    assert grads[:, 2:].eq(1).all()
    below = grads[:, :2]
    assert below.min() >= 0
    assert below.max() < 0.2
    torch.testing.assert_close(drawn(0, scale=0.4)[:, :2], 2 * below)


def test_a_random_gradient_composes():
    instance = surrogate.of(Noisy)()
    leaf = X.clone().requires_grad_()
    (first,) = torch.autograd.grad(instance(leaf).sum(), leaf, create_graph=True)
    (second,) = torch.autograd.grad(first.sum(), leaf)
    assert not second.any()
    rows = X.repeat(5, 1)
    mapped = torch.func.vmap(
        torch.func.grad(lambda row: instance(row).sum()), randomness="different"
    )(rows)
    assert mapped[:, 2:].eq(1).all()
    assert mapped[:, 0].unique().numel() == 5
    torch._dynamo.reset()
    compiled = torch.compile(instance, backend="aot_eager", fullgraph=True)
    assert gradient(compiled)[2:].eq(1).all()
    with pytest.raises(ParameterError, match="drawn from"):
        surrogate.of(Noisy)(spiking=False)(X)
