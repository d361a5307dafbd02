"""Neurons one step at a time, their state and their errors."""

from __future__ import annotations

import copy
import math
import pickle
from typing import Any

import pytest
import torch
from torch import Tensor

from sgcli import neuron, surrogate
from sgcli.errors import InputTypeError, ParameterError, SgError


def test_the_equations_by_hand() -> None:
    node = neuron.LIFNode(tau=2.0)
    v, results = 0.0, []
    for x in (1.0, 1.5, 3.0, 0.2):
        v = v + (x - v) / 2
        spike = float(v >= 1)
        results.append(spike)
        v *= 1 - spike
        assert node(torch.tensor([x])).item() == spike
        assert node.v.item() == pytest.approx(v)  # type: ignore[union-attr]
    assert results == [0, 1, 1, 0]


def test_soft_reset_subtracts_the_threshold() -> None:
    node = neuron.IFNode(v_threshold=0.5, v_reset=None)
    assert node(torch.tensor([1.25])).item() == 1
    assert node.v.item() == 0.75  # type: ignore[union-attr]


def test_a_membrane_at_its_threshold_fires() -> None:
    assert neuron.IFNode()(torch.tensor([1.0])).item() == 1


def test_neuronal_fire_is_the_surrogate_of_the_distance_to_the_threshold() -> None:
    node = neuron.IFNode(v_threshold=0.75, surrogate_function=torch.tanh)
    node.v = torch.tensor([0.25, 1.0])
    assert torch.equal(node.neuronal_fire(), torch.tanh(torch.tensor([-0.5, 0.25])))


def test_every_node_has_a_surrogate_of_its_own() -> None:
    first, second = neuron.LIFNode(), neuron.LIFNode()
    assert isinstance(first.surrogate_function, surrogate.Sigmoid)
    first.surrogate_function.alpha = 9.0
    assert isinstance(second.surrogate_function, surrogate.Sigmoid)
    assert second.surrogate_function.alpha == 4.0


def test_a_subclass_needs_only_its_charging() -> None:
    class Doubling(neuron.BaseNode):
        def neuronal_charge(self, x: Tensor) -> None:
            self.v = self.v + 2 * x

    node = Doubling(step_mode="m")
    assert torch.equal(node(torch.full((3, 1), 0.25)), torch.tensor([[0.0], [1.0], [0.0]]))
    assert torch.equal(
        Doubling().constant_forward(torch.tensor([0.25]), 3), torch.tensor([[0.0], [1.0], [0.0]])
    )
    with pytest.raises(NotImplementedError):
        neuron.BaseNode()(torch.ones(1))


def test_reset_clears_the_state_and_detach_detaches_it() -> None:
    node = neuron.LIFNode(v_reset=-0.5)
    x = torch.ones(3, requires_grad=True)
    node(x)
    node.detach()
    assert isinstance(node.v, Tensor)
    assert not node.v.requires_grad
    neuron.reset_net(torch.nn.Sequential(node))
    assert node.v == -0.5


def test_an_input_of_another_shape_starts_a_new_state() -> None:
    node = neuron.IFNode()
    node(torch.full((3,), 0.75))
    assert torch.equal(node(torch.full((2,), 0.75)), torch.zeros(2))


def test_copies_and_files() -> None:
    node = neuron.LIFNode(tau=3.0, surrogate_function=surrogate.ATan(), step_mode="m")
    x = torch.rand(5, 4) + 0.5
    for duplicate in (copy.deepcopy(node), pickle.loads(pickle.dumps(node))):
        node.reset()
        assert torch.equal(duplicate(x), node(x))
    assert list(node.state_dict()) == []
    assert repr(node).startswith("LIFNode(\n  tau=3.0, decay_input=True, v_threshold=1.0")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"tau": 0.5}, "tau in [1, inf)"),
        ({"tau": math.nan}, "tau in [1, inf)"),
        ({"tau": "2"}, "tau in [1, inf)"),
        ({"v_threshold": math.inf}, "v_threshold in (-inf, inf)"),
        ({"v_reset": math.nan}, "v_reset in (-inf, inf)"),
        ({"step_mode": "multi"}, "'s' (one step per call) or 'm'"),
        ({"surrogate_function": 3}, "any function of a tensor"),
    ],
)
def test_a_bad_value_is_refused_with_what_is_allowed(arguments: dict[str, Any], words: str) -> None:
    with pytest.raises(ParameterError) as caught:
        neuron.LIFNode(**arguments)
    assert isinstance(caught.value, SgError)
    assert words in caught.value.hint
    node = neuron.LIFNode()
    ((name, value),) = arguments.items()
    with pytest.raises(ParameterError):
        setattr(node, name, value)


@pytest.mark.parametrize("mode", ["s", "m"])
def test_integers_and_empty_sequences_are_refused(mode: str) -> None:
    with pytest.raises(InputTypeError):
        neuron.LIFNode(step_mode=mode)(torch.ones(2, 2, dtype=torch.int64))
    node = neuron.LIFNode(step_mode="m")
    with pytest.raises(ParameterError):
        node(torch.ones(0, 3))
    with pytest.raises(ParameterError):
        node(torch.tensor(1.0))
    with pytest.raises(ParameterError):
        node.constant_forward(torch.ones(3), 0)


def test_zero_dimensional_and_empty_layers() -> None:
    assert neuron.LIFNode()(torch.tensor(3.0)).shape == ()
    assert neuron.LIFNode(step_mode="m")(torch.ones(4, 0)).shape == (4, 0)
