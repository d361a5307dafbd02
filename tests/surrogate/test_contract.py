"""What a user of SpikingJelly counts on, in rows C1 to C13, for every entry."""

from __future__ import annotations

import copy
import inspect
import pickle

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from sgcli import surrogate
from sgcli.definitions import REGISTRY, Definition, Param
from sgcli.errors import InputTypeError, ParameterError
from tests.strategies import DEFINITIONS, DETERMINISTIC, WITH_PRIMITIVE, name_of

every = pytest.mark.parametrize("definition", DEFINITIONS, ids=name_of)
deterministic = pytest.mark.parametrize("definition", DETERMINISTIC, ids=name_of)
with_parameters = pytest.mark.parametrize(
    "definition", [d for d in DEFINITIONS if d.params], ids=name_of
)
with_primitive = pytest.mark.parametrize("definition", WITH_PRIMITIVE, ids=name_of)
certain = pytest.mark.parametrize(
    "definition", [d for d in DEFINITIONS if not d.random_gradient], ids=name_of
)
DTYPES = [torch.float64, torch.float32, torch.bfloat16, torch.float16]
X = torch.tensor([-1.7, -0.3, -0.0, 0.0, 0.2, 0.9, 2.3], dtype=torch.float64)


def classes(definition):
    return getattr(surrogate, definition.__name__), getattr(surrogate, definition.name)


def gradient(function, x=X):
    torch.manual_seed(0)  # for those that draw
    leaf = x.clone().requires_grad_()
    return torch.autograd.grad(function(leaf).sum(), leaf)[0]


@every
def test_c1_constructor_takes_shape_parameters_first_then_spiking(definition):
    module, _ = classes(definition)
    names = list(inspect.signature(module).parameters)
    assert names[: len(definition.params) + 1] == [*definition.params, "spiking"]
    made = module(*definition.defaults, False)
    assert isinstance(made, surrogate.SurrogateFunctionBase)
    assert made.spiking is False
    assert module().spiking is True


@with_parameters
def test_c2_parameters_are_attributes_read_at_every_forward(definition):
    module, function = classes(definition)
    made = module()
    assert made._sg_params == dict(zip(definition.params, definition.defaults, strict=True))
    for name, p in definition.params.items():
        setattr(made, name, p.typical[1])
        assert made._sg_params[name] == p.typical[1]
    values = [p.typical[1] for p in definition.params.values()]
    torch.testing.assert_close(gradient(made), gradient(lambda x: function.apply(x, *values)))


@with_primitive
def test_c3_set_spiking_mode(definition):
    made = classes(definition)[0]()
    made.set_spiking_mode(False)
    primitive = made(X)
    torch.testing.assert_close(primitive, made.primitive_function(X, *definition.defaults))
    assert torch.autograd.gradcheck(made, (torch.randn(9).double().requires_grad_(),))
    made.set_spiking_mode(True)
    assert made.spiking


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

    made = Mine()
    assert repr(made) == "Mine(alpha=2.0, spiking=True)"
    assert made(X).unique().tolist() == [0, 1]
    made.alpha = 3.0
    made.set_spiking_mode(False)
    torch.testing.assert_close(made(X), 3 * X)


@every
def test_c5_backward_as_a_static_method_and_as_a_function(definition):
    module, function = classes(definition)
    upstream = torch.linspace(-2, 3, len(X)).double()
    want = gradient(lambda x: function.apply(x) * upstream)
    torch.manual_seed(0)
    torch.testing.assert_close(module.backward(upstream, X, *definition.defaults), want)
    torch.manual_seed(0)
    found = getattr(surrogate, f"{definition.name}_backward")(upstream, X, *definition.defaults)
    torch.testing.assert_close(found[0], want)
    assert found[1:] == (None,) * len(definition.params)


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


@every
def test_c8_no_state_and_copies(definition):
    made = classes(definition)[0]()
    assert made.state_dict() == {}
    assert list(made.parameters()) == list(made.buffers()) == []
    for twin in (copy.deepcopy(made), pickle.loads(pickle.dumps(made))):
        assert repr(twin) == repr(made)
        torch.testing.assert_close(gradient(twin), gradient(made))


@pytest.mark.parametrize(
    ("definition", "spiking"),
    [*[(d, True) for d in DEFINITIONS], *[(d, False) for d in WITH_PRIMITIVE]],
    ids=lambda v: getattr(v, "name", str(v)),
)
@pytest.mark.parametrize("dtype", DTYPES)
def test_c9_dtype_and_shape_are_kept(definition, dtype, spiking):
    made = classes(definition)[0](spiking=spiking)
    for x in (torch.tensor(0.3), torch.empty(0, 3), torch.randn(2, 3, 4).transpose(0, 2)):
        leaf = x.to(dtype).requires_grad_()
        y = made(leaf)
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
def test_c11_no_graph_without_grad(definition):
    made = classes(definition)[0]()
    leaf = X.clone().requires_grad_()
    with torch.no_grad():
        assert made(leaf).grad_fn is None
    with torch.inference_mode():
        assert not made(X).requires_grad
    assert made.eval()(leaf).grad_fn is not None


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


@certain
def test_the_definition_is_what_is_computed(definition):
    """In place of any formula typed again: the torch gradient is the numpy evaluation."""
    from sgcli.definitions import Shape
    from sgcli.definitions.evaluate import curve

    got = gradient(classes(definition)[0]())
    torch.testing.assert_close(got, torch.from_numpy(curve(Shape.of(definition), X.numpy())))


@deterministic
def test_nan_input(definition):
    """It spikes 0 (or passes through) and gets the gradient that the definition gives."""
    from sgcli.definitions import Shape
    from sgcli.definitions.evaluate import curve

    nan = torch.tensor([float("nan")], dtype=torch.float64)
    shape = Shape.of(definition)
    for got, which in (
        (classes(definition)[0]()(nan), "forward"),
        (gradient(classes(definition)[0](), nan), "derivative"),
    ):
        torch.testing.assert_close(
            got, torch.from_numpy(curve(shape, nan.numpy(), which)), equal_nan=True
        )


@every
def test_double_backward_is_finite_and_zero_at_kinks(definition):
    from sgcli.definitions import Shape

    shape = Shape.of(definition)
    edges = [e for e in shape.kinks(-9, 9) + shape.jumps(-9, 9) if e == round(e, 3)]
    x = torch.tensor(
        [*edges, -1.0, -0.0, 0.37, 1e300, -1e300], dtype=torch.float64, requires_grad=True
    )
    (first,) = torch.autograd.grad(classes(definition)[0]()(x).sum(), x, create_graph=True)
    (second,) = torch.autograd.grad(first.sum(), x)
    assert second.isfinite().all()
    assert not second[: len(edges)].any()


@deterministic
@given(x=st.floats(-3, 3))
def test_second_derivative_is_the_slope_of_the_gradient(definition, x):
    from sgcli.definitions import Shape
    from tests.strategies import away_from

    shape = Shape.of(definition)
    near = [e for e in shape.kinks(-9, 9) + shape.jumps(-9, 9) if abs(e - x) < 1e-3]
    if near or not away_from([0.0], x):
        return
    leaf = torch.tensor([x], dtype=torch.float64, requires_grad=True)
    made = classes(definition)[0]()
    (first,) = torch.autograd.grad(made(leaf).sum(), leaf, create_graph=True)
    (second,) = torch.autograd.grad(first.sum(), leaf)
    h = 1e-6
    slope = (gradient(made, leaf.detach() + h) - gradient(made, leaf.detach() - h)) / (2 * h)
    torch.testing.assert_close(second, slope, rtol=1e-4, atol=1e-6)


@certain
def test_vmap_and_func_grad(definition):
    made = classes(definition)[0]()
    rows = torch.randn(4, 5, dtype=torch.float64)
    mapped = torch.func.vmap(torch.func.grad(lambda r: made(r).sum()), randomness="different")(rows)
    torch.testing.assert_close(mapped, gradient(made, rows))


@deterministic
def test_vmap_over_a_parameter(definition):
    for i, (name, p) in enumerate(definition.params.items()):
        if p.integer:
            continue
        function = classes(definition)[1]
        values = torch.linspace(*p.typical, 3, dtype=torch.float64)

        def of(value, i=i, function=function):
            given = list(definition.defaults)
            given[i] = value
            return torch.func.grad(lambda z: function.apply(z, *given).sum())(X)

        mapped = torch.func.vmap(of)(values)
        for row, value in zip(mapped, values, strict=True):
            torch.testing.assert_close(row, of(value), msg=name)


@deterministic
def test_compile_fullgraph(definition):
    torch._dynamo.reset()
    made = classes(definition)[0]()
    compiled = torch.compile(made, backend="aot_eager", fullgraph=True)
    torch.testing.assert_close(compiled(X), made(X))
    torch.testing.assert_close(gradient(compiled), gradient(made))
    if definition.params:
        name, p = next(iter(definition.params.items()))
        setattr(made, name, p.typical[1])
        torch.testing.assert_close(gradient(compiled), gradient(made))


@deterministic
def test_one_tensor_is_kept_for_backward(definition):
    kept = []
    x = torch.randn(1000, requires_grad=True)
    with torch.autograd.graph.saved_tensors_hooks(
        lambda t: kept.append(t.numel()) or t, lambda t: t
    ):
        classes(definition)[0]()(x)
    assert [n for n in kept if n >= 1000] == [1000]


@every
def test_the_input_is_not_modified(definition):
    x = X.clone().requires_grad_()
    y = classes(definition)[0]()(x)
    y.sum().backward()
    assert torch.equal(x, X)
    assert y.data_ptr() != x.data_ptr()


@with_parameters
@pytest.mark.parametrize("wrong", [float("nan"), "4", None])
def test_wrong_parameters_raise_at_construction_assignment_and_apply(definition, wrong):
    module, function = classes(definition)
    made = module()
    for name, p in definition.params.items():
        for attempt in (
            lambda name=name: module(**{name: wrong}),
            lambda name=name: setattr(made, name, wrong),
            lambda name=name: function.apply(X, **{name: wrong}),
            lambda name=name: module(**{name: torch.tensor(float("nan"))}),
        ):
            with pytest.raises(ParameterError) as caught:
                attempt()
            assert p.domain in str(caught.value)
    assert made._sg_params == module()._sg_params


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
    made = classes(definition)[0](learnable=True).double()
    for name in real:
        assert getattr(made, name).item() == pytest.approx(
            definition.params[name].default, rel=1e-6
        )
    assert [n for n, _ in made.named_parameters()] == [f"raw_{n}" for n in real]
    made(X).sum().backward()
    for name in real:
        raw = made.get_parameter(f"raw_{name}")
        assert raw.grad is not None
        assert raw.grad.isfinite()
    steps = torch.optim.SGD(made.parameters(), lr=100.0)
    for _ in range(3):
        steps.zero_grad()
        made(X).sum().backward()
        steps.step()
    for name in real:
        assert (
            getattr(made, name).item() in definition.params[name].interval
            or getattr(made, name).item() == 0
        )


@with_primitive
def test_the_gradient_of_a_parameter_is_that_of_the_primitive(definition):
    for i, (_, p) in enumerate(definition.params.items()):
        if p.integer:
            continue

        def of(value, i=i, spiking=True):
            given = [*definition.defaults]
            given[i] = value
            made = classes(definition)[0]
            function = made.spiking_function if spiking else made.primitive_function
            return function(X[[0, 1, 4, 5]], *given).sum()

        value = torch.tensor(p.default + 0.3, dtype=torch.float64, requires_grad=True)
        (got,) = torch.autograd.grad(of(value), value)
        h = 1e-6
        with torch.no_grad():
            want = (of(value + h, spiking=False) - of(value - h, spiking=False)) / (2 * h)
        torch.testing.assert_close(got, want, rtol=1e-5, atol=1e-7)


def test_per_channel_parameters_broadcast():
    alpha = torch.tensor([1.0, 2.0, 5.0], dtype=torch.float64, requires_grad=True)
    x = torch.randn(4, 3, dtype=torch.float64)
    surrogate.sigmoid.apply(x, alpha).sum().backward()
    assert alpha.grad is not None
    assert alpha.grad.shape == (3,)


def test_a_parameter_object_is_refused_with_the_remedy():
    with pytest.raises(ParameterError, match="learnable=True"):
        surrogate.ATan(alpha=nn.Parameter(torch.tensor(2.0)))
    made = surrogate.ATan()
    with pytest.raises(ParameterError, match="learnable=True"):
        made.alpha = nn.Parameter(torch.tensor(2.0))


def test_assigning_a_learnable_parameter_acts_at_once():
    made = surrogate.ATan(learnable=True)
    made.alpha = 3.0
    assert made.alpha.item() == pytest.approx(3.0)
    assert len(list(made.parameters())) == 1
    twin = pickle.loads(pickle.dumps(made))
    assert twin.alpha.item() == pytest.approx(3.0)
    with pytest.raises(ParameterError):
        made.alpha = -1.0


def test_a_named_parameter_alone_can_be_learnable():
    made = surrogate.S2NN(learnable=["beta"])
    assert [n for n, _ in made.named_parameters()] == ["raw_beta"]
    with pytest.raises(ParameterError, match="not trainable"):
        surrogate.SquarewaveFourierSeries(learnable="n")


def test_learnable_compiles():
    torch._dynamo.reset()
    made = surrogate.ATan(learnable=True)
    compiled = torch.compile(made, backend="aot_eager", fullgraph=True)
    x = torch.randn(5, requires_grad=True)
    compiled(x).sum().backward()
    grad = made.raw_alpha.grad.clone()
    made.raw_alpha.grad = None
    made(x).sum().backward()
    torch.testing.assert_close(grad, made.raw_alpha.grad)


@pytest.mark.parametrize("definition", [d for d in DEFINITIONS if d.stochastic], ids=name_of)
def test_a_generator_decides_the_draws(definition):
    module, function = classes(definition)
    x = torch.rand(1000)
    draws = [module(generator=torch.Generator().manual_seed(s))(x) for s in (1, 1, 2)]
    assert torch.equal(draws[0], draws[1])
    assert not torch.equal(draws[0], draws[2])
    assert torch.equal(draws[0], function.apply(x, generator=torch.Generator().manual_seed(1)))


class Noisy(Definition, name="noisy"):
    """A gradient that is drawn below the threshold."""

    scale = Param(0.2, domain="(0, inf)", typical=(0.1, 1.0), doc="range of the draws")
    no_primitive = random_gradient = "below the threshold its gradient is drawn from [0, scale)"

    @staticmethod
    def derivative(m, x, scale):
        return m.where(x >= 0, 1, scale / 2)

    @staticmethod
    def drawn(m, x, u, scale):
        return m.where(x >= 0, 1, scale * u)


def test_a_random_gradient_has_the_declared_mean_and_follows_the_generator():
    x = torch.tensor([-1.0, -0.2, 0.0, 2.0]).double().repeat(20_000, 1)

    def drawn(seed, scale=0.2):
        made = surrogate.of(Noisy)(scale, generator=torch.Generator().manual_seed(seed))
        return gradient(made, x)

    grads = drawn(0)
    assert torch.equal(grads, drawn(0))
    assert not torch.equal(grads, drawn(1))
    assert grads[:, 2:].eq(1).all()
    below = grads[:, :2]
    assert below.min() >= 0
    assert below.max() < 0.2
    # The standard deviation of a uniform draw is its range over the root of 12.
    torch.testing.assert_close(
        below.mean(0), torch.full((2,), 0.1).double(), rtol=0, atol=5 * 0.2 / (12 * 20_000) ** 0.5
    )
    torch.testing.assert_close(drawn(0, scale=0.4)[:, :2], 2 * below)


def test_a_random_gradient_composes():
    made = surrogate.of(Noisy)()
    leaf = X.clone().requires_grad_()
    (first,) = torch.autograd.grad(made(leaf).sum(), leaf, create_graph=True)
    (second,) = torch.autograd.grad(first.sum(), leaf)
    assert not second.any()
    rows = X.repeat(5, 1)
    mapped = torch.func.vmap(torch.func.grad(lambda row: made(row).sum()), randomness="different")(
        rows
    )
    assert mapped[:, 2:].eq(1).all()
    assert mapped[:, 0].unique().numel() == 5
    torch._dynamo.reset()
    compiled = torch.compile(made, backend="aot_eager", fullgraph=True)
    assert gradient(compiled)[2:].eq(1).all()
    with pytest.raises(ParameterError, match="drawn from"):
        surrogate.of(Noisy)(spiking=False)(X)


def test_without_a_primitive_spiking_false_raises_with_the_reason():
    class NoPrimitive(Definition, name="no_primitive_here"):
        """A gradient that is not one."""

        no_primitive = "its gradient is drawn at random"

        @staticmethod
        def derivative(m, x):
            return m.exp(-x * x)

    made = surrogate.of(NoPrimitive)(spiking=False)
    with pytest.raises(ParameterError, match="drawn at random"):
        made(X)
    made.set_spiking_mode(True)
    assert made(X).unique().tolist() == [0, 1]


def test_a_definition_outside_the_catalogue_gets_the_same_face():
    made = pickle.loads(pickle.dumps(surrogate.of(Outside)(alpha=3.0)))
    assert repr(made) == "Outside(alpha=3.0, spiking=True)"
    torch.testing.assert_close(gradient(made), gradient(surrogate.ATan(alpha=3.0)))


class Outside(REGISTRY["atan"], name="outside"):
    """A user's own."""
