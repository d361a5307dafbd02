"""Shape parameters: checked, given as tensors, learnable."""

from __future__ import annotations

import pickle

import pytest
import torch
from torch import nn
from torch.torch_version import TorchVersion

from sgcli import surrogate
from sgcli.errors import ParameterError
from tests.strategies import WITH_PRIMITIVE, name_of
from tests.surrogate import (
    X,
    classes,
    every,
    gradient,
    with_parameters,
)


@with_parameters
@pytest.mark.parametrize("wrong", [float("nan"), "4", None])
def test_wrong_parameters_raise_at_construction_assignment_and_apply(definition, wrong):
    module, function = classes(definition)
    instance = module()
    for name, p in definition.params.items():
        for attempt in (
            lambda name=name: module(**{name: wrong}),
            lambda name=name: setattr(instance, name, wrong),
            lambda name=name: function.apply(X, **{name: wrong}),
            lambda name=name: module(**{name: torch.tensor(float("nan"))}),
        ):
            with pytest.raises(ParameterError) as caught:
                attempt()
            assert p.domain in str(caught.value)
    assert instance._sg_params == module()._sg_params


def test_minus_zero_is_zero():
    """0 and -0 are one cache key, so the first of them must not decide the sign for both."""
    x = torch.linspace(-1, 1, 5)
    for slope in (-0.0, 0.0, -0.0):
        got = gradient(lambda x, slope=slope: surrogate.leaky_k_relu.apply(x, slope, 1.0), x)
        assert not torch.signbit(got).any()


@every
def test_zero_dimensional_tensors_as_parameters(definition):
    module, function = classes(definition)
    tensors = [
        torch.tensor(v, dtype=torch.float64) if isinstance(v, float) else torch.tensor(v)
        for v in definition.defaults
    ]
    torch.testing.assert_close(gradient(lambda x: function.apply(x, *tensors)), gradient(module()))
    torch.testing.assert_close(gradient(module(*tensors)), gradient(module()))


@pytest.mark.parametrize("definition", [d for d in WITH_PRIMITIVE if d.params], ids=name_of)
def test_learnable_parameters_train(definition):
    real = [n for n, p in definition.params.items() if not p.integer]
    if not real:
        with pytest.raises(ParameterError, match="no trainable parameter"):
            classes(definition)[0](learnable=True)
        return
    instance = classes(definition)[0](learnable=True).double()
    for name in real:
        assert getattr(instance, name).item() == pytest.approx(
            definition.params[name].default, rel=1e-6
        )
    assert [n for n, _ in instance.named_parameters()] == [f"raw_{n}" for n in real]
    instance(X).sum().backward()
    for name in real:
        raw = instance.get_parameter(f"raw_{name}")
        assert raw.grad is not None
        assert raw.grad.isfinite()
    steps = torch.optim.SGD(instance.parameters(), lr=100.0)
    for _ in range(3):
        steps.zero_grad()
        instance(X).sum().backward()
        steps.step()
    for name in real:
        assert (
            getattr(instance, name).item() in definition.params[name].interval
            or getattr(instance, name).item() == 0
        )


def test_per_channel_parameters_broadcast():
    alpha = torch.tensor([1.0, 2.0, 5.0], dtype=torch.float64, requires_grad=True)
    x = torch.randn(4, 3, dtype=torch.float64)
    surrogate.sigmoid.apply(x, alpha).sum().backward()
    assert alpha.grad is not None
    assert alpha.grad.shape == (3,)


def test_an_nn_parameter_is_refused_with_the_remedy():
    with pytest.raises(ParameterError, match="learnable=True"):
        surrogate.ATan(alpha=nn.Parameter(torch.tensor(2.0)))
    instance = surrogate.ATan()
    with pytest.raises(ParameterError, match="learnable=True"):
        instance.alpha = nn.Parameter(torch.tensor(2.0))


def test_assigning_a_learnable_parameter_acts_at_once():
    instance = surrogate.ATan(learnable=True)
    instance.alpha = 3.0
    assert instance.alpha.item() == pytest.approx(3.0)
    assert len(list(instance.parameters())) == 1
    twin = pickle.loads(pickle.dumps(instance))
    assert twin.alpha.item() == pytest.approx(3.0)
    with pytest.raises(ParameterError):
        instance.alpha = -1.0


def test_one_parameter_can_be_learnable_by_name():
    instance = surrogate.S2NN(learnable=["beta"])
    assert [n for n, _ in instance.named_parameters()] == ["raw_beta"]
    with pytest.raises(ParameterError, match="not trainable"):
        surrogate.SquarewaveFourierSeries(learnable="n")


@pytest.mark.skipif(
    TorchVersion(torch.__version__) < "2.7",
    reason="Dynamo traces no torch.func in a backward pass before torch 2.7",
)
def test_learnable_compiles():
    torch._dynamo.reset()
    instance = surrogate.ATan(learnable=True)
    compiled = torch.compile(instance, backend="aot_eager", fullgraph=True)
    x = torch.randn(5, requires_grad=True)
    compiled(x).sum().backward()
    grad = instance.raw_alpha.grad.clone()
    instance.raw_alpha.grad = None
    instance(x).sum().backward()
    torch.testing.assert_close(grad, instance.raw_alpha.grad)
