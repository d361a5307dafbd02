"""A training whose numbers end says in which layer."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import nn

from sgcli.training.data.samples import Data
from sgcli.training.run import checkpoint, runs
from sgcli.training.run.divergence import EXPLODED, Diverged, check_loss, check_weights, culprit
from sgcli.training.run.trainer import Trainer
from tests.training.run.test_runs import Recorder


def finish(trainer: Trainer) -> None:
    while not trainer.finished:
        trainer.advance()


def test_a_rate_beyond_all_numbers(data: Data, small: Any) -> None:
    trainer = Trainer(small(lr=1e38, optimizer="sgd"), data)
    with pytest.raises(Diverged, match=r"linears\.\d.* in epoch 1, step \d"):
        finish(trainer)


@pytest.mark.parametrize("layer", [0, 1])
def test_weights_that_are_no_numbers_are_seen_although_no_spike_is_fired(
    layer: int, data: Data, small: Any
) -> None:
    trainer = Trainer(small(), data)
    with torch.no_grad():
        trainer.network.linears[layer].weight[0, 0] = torch.nan
    with pytest.raises(Diverged, match=rf"linears\.{layer}\.\w+ is no longer finite in epoch 1"):
        finish(trainer)


@pytest.mark.parametrize("layer", [0, 1, 2])
@pytest.mark.parametrize("factor", [math.inf, 1e30])
def test_the_layer_that_exploded_is_named(layer: int, factor: float) -> None:
    network = nn.Sequential(nn.Linear(3, 4), nn.Linear(4, 4), nn.Linear(4, 2))
    network[layer].register_forward_hook(lambda module, x, y: y * factor)
    # Whatever comes after it is no larger.
    for later in network[layer + 1 :]:
        later.register_forward_hook(lambda module, x, y: torch.tanh(y))
    assert culprit(network, lambda: network(torch.ones(5, 3))) == str(layer)


def test_a_loss_that_explodes_is_a_divergence_and_one_that_grows_is_none() -> None:
    network = nn.Sequential(nn.Linear(3, 4))

    def check(loss: float, first: float) -> None:
        check_loss(loss, first, network, lambda: network(torch.ones(1, 3)), "step 5")

    for first in (1e-3, 1.0, 50.0):
        check(EXPLODED * max(first, 1.0), first)
        for loss in (EXPLODED * max(first, 1.0) * 1.01, math.inf, math.nan):
            with pytest.raises(Diverged, match=r"the loss is .* in step 5, from 0 on"):
                check(loss, first)
    assert not network[0]._forward_hooks


def test_finite_weights_are_fine() -> None:
    network = nn.Linear(2, 2)
    check_weights(network, "here")
    with torch.no_grad():
        network.bias[1] = -torch.inf
    with pytest.raises(Diverged, match="bias is no longer finite in here"):
        check_weights(network, "here")


def test_what_is_about_to_diverge_leaves_the_checkpoint_before_it(
    data: Data, small: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A weight is looked at where there is a line, which may be some steps after it ended."""
    monkeypatch.setattr(runs, "CHECKPOINT_SECONDS", 0.0)
    monkeypatch.setattr("sgcli.training.run.trainer.LINES_PER_EPOCH", 2)
    train = Trainer._train

    def broken(trainer: Trainer) -> Any:
        spikes = train(trainer)
        if trainer.done == 7:
            with torch.no_grad():
                trainer.network.linears[0].weight[0, 0] = torch.nan
        return spikes

    monkeypatch.setattr(Trainer, "_train", broken)
    whole = runs.run(small(), tmp_path / "whole", data=data)
    assert "is no longer finite in epoch 1, step 10" in whole.diverged
    with pytest.raises(KeyboardInterrupt):
        runs.run(small(), tmp_path, data=data, report=Recorder(press_at=8))
    newest = tmp_path / whole.folder.name / checkpoint.NEWEST
    assert checkpoint.read(newest)["trainer"]["step"] == 6
    resumed = runs.run(small(), tmp_path, data=data, resume=True)
    assert resumed.diverged == whole.diverged
