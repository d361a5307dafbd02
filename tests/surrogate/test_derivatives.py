"""The values of the classes and their derivatives, through every transform of torch."""

from __future__ import annotations

import contextlib

import pytest
import torch
from torch._subclasses.fake_tensor import FakeTensorMode
from torch.autograd import forward_ad

from sgcli import surrogate
from sgcli.definitions import Definition, Shape
from sgcli.definitions.evaluate import curve
from sgcli.maths.torch_ import Torch
from sgcli.native import library
from tests.surrogate import (
    X,
    classes,
    deterministic,
    every,
    gradient,
)


@deterministic
def test_the_gradient_at_nan_is_that_of_the_definition(definition):
    nan = torch.tensor([float("nan")], dtype=torch.float64)
    got = gradient(classes(definition)[0](), nan)
    want = torch.from_numpy(curve(Shape.of(definition), nan.numpy()))
    torch.testing.assert_close(got, want, equal_nan=True)


@deterministic
def test_a_negated_view_is_read_as_its_values(definition):
    """torch marks such a view as negated and leaves its memory unchanged."""
    instance, negated = classes(definition)[0](), torch._neg_view(X)
    for z, upstream in ((negated, X), (X, negated), (negated, negated)):
        leaf, plain = z.clone().requires_grad_(), z.resolve_neg().clone().requires_grad_()
        torch.testing.assert_close(instance(z), instance(plain))
        result = instance.backward(upstream, z, *definition.defaults)
        wanted = torch.autograd.grad(instance(plain), plain, upstream.resolve_neg())[0]
        torch.testing.assert_close(result, wanted)
        torch.testing.assert_close(torch.autograd.grad(instance(leaf), leaf, upstream)[0], wanted)


@every
def test_the_second_derivative_is_zero_at_jumps(definition):
    """The checks test the same at kinks."""
    jumps = [at for at in Shape.of(definition).jumps(-9, 9) if at == round(at, 3)]
    x = torch.tensor(jumps, dtype=torch.float64, requires_grad=True)
    (first,) = torch.autograd.grad(classes(definition)[0]()(x).sum(), x, create_graph=True)
    (second,) = torch.autograd.grad(first.sum(), x)
    assert not second.any()


@deterministic
def test_vmap_over_a_parameter(definition):
    for i, (name, p) in enumerate(definition.params.items()):
        if p.integer:
            continue
        function = classes(definition)[1]
        values = torch.linspace(*p.typical, 3, dtype=torch.float64)

        def of(value, i=i, function=function):
            arguments = list(definition.defaults)
            arguments[i] = value
            return torch.func.grad(lambda z: function.apply(z, *arguments).sum())(X)

        mapped = torch.func.vmap(of)(values)
        for row, value in zip(mapped, values, strict=True):
            torch.testing.assert_close(row, of(value), msg=name)


def test_an_assigned_parameter_reaches_compiled_code():
    torch._dynamo.reset()
    instance = surrogate.ATan()
    compiled = torch.compile(instance, backend="aot_eager", fullgraph=True)
    gradient(compiled)
    instance.alpha = 3.0
    torch.testing.assert_close(gradient(compiled), gradient(surrogate.ATan(3.0)))


@deterministic
@pytest.mark.parametrize("native", [True, False])
def test_gradients_may_be_batched(definition, native):
    leaf = X.clone().requires_grad_()
    with contextlib.nullcontext() if native else library.off():
        y = classes(definition)[0]()(leaf)
        weights = torch.stack([X, X.flip(0)])
        batched = {"retain_graph": True, "is_grads_batched": True}
        result = torch.autograd.grad(y, leaf, weights, **batched)[0]
        wanted = [torch.autograd.grad(y, leaf, w, retain_graph=True)[0] for w in weights]
    assert torch.equal(result, torch.stack(wanted))


# What torch says of itself.
@pytest.mark.filterwarnings("ignore:.*torch.jit.script:DeprecationWarning")
@deterministic
@pytest.mark.parametrize("native", [True, False])
def test_gradients_have_forward_mode_derivatives(definition, native):
    """The backward pass is linear: the tangent of a gradient is the gradient of the tangent."""
    leaf = X.clone().requires_grad_()
    with contextlib.nullcontext() if native else library.off():
        y = classes(definition)[0]()(leaf)
        wanted = torch.autograd.grad(y, leaf, X, retain_graph=True)[0]
        with forward_ad.dual_level():
            dual = forward_ad.make_dual(X.flip(0), X)
            result = forward_ad.unpack_dual(torch.autograd.grad(y, leaf, dual)[0]).tangent
    torch.testing.assert_close(result, wanted)


class TensorsOnly(Definition, name="tensors_only"):
    """A user's derivative that calls methods of tensors, which other namespaces lack."""

    @staticmethod
    def derivative(m, x):
        return (1 - x.abs()).clamp(min=0)


def test_a_derivative_may_call_torch():
    x = torch.linspace(-2, 2, 9, requires_grad=True)
    surrogate.of(TensorsOnly)()(x).sum().backward()
    assert torch.equal(x.grad, (1 - x.abs()).clamp(min=0))


@deterministic
def test_without_a_kernel_the_gradient_equals_the_expression(definition):
    """Bit for bit, for every memory layout."""
    values = Shape.of(definition).values
    x, g = torch.randn(2, 60, 50).unbind()
    with library.off():
        for a, b in ((x, g), (x.t(), g.t()), (x[:, ::2], g[:, ::2]), (x, g[:1].expand_as(x))):
            result = surrogate.of(definition).backward(b, a, *values)
            slope = definition.derivative(Torch(a), a, *values)
            assert torch.equal(result, b * slope)


def test_a_replaced_derivative_is_used():
    class Mine(Definition, name="mine"):
        @staticmethod
        def derivative(m, x):
            return m.exp(-m.abs(x))

    x = torch.linspace(-2, 2, 9)
    backward = surrogate.of(Mine).backward
    assert torch.equal(backward(torch.ones(9), x), torch.exp(-x.abs()))
    Mine.derivative = staticmethod(lambda m, x: 2 * m.exp(-m.abs(x)))
    assert torch.equal(backward(torch.ones(9), x), 2 * torch.exp(-x.abs()))


def test_integers_have_the_gradient_of_the_expression():
    x = torch.arange(-3, 4)
    with library.off():
        result = surrogate.Rect.backward(torch.ones_like(x), x, 1.0)
    assert result.tolist() == [0, 0, 0, 1, 0, 0, 0]


def test_a_result_cached_in_a_mode_is_right_outside_it():
    x = torch.linspace(-2, 2, 9)
    with library.off():
        with FakeTensorMode(allow_non_fake_inputs=True):
            surrogate.Sigmoid.backward(x, x, 1.235)
        result = surrogate.Sigmoid.backward(x, x, 1.235)
    torch.testing.assert_close(result, x * 1.235 * (s := torch.sigmoid(1.235 * x)) * (1 - s))
