"""Encoders, losses and networks."""

from __future__ import annotations

import math
from statistics import NormalDist
from typing import Any

import pytest
import torch

from sgcli.definitions import REGISTRY
from sgcli.training.data.encoders import ENCODERS
from sgcli.training.data.samples import Data
from sgcli.training.network.losses import LOSSES
from sgcli.training.network.network import build
from sgcli.training.run.trainer import Trainer, generator
from sgcli.training.settings import KINDS, settings_for


def test_every_choice_of_the_settings_exists() -> None:
    assert KINDS["encoder"].allowed == " or ".join(ENCODERS)
    assert KINDS["loss"].allowed == " or ".join(LOSSES)


def test_poisson_spikes_have_the_intensities_as_rates() -> None:
    images = torch.tensor([[0.0, 0.25, 1.0]])
    spikes = ENCODERS["poisson"](images, 20_000, generator(0, "encoder"))
    assert set(spikes.unique().tolist()) == {0.0, 1.0}
    rates = spikes.mean((0, 1)).tolist()
    assert rates[0] == 0
    assert rates[2] == 1
    assert rates[1] == pytest.approx(0.25, abs=0.02)


def test_losses_by_hand() -> None:
    spikes = torch.tensor([[[1.0, 0.0]], [[1.0, 1.0]]])  # counts 2 and 1, rates 1 and 1/2
    labels = torch.tensor([1])
    assert LOSSES["cross_entropy"](spikes, labels).item() == pytest.approx(math.log(1 + math.e))
    assert LOSSES["mse"](spikes, labels).item() == pytest.approx((1 + 0.25) / 2)


def test_weights_come_from_the_seed_alone() -> None:
    def weights(seed: int) -> torch.Tensor:
        torch.rand(3)  # whatever the global generator does
        made = build(settings_for("mnist", seed=seed), 784, 10, {"init": generator(seed, "init")})
        return torch.cat([p.detach().flatten() for p in made.parameters()])

    before = torch.get_rng_state()
    assert torch.equal(weights(0)[:5], weights(0)[:5])
    assert not torch.equal(weights(0), weights(1))
    torch.set_rng_state(before)
    build(settings_for("mnist"), 784, 10, {"init": generator(0, "init")})
    assert torch.equal(torch.get_rng_state(), before)


def test_a_constant_current_equals_its_repetition() -> None:
    made = build(settings_for("mnist", hidden=[8, 6]), 5, 3, {"init": generator(0, "init")})
    x = 4 * torch.rand(7, 5)
    constant, repeated = made(x, 9), made(x.expand(9, 7, 5), 9)
    assert [s.shape for s in constant] == [(9, 7, 8), (9, 7, 6), (9, 7, 3)]
    for one, other in zip(constant, repeated, strict=True):
        assert torch.equal(one, other)


@pytest.mark.parametrize("definition", REGISTRY.values(), ids=lambda d: d.name)
def test_every_surrogate_trains_a_step(definition: Any, data: Data, small: Any) -> None:
    trainer = Trainer(small(surrogate=definition.name), data)
    before = [p.detach().clone() for p in trainer.network.parameters()]
    trainer.advance()
    after = list(trainer.network.parameters())
    assert all(bool(torch.isfinite(p).all()) for p in after)
    assert not torch.equal(before[-1], after[-1])


DEEP: dict[str, Any] = {
    "init": "normal", "normalise": "standardise", "readout": "current", "hidden": [200] * 4,
    "time": 1,
}  # fmt: skip


@pytest.mark.parametrize("mu", [-0.5, 0.4])
def test_units_fire_with_the_probability_of_the_theory(mu: float) -> None:
    settings = settings_for("mnist", **DEEP, mu=mu)
    made = build(settings, 300, 10, {"init": generator(0, "init")})
    spikes = made(torch.rand(500, 300, generator=generator(0, "x")), 1)
    assert len(spikes) == 5
    for layer in spikes[:-1]:
        assert layer.mean().item() == pytest.approx(NormalDist().cdf(mu), abs=0.02)


def test_normal_weights_have_the_deviation_of_the_theory() -> None:
    settings = settings_for("mnist", init="normal", mu=-1, hidden=[400])
    made = build(settings, 500, 10, {"init": generator(0, "init")})
    p = NormalDist().cdf(-1)
    for linear, inputs in zip(made.linears, (500, 400), strict=True):
        assert linear.bias is None
        want = 1 / math.sqrt(inputs * p * (1 - p))
        assert linear.weight.std().item() == pytest.approx(want, rel=0.03)


def test_a_readout_is_a_current_of_the_last_spikes() -> None:
    settings = settings_for("mnist", readout="current", hidden=[8], time=5)
    made = build(settings, 6, 3, {"init": generator(0, "init")})
    hidden, currents = made(torch.rand(7, 6), 5)
    assert len(made.lif_nodes) == 1
    assert torch.equal(currents, made.linears[1](hidden))
