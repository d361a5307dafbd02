"""The guarantees to users of SpikingJelly, C1 to C12, for every entry.

C8, no state and copies, is the laws ``state_dict``, ``deepcopy`` and ``pickle`` of the checks.
"""

from __future__ import annotations

import inspect
import pickle

import pytest
import torch

from sgcli import surrogate
from sgcli.definitions import REGISTRY, Definition
from sgcli.errors import InputTypeError, ParameterError
from tests.surrogate import (
    X,
    classes,
    every,
    gradient,
    with_parameters,
    with_primitive,
)


class Outside(REGISTRY["atan"], name="outside"):
    """A user's own."""


DTYPES = [torch.float64, torch.float32, torch.bfloat16, torch.float16]


@every
def test_c1_constructor_takes_shape_parameters_first_then_spiking(definition):
    module, _ = classes(definition)
    names = list(inspect.signature(module).parameters)
    assert names[: len(definition.params) + 1] == [*definition.params, "spiking"]
    instance = module(*definition.defaults, False)
    assert isinstance(instance, surrogate.SurrogateFunctionBase)
    assert instance.spiking is False
    assert module().spiking is True


@with_parameters
def test_c2_parameters_are_attributes_read_at_every_forward(definition):
    module, function = classes(definition)
    instance = module()
    assert instance._sg_params == dict(zip(definition.params, definition.defaults, strict=True))
    for name, p in definition.params.items():
        setattr(instance, name, p.typical[1])
        assert instance._sg_params[name] == p.typical[1]
    values = [p.typical[1] for p in definition.params.values()]
    torch.testing.assert_close(gradient(instance), gradient(lambda x: function.apply(x, *values)))


@with_primitive
def test_c3_set_spiking_mode(definition):
    instance = classes(definition)[0]()
    instance.set_spiking_mode(False)
    primitive = instance(X)
    torch.testing.assert_close(primitive, instance.primitive_function(X, *definition.defaults))
    assert torch.autograd.gradcheck(instance, (torch.randn(9).double().requires_grad_(),))
    instance.set_spiking_mode(True)
    assert instance.spiking


def test_c4_a_subclass_defines_two_functions():
    class Mine(surrogate.SurrogateFunctionBase):
        def __init__(self, alpha=2.0, spiking=True):
            super().__init__(spiking, alpha=alpha)

        @staticmethod
        def spiking_function(x, alpha):
            return surrogate.atan.apply(x, alpha)

        @staticmethod
        def primitive_function(x, alpha):
            return alpha * x

    instance = Mine()
    assert repr(instance) == "Mine(alpha=2.0, spiking=True)"
    assert instance(X).unique().tolist() == [0, 1]
    instance.alpha = 3.0
    instance.set_spiking_mode(False)
    torch.testing.assert_close(instance(X), 3 * X)


@every
def test_c5_backward_as_a_static_method_and_as_a_function(definition):
    module, function = classes(definition)
    upstream = torch.linspace(-2, 3, len(X)).double()
    want = gradient(lambda x: function.apply(x) * upstream)
    torch.manual_seed(0)
    torch.testing.assert_close(module.backward(upstream, X, *definition.defaults), want)
    torch.manual_seed(0)
    result = getattr(surrogate, f"{definition.name}_backward")(upstream, X, *definition.defaults)
    torch.testing.assert_close(result[0], want)
    assert result[1:] == (None,) * len(definition.params)


@every
def test_c5_backward_checks_its_arguments(definition):
    module, _ = classes(definition)
    named, defaults = getattr(surrogate, f"{definition.name}_backward"), definition.defaults
    for function in (module.backward, named):
        with pytest.raises(InputTypeError, match="meta"):
            function(X.to("meta"), X, *defaults)
        with pytest.raises(TypeError, match="takes x"):
            function(X, X, *defaults, 1.0)
        for x in (X, X.float(), X.half()):
            for i, number in enumerate(definition.params):
                params = [*defaults[:i], float("nan"), *defaults[i + 1 :]]
                with pytest.raises(ParameterError, match=number):
                    function(x, x, *params)


@every
def test_c6_a_parameter_is_given_once_and_known(definition):
    module, _ = classes(definition)
    first = dict(zip(definition.params, definition.defaults, strict=True))
    for function in (module.spiking_function, module.primitive_function):
        with pytest.raises(TypeError, match="takes x"):
            function(X, unknown=1.0)
        with pytest.raises(TypeError, match="takes x"):
            function(X, *definition.defaults, None, None)
        if first:
            with pytest.raises(TypeError, match="takes x"):
                function(X, *definition.defaults, **first)


@every
def test_c6_function_style(definition):
    _, function = classes(definition)
    named = dict(zip(definition.params, definition.defaults, strict=True))
    y = function.apply(X.clone().requires_grad_(), **named)
    assert type(y.grad_fn).__name__ == f"{definition.name}Backward"
    assert issubclass(function, torch.autograd.Function)
    torch.testing.assert_close(
        gradient(lambda x: function.apply(x)), gradient(lambda x: function.apply(x, **named))
    )


@every
def test_c7_repr(definition):
    values = [f"{k}={v}" for k, v in zip(definition.params, definition.defaults, strict=True)]
    text = ", ".join([*values, "spiking=True"])
    assert repr(classes(definition)[0]()) == f"{definition.__name__}({text})"


@with_primitive
@pytest.mark.parametrize("dtype", DTYPES)
def test_c9_the_primitive_keeps_dtype_and_shape(definition, dtype):
    """The checks test the same of spikes."""
    instance = classes(definition)[0](spiking=False)
    for x in (torch.tensor(0.3), torch.empty(0, 3), torch.randn(2, 3, 4).transpose(0, 2)):
        leaf = x.to(dtype).requires_grad_()
        y = instance(leaf)
        assert (y.dtype, y.shape) == (dtype, x.shape)
        (grad,) = torch.autograd.grad(y.sum(), leaf)
        assert (grad.dtype, grad.shape) == (dtype, x.shape)


@every
@pytest.mark.parametrize("x", [torch.tensor([1]), torch.tensor([True]), torch.tensor([1j]), [0.5]])
def test_c9_other_inputs_are_a_clear_type_error(definition, x):
    with pytest.raises(InputTypeError, match="a surrogate takes"):
        classes(definition)[0]()(x)


def test_c10_heaviside():
    x = torch.tensor([-1.0, -0.0, 0.0, 1.0, float("nan")])
    assert surrogate.heaviside(x).tolist() == [0, 1, 1, 1, 0]
    assert surrogate.heaviside(x.half()).dtype == torch.float16


@every
def test_c11_inference_mode(definition):
    with torch.inference_mode():
        assert classes(definition)[0]()(X).is_inference()


def test_c12_helpers(capsys):
    error = surrogate.check_manual_grad(
        surrogate.s2nn_primitive.apply, surrogate.s2nn.apply, alpha=4.0, beta=1.0
    )
    assert error < 1e-6
    assert "largest difference" in capsys.readouterr().out
    figure = surrogate.plot_surrogate_function(surrogate.Sigmoid(alpha=5.0))
    assert [line.get_label() for line in figure.axes[0].lines] == [
        "Heaviside",
        "Primitive",
        "Gradient",
    ]
    assert max(figure.axes[0].lines[2].get_ydata()) == pytest.approx(1.25)


@every
def test_spikes_have_memory_of_their_own(definition):
    assert classes(definition)[0]()(X).data_ptr() != X.data_ptr()


def test_without_a_primitive_spiking_false_raises_with_the_reason():
    class NoPrimitive(Definition, name="no_primitive_here"):
        """A gradient without a primitive."""

        no_primitive = "its gradient is drawn at random"

        @staticmethod
        def derivative(m, x):
            return m.exp(-x * x)

    instance = surrogate.of(NoPrimitive)(spiking=False)
    with pytest.raises(ParameterError, match="drawn at random"):
        instance(X)
    instance.set_spiking_mode(True)
    assert instance(X).unique().tolist() == [0, 1]


def test_a_definition_outside_the_catalogue_gets_the_same_classes():
    instance = pickle.loads(pickle.dumps(surrogate.of(Outside)(alpha=3.0)))
    assert repr(instance) == "Outside(alpha=3.0, spiking=True)"
    torch.testing.assert_close(gradient(instance), gradient(surrogate.ATan(alpha=3.0)))
