"""The laws accept what is right in every format, and refuse what is not."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from sgcli.checks import laws, points
from sgcli.checks.dtypes import ALLOWED, FORMATS
from sgcli.checks.on_torch import chance, values
from sgcli.checks.on_torch.run import of_torch
from sgcli.checks.run import check, of_definition, shapes_of
from sgcli.checks.subject import Subject, of_shape
from sgcli.checks.truth import densely, exactly
from sgcli.definitions import REGISTRY, Definition, Param, Shape, load
from sgcli.definitions.evaluate import curve, exact
from tests.strategies import DEFINITIONS, name_of, shapes

SIGMOID = Shape.of(REGISTRY["sigmoid"])


class Spikes(torch.autograd.Function):
    """Spikes with any gradient: the place to plant a fault."""

    @staticmethod
    def forward(ctx, x, slope, strict=False):
        ctx.save_for_backward(x)
        ctx.slope = slope
        return (x > 0).to(x) if strict else (x >= 0).to(x)

    @staticmethod
    def backward(ctx, grad):
        return ctx.slope(*ctx.saved_tensors, grad), None, None


def with_slope(slope):
    return lambda x: Spikes.apply(x, slope)


def right(x, g, alpha=4.0):
    e = torch.exp(-torch.abs(alpha * x.double()))
    return (g * (alpha * e / (1 + e) ** 2)).to(x)


def subject(function, shape=SIGMOID):
    return Subject("mine", shape, function)


def verdict(slope, dtype="float32", shape=SIGMOID):
    return values.backward(subject(with_slope(slope), shape), FORMATS[dtype], "cpu")


@pytest.mark.parametrize("dtype", FORMATS)
def test_a_right_gradient_of_another_form_passes(dtype):
    assert verdict(right, dtype).status == "pass"


@pytest.mark.parametrize(
    ("fault", "dtype"),
    [
        (lambda x, g: right(x, g) * 1.001, "float32"),
        (lambda x, g: -right(x, g), "float32"),
        (lambda x, g: right(x, g, alpha=4.001), "float32"),
        (lambda x, g: right(x, torch.ones_like(g)), "float32"),
        (lambda x, g: right(x, g) * (x < 30), "float64"),
        (lambda x, g: torch.where((x > 1.7) & (x < 1.705), 0, right(x, g)), "float64"),
        (lambda x, g: torch.where(x == 0, 0, right(x, g)), "float32"),
        (lambda x, g: g * 4 * torch.sigmoid(4 * x) * (1 - torch.sigmoid(4 * x)), "float32"),
        (lambda x, g: g * 4 * torch.sigmoid(4 * x) * (1 - torch.sigmoid(4 * x)), "bfloat16"),
        (lambda x, g: g * 4 * torch.exp(4 * x) / (1 + torch.exp(4 * x)) ** 2, "float16"),
    ],
)
def test_a_wrong_gradient_fails_with_its_worst_point(fault, dtype):
    found = verdict(fault, dtype)
    assert found.status == "fail"
    leaf = torch.tensor([found.x], dtype=getattr(torch, dtype), requires_grad=True)
    Spikes.apply(leaf, fault).backward(torch.ones(1, dtype=leaf.dtype))
    want = exact(SIGMOID, found.x)
    assert found.expected == pytest.approx(float(want), rel=1e-9, abs=1e-300)


def test_a_strict_threshold_fails_at_zero():
    found = values.forward(
        subject(lambda x: Spikes.apply(x, right, True)), FORMATS["float32"], "cpu"
    )
    assert (found.status, found.x, found.expected, found.got) == ("fail", 0, 1, 0)


@pytest.mark.parametrize("change", [lambda y: y.double(), lambda y: y.reshape(-1)])
def test_another_dtype_or_shape_fails(change):
    found = values.forward(subject(lambda x: change((x >= 0).to(x))), FORMATS["float32"], "cpu")
    assert found.status == "fail"
    assert "became" in found.detail


def test_within_four_ulp_of_a_jump_either_side_is_right_but_at_it_only_the_declared():
    rect = Shape.of(REGISTRY["rect"])  # the support is |x| < 1/2, and 1/2 is a float
    edge = torch.tensor(0.5)

    def slope(upper):
        return lambda x, g: g * (x.abs() < upper)

    assert verdict(slope(0.5), shape=rect).status == "pass"
    assert verdict(slope(torch.nextafter(edge, torch.tensor(0.0))), shape=rect).status == "pass"
    at = verdict(lambda x, g: g * (x.abs() <= 0.5), shape=rect)
    assert (at.status, abs(at.x)) == ("fail", 0.5)
    assert verdict(slope(0.5 + 1e-5), shape=rect).status == "fail"


def test_a_derivative_that_is_not_that_of_its_primitive_fails():
    class Wrong(REGISTRY["atan"], name="wrong"):
        """Off by a thousandth."""

        @staticmethod
        def derivative(m, x, alpha):
            return 1.001 * REGISTRY["atan"].derivative(m, x, alpha)

    found = laws.derivative(Shape.of(Wrong))
    assert found.status == "fail"
    assert found.got == pytest.approx(1.001 * found.expected)


def test_a_form_that_cancels_fails_in_its_float64_evaluation():
    class Cancelling(Definition, name="cancelling"):
        """alpha * s * (1 - s)."""

        alpha = Param(4.0, domain="(0, inf)", typical=(1, 5))

        @staticmethod
        def primitive(m, x, alpha):
            return m.sigmoid(alpha * x)

        @staticmethod
        def derivative(m, x, alpha):
            return alpha * m.sigmoid(alpha * x) * (1 - m.sigmoid(alpha * x))

    assert laws.evaluation(Shape.of(Cancelling)).status == "fail"


@pytest.mark.parametrize(
    ("shape", "required", "status"),
    [
        ("sigmoid,alpha=4", 1.0, "pass"),
        ("sigmoid,alpha=5", 1.0, "fail"),
        ("sigmoid,alpha=5", None, "note"),
        ("sigmoid,alpha=5", 1.25, "pass"),
    ],
)
def test_peak(shape, required, status):
    found = laws.peak(load.parse(shape).shape, required)
    assert found.status == status
    assert found.got == pytest.approx(1.25 if "5" in shape else 1)


def test_the_peak_decides_at_a_catalogue_default_only():
    assert of_definition(SIGMOID)[-1].status == "pass"
    assert of_definition(load.parse("erf,alpha=2").shape)[-1].status == "note"
    assert of_definition(load.parse("erf,alpha=2").shape, require_peak=1)[-1].status == "fail"


@pytest.mark.parametrize("definition", DEFINITIONS, ids=name_of)
def test_every_entry_passes_at_its_default(definition):
    report = check(Shape.of(definition))
    assert report.ok, [f"{v.name}: {v.failure}" for v in report.failures]


@pytest.mark.slow
@settings(max_examples=200)
@given(shape=shapes())
def test_every_entry_passes_anywhere_in_its_typical_range(shape):
    found = [*of_definition(shape), *of_torch(of_shape(shape), capabilities=False)]
    assert not [f"{v.name}: {v.failure}" for v in found if v.status == "fail"]


def test_a_jump_that_is_no_float_is_known_exactly():
    third = load.parse("rect,alpha=3").shape
    found = of_torch(of_shape(third), ["float64"], capabilities=False)
    assert not [v for v in found if v.status == "fail"]


def test_bare_names_get_three_shapes_and_given_values_are_taken_as_they_are():
    assert len(shapes_of(load.choose("sigmoid"), {})) == 3
    assert len(shapes_of(load.choose("sigmoid,alpha=3"), {})) == 1
    assert len(shapes_of(load.choose("sigmoid"), {"alpha": ["1", "2"]})) == 2


@pytest.mark.parametrize("name", FORMATS)
def test_formats_are_those_of_torch(name):
    info, ours = torch.finfo(getattr(torch, name)), FORMATS[name]
    assert (ours.largest, ours.smallest_normal) == (info.max, info.smallest_normal)
    assert ours.unit == info.eps / 2
    assert float(torch.tensor(ours.smallest, dtype=getattr(torch, name))) == ours.smallest
    assert ours.ulp(1.0) == info.eps
    assert ours.ulp(0.0) == ours.smallest


def test_the_constant_was_not_loosened():
    assert ALLOWED <= 8


@pytest.mark.parametrize("name", ["float16", "bfloat16"])
def test_all_finite_numbers_of_a_half(name):
    format = FORMATS[name]
    x = points.dense(format)
    assert x.size == 2**16 - 2 * 2 ** (format.precision - 1)
    assert np.abs(x).max() == format.largest
    assert np.unique(np.abs(x[x != 0])).min() == format.smallest


@pytest.mark.parametrize("name", ["float64", "float32"])
def test_telling_points(name):
    format = FORMATS[name]
    x = points.telling(load.parse("rect,alpha=2").shape, format)
    for wanted in (0.0, format.largest, -format.largest, format.smallest, 0.25, -0.25):
        assert wanted in x
    assert ((x > 0.25) & (x < 0.25 + 1e-5)).any()
    assert np.signbit(x[x == 0]).tolist().count(True) == 1


def test_exact_and_dense_truth_agree():
    format = FORMATS["float64"]
    x = exactly(SIGMOID, format).x
    dense = densely(SIGMOID, format)
    assert dense.x.size > 30_000
    assert np.diff(np.unique(dense.x)).max() <= 0.0021
    again = curve(SIGMOID, x)
    assert exactly(SIGMOID, format).error(again).max() < 1


@given(probability=st.floats(1e-9, 0.5), seed=st.integers(0, 2**32 - 1))
def test_a_right_probability_is_not_accused_however_rare_the_spike(probability, seed):
    draws = 20_000
    mean = np.random.default_rng(seed).binomial(draws, probability) / draws
    room = chance.by_chance(np.array([probability]), draws)
    assert abs(mean - probability) <= room
    assert room < 0.03


def test_an_edge_far_out_is_looked_at_from_both_sides():
    wide = load.parse("rect,alpha=0.01").shape  # its support ends at 50, beyond the dense points
    assert {-50.0, 50.0} <= set(points.telling(wide, FORMATS["float32"]))

    def slope(beyond):
        return lambda x, g: g * torch.where(x.abs() < beyond, 0.01, 0.0)

    assert verdict(slope(50.0), shape=wide).status == "pass"
    assert verdict(slope(50.01), shape=wide).status == "fail"
