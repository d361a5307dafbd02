"""What a trained network is seen to do."""

from __future__ import annotations

import json
from typing import Any

import pytest
import torch

from sgcli.training.data.samples import Data
from sgcli.training.run.activity import OUTSIDE, SAMPLES, Activity, record_activity
from sgcli.training.run.trainer import Trainer, generator
from tests.training.run.test_trainer import VARIANTS, equal


@pytest.mark.parametrize("given", VARIANTS)
def test_spikes_and_membranes_are_those_of_the_network(
    given: dict[str, Any], data: Data, small: Any
) -> None:
    trainer = Trainer(small(**given), data)
    for _ in range(5):
        trainer.advance()
    found = record_activity(trainer)
    assert found is not None
    assert found == Activity.from_dict(json.loads(json.dumps(found.as_dict())))
    part = trainer.data.test.part(0, SAMPLES)
    trainer.network.eval()
    # A random surrogate draws from where its generator was left.
    with torch.no_grad(), torch.autocast("cpu", torch.bfloat16, enabled=bool(given.get("amp"))):
        spikes = trainer.outputs(part.images, generator(trainer.settings.seed, "evaluation"))
    assert len(found.layers) == len(trainer.network.lif_nodes)
    for layer, s in zip(found.layers, spikes, strict=False):
        assert layer.size == s.shape[-1]
        assert layer.rate == pytest.approx(s.mean().item(), rel=1e-5)
        drawn = torch.zeros(found.steps, layer.size)
        for t, i in layer.spikes:
            drawn[t, i * layer.every] = 1
        assert torch.equal(drawn[:, :: layer.every], (s[:, 0, :: layer.every] > 0).float())
        one = 1 / (SAMPLES * s[:, 0].numel())  # share of a single membrane
        # Fires where the membrane is at the threshold or above it: x >= 0.
        above = sum(n for n, low in zip(layer.share, found.edges, strict=False) if low >= 0)
        if given.get("surrogate") != "poisson_pass":
            assert above == pytest.approx(layer.rate, abs=OUTSIDE[1] + one)
        assert 1 - sum(OUTSIDE) - 2 * one <= sum(layer.share) <= 1 + 1e-6


def test_looking_changes_nothing(data: Data, small: Any) -> None:
    given = {"surrogate": "poisson_pass", "encoder": "poisson", "normalise": "standardise"}
    looked, other = Trainer(small(**given), data), Trainer(small(**given), data)
    for _ in range(15):
        looked.advance()
        record_activity(looked)
        other.advance()
    assert equal(looked, other)
    for one, same in zip(looked.network.buffers(), other.network.buffers(), strict=True):
        assert torch.equal(one, same)
    assert looked.network.training


def test_the_threshold_is_an_edge(data: Data, small: Any) -> None:
    found = record_activity(Trainer(small(), data))
    assert found is not None
    assert 0.0 in found.edges
    assert list(found.edges) == sorted(found.edges)


def test_membranes_that_are_no_numbers_are_not_drawn(data: Data, small: Any) -> None:
    trainer = Trainer(small(), data)
    with torch.no_grad():
        trainer.network.linears[0].weight.fill_(torch.nan)
    assert record_activity(trainer) is None
