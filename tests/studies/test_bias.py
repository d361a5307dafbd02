"""How far surrogate gradients are from gradients."""

from __future__ import annotations

import pytest

from sgcli.definitions.names import shapes_of
from sgcli.errors import SgError
from sgcli.studies import bias
from sgcli.theory.bias import biases
from sgcli.theory.loop import loops


def test_the_loop_is_that_of_the_theory():
    result = bias.loop(beta_sg=(1, 5))
    want = list(loops(shapes_of("sigmoid")[0], betas_sg=(1, 5)))
    assert [one.integral for one in result.loops] == [one.integral for one in want]


def test_the_sign_is_that_of_the_theory():
    result = bias.sign("atan", points=301, sweep=(-0.1, 0.3))
    want = list(biases(shapes_of("atan")[0], points=301, sweep=(-0.1, 0.3)))
    assert [one.crossings for one in result.biases] == [one.crossings for one in want]


@pytest.mark.parametrize("study", [bias.loop, bias.sign])
def test_shapes_that_differ_in_steepness_only_are_one(study):
    result = study("sigmoid", alpha=[7, 4], beta_sg=[1], points=101)
    assert [(one.shape.label, one.name) for one in result.replaced] == [
        ("sigmoid,alpha=7", "alpha")
    ]
    found = result.loops if study is bias.loop else result.biases
    assert len(found) == 1
    others = study("spike_rate_escape", height=[1, 2], beta_sg=[1], points=101)
    assert len(others.loops if study is bias.loop else others.biases) == 2


def test_escape_noise_of_sigmoid_is_unbiased():
    result = bias.escape("sigmoid", samples=10_000, seed=1)
    assert (result.escapes[0].unbiased, result.seed, result.confidence) == (True, 1, 0.99)


def test_cosines_come_in_the_order_of_the_steps():
    result = bias.fd("atan", epsilon=[1, 0.3, 1], units=8, batch=16, seeds=2)
    assert result.cosines[0].epsilon == (0.3, 1)
    assert (result.units, result.batch, result.seeds) == (8, 16, 2)
    with pytest.raises(SgError, match="a step cannot be 0"):
        bias.fd("atan", epsilon=[0.0])
