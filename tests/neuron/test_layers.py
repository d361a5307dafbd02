"""Layers over whole sequences are the layers at every step."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import Tensor, nn

from sgcli.errors import ParameterError
from sgcli.neuron import layers, reset_net

IMAGES, ROWS = (5, 3, 4, 6, 6), (5, 3, 20)
# What torch calls the same, its arguments, and an input [T, B, …].
LAYERS: list[tuple[str, dict[str, Any], tuple[int, ...]]] = [
    ("Linear", {"in_features": 20, "out_features": 7}, ROWS),
    ("Conv2d", {"in_channels": 4, "out_channels": 2, "kernel_size": 3, "padding": 1}, IMAGES),
    ("AvgPool2d", {"kernel_size": 2}, IMAGES),
    ("MaxPool2d", {"kernel_size": 2}, IMAGES),
    ("Flatten", {}, IMAGES),
    ("BatchNorm2d", {"num_features": 4}, IMAGES),
]


def pair(name: str, arguments: dict[str, Any]) -> tuple[Any, Any]:
    """Our layer, and the layer of torch with the same weights."""
    ours, other = getattr(layers, name)(**arguments), getattr(nn, name)(**arguments)
    other.load_state_dict(ours.state_dict())
    return ours, other


@pytest.mark.parametrize(("name", "arguments", "shape"), LAYERS)
def test_a_layer_is_torchs_at_every_step(name, arguments, shape):
    ours, other = pair(name, arguments)
    x = torch.randn(shape)
    ours.eval(), other.eval()
    want = torch.stack([other(step) for step in x])
    assert torch.equal(torch.stack([ours(step) for step in x]), want)
    ours.step_mode = "m"
    leaf, plain = x.clone().requires_grad_(), x.clone().requires_grad_()
    results = ours(leaf)
    torch.testing.assert_close(results, want)
    results.square().sum().backward()
    torch.stack([other(step) for step in plain]).square().sum().backward()
    torch.testing.assert_close(leaf.grad, plain.grad)
    for p, q in zip(ours.parameters(), other.parameters(), strict=True):
        torch.testing.assert_close(p.grad, q.grad, rtol=1e-4, atol=1e-4)


def test_batch_normalisation_of_a_sequence_sees_every_step():
    ours = layers.BatchNorm2d(4, step_mode="m")
    results = ours(torch.randn(IMAGES) * torch.arange(1, 6).view(5, 1, 1, 1, 1) + 3)
    assert torch.allclose(results.mean((0, 1, 3, 4)), torch.zeros(4), atol=1e-5)
    assert results.shape == IMAGES


@pytest.mark.parametrize("name", [name for name, *_ in LAYERS])
def test_the_repr_of_a_layer_shows_its_mode(name):
    arguments = {n: g for n, g, _ in LAYERS}[name]
    assert "step_mode='m'" in repr(getattr(layers, name)(**arguments, step_mode="m"))


@pytest.mark.parametrize("p", [0.2, 0.5])
def test_dropout_keeps_its_mask_until_the_reset(p):
    g = torch.Generator().manual_seed(0)
    drop = layers.Dropout(p, generator=g)
    x = torch.ones(400, 50)
    first = drop(x)
    assert torch.equal(first, drop(x))
    assert first.unique().tolist() == pytest.approx([0, 1 / (1 - p)])
    assert (first == 0).float().mean().item() == pytest.approx(p, abs=0.02)
    drop.step_mode = "m"
    assert torch.equal(drop(x.expand(3, 400, 50)), first.expand(3, 400, 50))
    assert torch.equal(drop.constant_forward(x, 3), first.expand(3, 400, 50))
    reset_net(nn.Sequential(drop))
    assert not torch.equal(drop(x[None])[0], first)
    assert torch.equal(drop.eval()(x[None])[0], x)


def test_dropout_draws_the_same_from_the_same_generator():
    def drawn() -> Tensor:
        output: Tensor = layers.Dropout(generator=torch.Generator().manual_seed(3))(torch.ones(99))
        return output

    assert torch.equal(drawn(), drawn())


def test_votes_are_means_of_neighbours():
    x = torch.arange(12.0).reshape(1, 2, 6)
    assert torch.equal(layers.VotingLayer(3)(x), torch.tensor([[[1.0, 4.0], [7.0, 10.0]]]))
    assert torch.equal(layers.VotingLayer(3, step_mode="m")(x), layers.VotingLayer(3)(x))
    with pytest.raises(ParameterError):
        layers.VotingLayer(4)(x)


@pytest.mark.parametrize(
    "make",
    [
        lambda: layers.Linear(2, 2, step_mode="q"),
        lambda: layers.Dropout(1.0),
        lambda: layers.Linear(2, 2, step_mode="m")(torch.ones(2)),
        lambda: layers.Linear(2, 2, step_mode="m")(torch.ones(0, 3, 2)),
        lambda: layers.Dropout(0.5, step_mode="m")(torch.ones(0, 3)),
    ],
)
def test_a_bad_value_is_refused(make):
    with pytest.raises(ParameterError):
        make()
