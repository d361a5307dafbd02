"""A formula is a surrogate: its curve, its integral, its kinks, and every wrong formula."""

from __future__ import annotations

import json
import pickle
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from sgcli import surrogate
from sgcli.definitions import Shape, load
from sgcli.definitions.evaluate import curve, exact, exact_slope
from sgcli.definitions.facts import facts
from sgcli.definitions.formulas import definition, from_formula, split
from sgcli.errors import ParameterError, SgError
from tests.cli.run import sg

ATAN = "alpha/2/(1+(pi/2*alpha*x)**2)"
FAST = "1/(1+alpha*abs(x))**2"
# A formula, and the entry of the catalogue that it is.
TWINS = [
    (ATAN, "atan"),
    (FAST, "fast_sigmoid"),
    ("where(abs(x) < 1/(2*alpha), alpha, 0)", "rect"),
    ("alpha*maximum(1 - abs(alpha*x), 0)", "piecewise_quadratic"),
    ("alpha*exp(-alpha*x)/(1 + exp(-alpha*x))**2", "sigmoid"),
    ("alpha*sigmoid(alpha*x)*sigmoid(-alpha*x)", "sigmoid"),
    ("1/maximum(abs(x), 1/alpha)", "fake_numerical_gradient"),
    ("(x <= 0)*alpha + where(x > 0, 1/maximum(x, 1), 0)", "log_tailed_relu"),
]
twins = pytest.mark.parametrize(("text", "name"), TWINS)
X = np.concatenate([np.linspace(-5, 5, 501), [-1e6, -300.0, 40.0, 1e5]])


def pair(text: str, name: str, alpha: float) -> tuple[Shape, Shape]:
    return from_formula(text, {"alpha": alpha}), Shape.of(load.find(name), alpha=alpha)


@twins
@given(alpha=st.floats(0.3, 6))
def test_a_formula_equals_the_entry_with_that_gradient(text, name, alpha):
    mine, entry = pair(text, name, alpha)
    inside = np.abs(alpha * X) < 300  # beyond, the naive exp overflows
    assert curve(mine, X)[inside] == pytest.approx(curve(entry, X)[inside], rel=1e-12, abs=1e-300)
    switches = {*mine.kinks(-50, 50), *mine.jumps(-50, 50)}
    assert {*entry.kinks(-50, 50), *entry.jumps(-50, 50)} <= switches
    assert set(mine.jumps(-50, 50)) <= set(entry.jumps(-50, 50))


@twins
@settings(max_examples=20)
@given(alpha=st.floats(0.3, 6))
def test_the_primitive_is_the_integral_with_one_half_at_the_threshold(text, name, alpha):
    mine, entry = pair(text, name, alpha)
    want = curve(entry, X, "primitive") - curve(entry, [0.0], "primitive") + 0.5
    assert curve(mine, X, "primitive") == pytest.approx(want, rel=1e-12, abs=1e-13)
    for x in (0.7, -2.0):
        by_digits = exact(entry, x, "primitive") - exact(entry, 0, "primitive") + 0.5
        assert abs(exact(mine, x, "primitive") - by_digits) < 1e-14


@twins
def test_its_facts_are_those_of_the_entry(text, name):
    mine, entry = (facts(shape) for shape in pair(text, name, 2.0 if "tailed" not in name else 1.0))
    assert mine.peak == pytest.approx(entry.peak, rel=1e-15)
    assert mine.area == pytest.approx(entry.area, rel=1e-12)
    assert (mine.even, mine.tail_text) == (entry.even, entry.tail_text)
    assert mine.fwhm == pytest.approx(entry.fwhm, rel=1e-9)


@twins
@pytest.mark.parametrize("dtype", [torch.float64, torch.float32, torch.bfloat16])
def test_it_is_a_torch_module_as_any_other(text, name, dtype):
    mine, entry = pair(text, name, 1.0)
    x = torch.linspace(-3, 3, 25).to(dtype).requires_grad_()
    results = []
    for shape in (mine, entry):
        module = surrogate.of(shape.definition)(*shape.values)
        spikes = module(x)
        (gradient,) = torch.autograd.grad(spikes.sum(), x)
        module.set_spiking_mode(False)
        results.append((spikes, gradient, module(x)))
    (spikes, gradient, primitive), (want_spikes, want_gradient, want_primitive) = results
    assert torch.equal(spikes, want_spikes)
    assert primitive.dtype == gradient.dtype == dtype
    unit = torch.finfo(dtype).eps
    assert torch.allclose(gradient, want_gradient, rtol=8 * unit, atol=unit)
    shift = 0.5 - float(exact(entry, 0, "primitive"))
    assert torch.allclose(primitive, want_primitive + shift, rtol=8 * unit, atol=4 * unit)


def test_plain_numbers_and_constants_work_in_torch():
    shape = from_formula("where(alpha<3, 1, 2)/(1 + abs(alpha)*abs(x))*sqrt(alpha)", {"alpha": 4.0})
    module = surrogate.of(shape.definition)(*shape.values)
    x = torch.linspace(-1, 1, 5, dtype=torch.float64, requires_grad=True)
    (got,) = torch.autograd.grad(module(x).sum(), x)
    assert got.tolist() == pytest.approx((4 / (1 + 4 * x.detach().abs())).tolist())
    constant = surrogate.of(definition("1"))()
    assert torch.autograd.grad(constant(x).sum(), x)[0].tolist() == [1.0] * 5


def test_it_compiles_in_one_graph():
    torch._dynamo.reset()
    shape = from_formula("alpha*maximum(0, 1 - abs(x)*sqrt(alpha))", {"alpha": 2.0})
    module = surrogate.of(shape.definition)(*shape.values)
    x = torch.linspace(-1, 1, 9, requires_grad=True)
    compiled = torch.compile(module, fullgraph=True, backend="aot_eager")
    (got,) = torch.autograd.grad(compiled(x).sum(), x)
    assert torch.equal(got, torch.autograd.grad(module(x).sum(), x)[0])


def test_equal_texts_are_one_surrogate_and_pickle_finds_it():
    assert definition(FAST) is definition(f" {FAST} ")
    again = pickle.loads(pickle.dumps(from_formula(FAST, {"alpha": 3})))
    assert again == from_formula(FAST, {"alpha": 3.0})
    code = "import pickle, sys; print(pickle.load(sys.stdin.buffer).label)"
    module = pickle.dumps(from_formula(FAST, {"alpha": 3}))
    done = subprocess.run([sys.executable, "-c", code], input=module, capture_output=True)
    assert done.stdout.decode().strip() == f"formula:{FAST},alpha=3"


def test_a_primitive_by_quadrature_has_no_derivative():
    shape = from_formula(FAST, {"alpha": 3.0})
    assert shape.definition.by_quadrature
    with pytest.raises(ParameterError, match="by quadrature"):
        exact_slope(shape, 1.0)
    spikes = surrogate.of(shape.definition)(3.0, learnable=True)(torch.ones(()))
    with pytest.raises(ParameterError, match="cannot be trained"):
        spikes.backward()


@given(alpha=st.floats(0.1, 10))
def test_kinks_and_jumps_are_distinguished(alpha):
    kinked = from_formula("maximum(alpha - abs(x), 0)", {"alpha": alpha})
    assert kinked.kinks(-99, 99) == [-alpha, 0.0, alpha]
    assert kinked.jumps(-99, 99) == []
    jumping = from_formula("(x > alpha) + clip(x, -2, -1) + sign(x + 50)", {"alpha": alpha})
    assert jumping.jumps(-99, 99) == [-50.0, alpha]
    assert jumping.kinks(-99, 99) == [-2.0, -1.0]


def test_a_label_is_read_back_with_commas_in_the_formula():
    shape = from_formula("where(x<=b, minimum(a, 1), a/2)", {"a": 0.5, "b": 1})
    assert load.parse(shape.label).shape == shape
    assert split("formula:f(x, a <= b), alpha = 2") == ("f(x, a <= b)", [" alpha = 2"])


@pytest.mark.parametrize(
    ("text", "values", "says"),
    [
        (FAST, {}, "needs a value of alpha"),
        (FAST, {"alpha": 1, "beta": 2}, "has no parameter 'beta'"),
        (FAST, {"alpha": float("nan")}, "alpha = nan is outside its domain"),
        ("1/x", {}, "1/x is not a finite number at x = 0"),
        ("log(x)", {}, "not a finite number at x = 0"),
        ("sqrt(x)", {}, "not a finite number at x = -0.001"),
        ("1/(alpha*x*x)", {"alpha": 0}, "not a finite number at x = 0 with alpha = 0"),
        ("1/(x - 1)", {}, "not a finite number at x = 1"),
        ("((((9**64)**64)**64)**64)**64", {}, "not a finite number"),
        ("spiking*x", {"spiking": 1}, "cannot be the name of a parameter"),
        ("x.real", {}, "Attribute is not allowed"),
    ],
)
def test_a_wrong_formula_is_one_clear_line(text, values, says):
    with pytest.raises(SgError) as caught:
        from_formula(text, values)
    assert says in caught.value.message
    assert "\n" not in str(caught.value)


def test_a_pole_between_the_probes_is_an_error_at_evaluation():
    shape = from_formula("1/(x - 0.75)**2", {})
    with pytest.raises(SgError, match=r"has no value at x = 0\.75"):
        exact(shape, 0.75)


def test_nothing_of_a_formula_is_executed(capsys):
    done = sg(capsys, "compare", "--formula", "open('made', 'w')")
    assert done.status == 2
    assert done.err.splitlines()[0].startswith("Error: unknown function 'open'")
    assert not Path("made").exists()


def test_formulas_are_surrogates_for_the_commands(capsys):
    done = sg(capsys, "plot", "--formula", ATAN, "--alpha", "2")
    assert (done.status, done.out) == (0, "formula-alpha2.png\n")
    assert f"sg plot 'formula:{ATAN},alpha=2'".encode() in Path("formula-alpha2.png").read_bytes()
    words = ["compare", "atan", "--formula", ATAN, "--formula", FAST, "--alpha", "2,3"]
    rows = json.loads(sg(capsys, *words, "--format", "json").out)["rows"]
    assert [r["name"] for r in rows] == ["atan"] * 2 + [ATAN] * 2 + [FAST] * 2
    assert [rows[0][k] == rows[2][k] for k in ("peak", "fwhm", "tail")] == [True] * 3
    assert sg(capsys, "compare", f"formula:{FAST},alpha=3").status == 0


def test_it_is_shown_with_code_that_runs(capsys):
    words = ["show", "--formula", FAST, "--alpha", "3"]
    shown = sg(capsys, *words)
    assert shown.status == 0
    assert "no formula: the primitive of a formula is the integral" in shown.out
    assert "nan" not in shown.out
    (page,) = json.loads(sg(capsys, *words, "--format", "json").out)["rows"]
    assert page["primitive"] is None
    assert page["parameters"][0]["default"] is None
    code = sg(capsys, "show", "--formula", FAST, "--alpha", "3", "--code", "torch").out
    names: dict[str, object] = {}
    exec(code, names)
    x = torch.ones(1, requires_grad=True)
    names["Formula"]()(x).backward()
    assert x.grad.item() == pytest.approx(1 / 16)


def test_a_name_or_a_formula_is_required(capsys):
    done = sg(capsys, "compare")
    assert done.status == 2
    assert "Missing argument" in done.err
