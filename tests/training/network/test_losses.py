"""What is minimised, and which class is named."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch.nn import functional

from sgcli.training.network.losses import (
    LOSSES,
    decision,
    excess_of_activity,
    lack_of_activity,
    objective,
)
from sgcli.training.settings import settings_for

OUTPUTS = torch.randn(7, 5, 3, generator=torch.Generator().manual_seed(0))
LABELS = torch.tensor([0, 1, 2, 1, 0])


@pytest.mark.parametrize(
    ("name", "want"),
    [
        ("cross_entropy", functional.cross_entropy(OUTPUTS.sum(0), LABELS)),
        ("mse", ((OUTPUTS.mean(0) - torch.eye(3)[LABELS]) ** 2).mean()),
        ("cross_entropy_steps", sum(functional.cross_entropy(o, LABELS) for o in OUTPUTS) / 7),
        ("cross_entropy_sum", sum(functional.cross_entropy(o, LABELS) for o in OUTPUTS)),
        ("cross_entropy_max", functional.cross_entropy(OUTPUTS.max(0).values, LABELS)),
    ],
)
def test_by_their_definition(name: str, want: torch.Tensor) -> None:
    assert LOSSES[name](OUTPUTS, LABELS).item() == pytest.approx(want.item(), rel=1e-5)


def test_every_loss_is_tested_above() -> None:
    (mark,) = test_by_their_definition.pytestmark
    assert [name for name, _ in mark.args[1]] == list(LOSSES)


@given(st.floats(0, 1), st.integers(1, 9))
def test_lack_and_excess_mirror_each_other(bound: float, steps: int) -> None:
    """What is too few spikes is too many of the silent steps."""
    spikes = (
        torch.rand(steps, 4, 6, generator=torch.Generator().manual_seed(steps)) < 0.4
    ).double()
    torch.testing.assert_close(
        excess_of_activity(spikes, bound), lack_of_activity(1 - spikes, 1 - bound)
    )


def test_lack_of_activity_by_hand() -> None:
    spikes = torch.tensor([[[1.0, 0.0]], [[0.0, 0.0]]])  # rates 1/2 and 0
    assert lack_of_activity(spikes, 0.1).item() == pytest.approx((0 + 0.01) / 2)
    assert lack_of_activity(spikes, 0.6).item() == pytest.approx((0.01 + 0.36) / 2)


@pytest.mark.parametrize(("readout", "hidden"), [("integrator", 2), ("membrane", 1)])
def test_the_penalty_is_that_of_the_hidden_layers(readout: str, hidden: int) -> None:
    settings = settings_for("mnist", readout=readout, activity_penalty=3, activity_floor=0.5)
    layers = [torch.zeros(7, 5, 4), torch.zeros(7, 5, 9), OUTPUTS]
    plain = LOSSES[settings.loss](OUTPUTS, LABELS)
    assert objective(settings, layers, LABELS) == pytest.approx(plain + 3 * hidden * 0.25)
    busy = replace(settings, activity_ceiling=0.5)
    ones = [torch.ones_like(spikes) for spikes in layers[:-1]] + [OUTPUTS]
    assert objective(settings, ones, LABELS) == pytest.approx(plain)
    assert objective(busy, ones, LABELS) == pytest.approx(plain + 3 * hidden * 0.25)


def test_the_class_is_that_of_most_spikes_or_of_the_highest_membrane() -> None:
    spikes = torch.tensor([[[1.0, 0.0]], [[1.0, 0.0]], [[0.0, 1.0]]])
    other = torch.tensor([[[0.0, 9.0]], [[0.0, 0.0]], [[1.0, 0.0]]])
    assert decision("spikes", [other, spikes]).tolist() == [0]
    assert decision("current", [spikes, other]).tolist() == [1]
    assert decision("membrane", [spikes, other]).tolist() == [0]
    assert decision("integrator", [spikes, other]).tolist() == [1]
