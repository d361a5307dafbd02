"""The text of a network's layers, and the modules that are made of it."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from sgcli.errors import SgError
from sgcli.training.network.network import build
from sgcli.training.network.stages import through
from sgcli.training.network_spec import LayerSpec, Stage, parse_layers
from sgcli.training.run.trainer import GENERATORS, generator
from sgcli.training.setting_types import Stages
from sgcli.training.settings import settings_for


def network(hidden: str, pixels: int = 64, **given: Any) -> Any:
    made = {name: generator(0, name) for name in (*GENERATORS, "surrogate")}
    settings = settings_for("mnist", hidden=hidden, **given)
    return build(settings, pixels, 10, made)


def test_neurons_stand_behind_pooling_before_dropout_or_where_an_s_is() -> None:
    assert parse_layers(["12C5", "MP2", "64C5P1", "BN", "S", "AP3", "DP", 100, "DP"]) == [
        LayerSpec(Stage("conv", 12, 5), before=(Stage("mp", 2),)),
        LayerSpec(Stage("conv", 64, 5, 1), (Stage("bn"),), (Stage("ap", 3), Stage("dp"))),
        LayerSpec(Stage("full", 100), after=(Stage("dp"),)),
    ]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("12C", "'12C'"), ("MP2", "MP2 has no layer"), ("DP,10", "DP has no layer"),
        ("10,5C3", "5C3 comes after"), ("10,MP2", "MP2 comes after"), ("10,BN", "BN comes after"),
        ("10,DP,S", "S comes after"), ("10,S,S", "S comes after"), ("0", "'0'"),
        ("10,,5", "''"), ("1O", "'1O'"), ("3C0", "'3C0'"), ("-5", "''"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_or_stand_there_is_named(text: str, words: str) -> None:
    with pytest.raises(SgError) as caught:
        Stages().parse("hidden", text)
    assert words in caught.value.message
    assert "hidden" in caught.value.message


@given(
    st.lists(st.tuples(st.integers(1, 9), st.sampled_from([1, 3]), st.booleans()), max_size=3),
    st.lists(st.integers(1, 9), max_size=3),
)
def test_a_text_and_its_words_are_the_same_network(convs: Any, fulls: list[int]) -> None:
    words: list[int | str] = []
    for filters, kernel, pooled in convs:
        words += [f"{filters}C{kernel}", "MP2"] if pooled else [f"{filters}C{kernel}P1"]
    words += fulls
    kind = Stages()
    assert kind.check("hidden", words) == tuple(words)
    for separator in ",-":
        assert kind.parse("hidden", separator.join(map(str, words)).lower()) == tuple(words)


def test_sizes_are_those_of_the_stages() -> None:
    made = network("6C3,MP2,4C2P1,20")
    shapes = [tuple(linear.weight.shape) for linear in made.linears]
    assert shapes == [(6, 1, 3, 3), (4, 6, 2, 2), (20, 4 * 4 * 4), (10, 20)]
    spikes = made(torch.rand(7, 64), 5)
    assert [tuple(s.shape) for s in spikes] == [
        (5, 7, 6, 3, 3), (5, 7, 4, 4, 4), (5, 7, 20), (5, 7, 10),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("hidden", "pixels", "words"),
    [
        ("3C3", 63, "63 inputs are not a square image"),
        ("3C9", 64, "nothing is left of the image behind CONV"),
        ("3C7,MP3", 64, "nothing is left of the image behind MP"),
    ],
)
def test_an_image_that_is_too_small_or_none(hidden: str, pixels: int, words: str) -> None:
    with pytest.raises(SgError, match=words):
        network(hidden, pixels)


@pytest.mark.parametrize(
    "given",
    [
        {"neuron": "leaky"}, {"recurrent": True}, {"hidden": "3C3"}, {"hidden": "3C3,MP2"},
    ],
)  # fmt: skip
def test_only_what_the_theory_describes_is_standardised(given: dict[str, Any]) -> None:
    with pytest.raises(SgError, match="standardised"):
        network(**{"hidden": "20", "normalise": "standardise", **given})


@pytest.mark.parametrize("hidden", ["5C3,BN,MP2,7", "5C3P1,S,AP2,4C3,BN", "9,8"])
def test_a_constant_image_equals_its_repetition(hidden: str) -> None:
    made = network(hidden, surrogate="soft_sign", init_scale=6, init="gaussian").eval()
    x = torch.rand(4, 64)
    for one, other in zip(made(x, 6), made(x.expand(6, 4, 64), 6), strict=True):
        assert torch.equal(one, other)


def test_dropout_is_the_same_in_every_step_and_absent_from_tests() -> None:
    made = network("50,DP")
    drop = made.after[0]
    x = torch.ones(6, 3, 50)
    made.train()
    seen = through(drop, x, constant=False)
    assert torch.equal(seen, seen[:1].expand_as(seen))
    assert set(seen.unique().tolist()) == {0.0, 2.0}
    made.eval()
    drop[0].reset()
    assert torch.equal(through(drop, x, constant=False), x)


def test_votes_are_means_of_neighbours() -> None:
    made = network("20", vote=3)
    (_, output) = made(4 * torch.rand(7, 64), 8)
    whole = nn.ModuleList(made.linears)[1]
    assert whole.weight.shape == (30, 20)
    assert output.shape == (8, 7, 10)
    assert (3 * output).unique().tolist() == pytest.approx(
        [float(v) for v in range(len((3 * output).unique()))]
    )


@pytest.mark.parametrize("init", ["gaussian", "norse"])
def test_weights_have_the_deviation_that_is_said(init: str) -> None:
    made = network("300", pixels=400, init=init, init_scale=0.7, recurrent=True, bias=False)
    hidden, output = (linear.weight.std().item() for linear in made.linears)
    again = made.nodes[0].weights.weight
    if init == "gaussian":
        assert hidden == pytest.approx(0.7 / 400**0.5, rel=0.02)
        assert output == pytest.approx(0.7 / 300**0.5, rel=0.05)
    else:
        assert hidden == pytest.approx((2 / 300) ** 0.5, rel=0.02)
        # As torch: uniform up to 1/√n.
        assert output == pytest.approx((1 / 300 / 3) ** 0.5, rel=0.05)
        assert again.std().item() == pytest.approx((2 / 300) ** 0.5, rel=0.02)
    assert not again.diagonal().any()
    assert all(linear.bias is None for linear in made.linears)
