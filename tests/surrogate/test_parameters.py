"""Shape parameters: checked, given as tensors, learnable."""

from __future__ import annotations

import pickle

import pytest
import torch
from torch import nn
from torch.torch_version import TorchVersion

from sgcli import surrogate
from sgcli.definitions import REGISTRY, Shape
from sgcli.definitions.evaluate import parameter_slopes
from sgcli.errors import ParameterError
from sgcli.maths import mpmath_
from sgcli.maths.dual import Dual, Duals
from tests.strategies import WITH_PRIMITIVE, name_of
from tests.surrogate import (
    X,
    classes,
    every,
    gradient,
    with_parameters,
)


def exact_parameter_slope(shape: Shape, name: str, x: float) -> float:
    """∂σ/∂p of the primitive by 400 digits, which hold every remainder of a period."""
    mp = mpmath_.mp
    with mp.workdps(400):
        m = Duals(mpmath_)
        (variable,) = m.variables(mp.mpf(shape.params[name]))
        values = {k: mp.mpf(v) if k != name else variable for k, v in shape.params.items()}
        y = shape.definition.primitive(m, mp.mpf(x), *values.values())
        return float(y.slopes[0]) if isinstance(y, Dual) else 0.0


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


FAR = {torch.float32: (36.0, 38.5), torch.float64: (300.0, 308.2)}


@pytest.mark.parametrize("dtype", FAR)
@pytest.mark.parametrize("definition", WITH_PRIMITIVE, ids=name_of)
def test_gradients_of_parameters_are_right_up_to_the_ends_of_the_range(definition, dtype):
    """A step that overflows makes 0 · inf of them."""
    if definition.by_quadrature or definition.is_random():
        pytest.skip("no parameter of it is trained")
    sizes = 10.0 ** torch.linspace(*FAR[dtype], 30, dtype=torch.float64)
    x = torch.cat([-sizes, torch.tensor([-1.0, 0.5]), sizes]).to(dtype)
    shape = Shape.of(definition)
    for name, value in shape.params.items():
        if definition.params[name].integer:
            continue
        each = torch.full_like(x, value).requires_grad_()
        y = surrogate.of(definition).spiking_function(x, **{**shape.params, name: each})
        (got,) = torch.autograd.grad(y.sum(), each)
        room = 1e-5 if dtype is torch.float32 else 1e-13
        for point, slope in zip(x.tolist(), got.tolist(), strict=True):
            want = exact_parameter_slope(shape, name, point)
            # The slope of a period grows with x, and so does its rounding error.
            near = room * abs(point) if shape.period else 1e9 * torch.finfo(dtype).tiny
            assert slope == pytest.approx(want, rel=room, abs=near), point


def test_a_trained_period_has_the_slope_of_the_whole_periods_in_x():
    """torch's fmod divides with rounding: 0.25 / 0.001 is 250 there, its remainder that of 249."""
    period = torch.tensor(0.001, dtype=torch.float64, requires_grad=True)
    x = torch.tensor([-0.25, -0.2501, 0.7], dtype=torch.float64)
    surrogate.squarewave_fourier_series.apply(x, 2, period).sum().backward()
    shape = Shape.of(REGISTRY["squarewave_fourier_series"], T_period=0.001)
    assert period.grad.item() == pytest.approx(parameter_slopes(shape, x.numpy())["T_period"].sum())
