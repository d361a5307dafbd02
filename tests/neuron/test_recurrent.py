"""Neurons that see their own spikes."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor, nn

from sgcli import surrogate
from sgcli.errors import InputTypeError, ParameterError
from sgcli.neuron import IFNode, LIFNode
from sgcli.neuron.memory import detach_net, reset_net
from sgcli.neuron.recurrent import Recurrent


def weights(size: int, bias: bool = False) -> nn.Linear:
    weights = nn.Linear(size, size, bias=bias, dtype=torch.float64)
    g = torch.Generator().manual_seed(3)
    for parameter in weights.parameters():
        nn.init.normal_(parameter, generator=g)
    return weights


def sample(*shape: int) -> Tensor:
    g = torch.Generator().manual_seed(5)
    return torch.randn(*shape, generator=g, dtype=torch.float64) + 0.4


def test_a_spike_arrives_one_step_later() -> None:
    feed = nn.Linear(2, 2, bias=False)
    with torch.no_grad():
        feed.weight.copy_(torch.tensor([[0.0, 0.0], [1.0, 0.0]]))  # neuron 0 excites neuron 1
    x = torch.tensor([[1.0, 0.0], [0.0, 0.0], [0.0, 0.0]])
    spikes = Recurrent(IFNode(), feed, step_mode="m")(x)
    assert torch.equal(spikes, torch.tensor([[1.0, 0.0], [0.0, 1.0], [0.0, 0.0]]))


@pytest.mark.parametrize("bias", [False, True])
@pytest.mark.parametrize("constant", [False, True])
def test_a_sequence_equals_its_steps(bias: bool, constant: bool) -> None:
    feed = weights(5, bias)
    x = sample(3, 5) if constant else sample(11, 3, 5)
    results = []
    for mode in "sm":
        node = Recurrent(LIFNode(surrogate_function=surrogate.ATan()), feed, step_mode=mode)
        leaf = x.clone().requires_grad_()
        if mode == "m":
            out = node.constant_forward(leaf, 11) if constant else node(leaf)
        else:
            out = torch.stack([node(leaf if constant else leaf[t]) for t in range(11)])
        grads = torch.autograd.grad((out * sample(11, 3, 5)).sum(), [leaf, *feed.parameters()])
        results.append([out.detach(), *grads])
    assert 0.05 < results[0][0].mean() < 0.9
    for a, b in zip(*results, strict=True):
        assert torch.equal(a, b)


def test_weights_of_zero_equal_no_weights() -> None:
    feed = weights(4)
    nn.init.zeros_(feed.weight)
    x = sample(9, 2, 4)
    out = Recurrent(LIFNode(), feed, step_mode="m")(x)
    assert torch.equal(out, LIFNode(step_mode="m")(x))
    out.sum().backward()
    with pytest.raises(RuntimeError):
        LIFNode(step_mode="m")(x).sum().backward()
    assert feed.weight.grad is not None
    assert feed.weight.grad.abs().sum() > 0


def test_the_gradient_of_the_weights_where_spikes_are_smooth() -> None:
    feed = weights(3)
    node = LIFNode(surrogate_function=surrogate.Sigmoid(spiking=False))
    model = Recurrent(node, feed, step_mode="m")

    def outputs(x: Tensor, weight: Tensor) -> Tensor:
        reset_net(model)
        output: Tensor = torch.func.functional_call(model, {"weights.weight": weight}, (x,))
        return output

    assert torch.autograd.gradcheck(
        outputs, (sample(4, 2, 3).requires_grad_(), feed.weight.detach().clone().requires_grad_())
    )


def test_reset_detach_and_another_shape() -> None:
    model = Recurrent(LIFNode(), weights(3))
    x = sample(2, 3).requires_grad_()
    model(x)
    detach_net(model)
    assert model.spike is not None
    assert not model.spike.requires_grad
    assert not model.node.v.requires_grad  # type: ignore[union-attr]
    assert model(sample(4, 3)).shape == (4, 3)
    reset_net(nn.Sequential(model))
    assert model.spike is None
    assert model.node.v == 0
    assert list(dict(model.named_parameters())) == ["weights.weight"]


def test_invalid_neurons_and_inputs_are_refused() -> None:
    with pytest.raises(ParameterError):
        Recurrent(nn.ReLU(), weights(3))  # type: ignore[arg-type]
    with pytest.raises(InputTypeError):
        Recurrent(LIFNode(), weights(3))(torch.ones(2, 3, dtype=torch.int64))
    assert Recurrent(LIFNode(), weights(3)).fallback_reason()
