"""What others wrote: every kind of object, every way to know its truth, and bad input."""

from __future__ import annotations

import textwrap
from pathlib import Path

import numpy as np
import pytest
import torch

from sgcli.checks.dtypes import FORMATS
from sgcli.checks.on_torch import foreign, own, values
from sgcli.checks.on_torch.run import of_torch
from sgcli.checks.subject import Subject
from sgcli.definitions import Shape, load
from sgcli.definitions.evaluate import curve
from sgcli.definitions.formulas import from_formula
from sgcli.errors import SgError

MINE = """
    import torch
    from torch import nn
    from sgcli.surrogate import SurrogateFunctionBase

    print("no data")

    class Modern(torch.autograd.Function):
        generate_vmap_rule = True

        @staticmethod
        def forward(x, alpha=4.0):
            return (x >= 0).to(x)

        @staticmethod
        def setup_context(ctx, inputs, output):
            ctx.save_for_backward(inputs[0])
            ctx.alpha = inputs[1] if len(inputs) > 1 else 4.0
            ctx.count = len(inputs)

        @staticmethod
        def backward(ctx, grad):
            (x,) = ctx.saved_tensors
            z = ctx.alpha * x.to(torch.float32 if x.dtype.itemsize < 4 else x.dtype)
            slope = ctx.alpha * z.sigmoid() * (-z).sigmoid()
            return ((grad * slope).to(x.dtype), None)[: ctx.count]

    class Old(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x, alpha):
            ctx.save_for_backward(x)
            ctx.alpha = alpha
            return (x >= 0).to(x)

        @staticmethod
        def backward(ctx, grad):
            (x,) = ctx.saved_tensors
            z = ctx.alpha * x
            return grad * ctx.alpha * z.sigmoid() * (-z).sigmoid(), None

    class Module(nn.Module):
        def __init__(self, alpha=4.0):
            super().__init__()
            self.alpha = alpha

        def forward(self, x):
            return Modern.apply(x, self.alpha)

    instance = Module()

    def factory(alpha=4.0):
        return lambda x: Modern.apply(x, alpha)

    def function(x):
        return Modern.apply(x)

    class Own(SurrogateFunctionBase):
        def __init__(self, alpha=4.0, spiking=True):
            super().__init__(spiking, alpha=alpha)

        @staticmethod
        def spiking_function(x, alpha):
            return Modern.apply(x, alpha)

        @staticmethod
        def primitive_function(x, alpha):
            return torch.sigmoid(alpha * x)

    class WrongOwn(Own):
        @staticmethod
        def spiking_function(x, alpha):
            return Modern.apply(x, 1.001 * alpha)

    class ForgetsAlpha(Own):
        @staticmethod
        def spiking_function(x, alpha):
            return Modern.apply(x, 4.0)

    class Circular(Own):
        @staticmethod
        def primitive_function(x, alpha):
            return Modern.apply(x, alpha)

    class NoPrimitive(Own):
        @staticmethod
        def primitive_function(x, alpha):
            raise NotImplementedError

    number = 3

    def returns_a_number(x):
        return 3

    def raises(x):
        raise RuntimeError("never")

    def raises_somewhere(x):
        if (x > 5).any():
            raise RuntimeError("too far")
        return Modern.apply(x)

    def loses_shape(x):
        return Modern.apply(x).sum()

    def loops(x):
        while True:
            pass
"""
LIKE = Shape.of(load.find("sigmoid"), alpha=4.0)
FORMULA = from_formula("alpha*sigmoid(alpha*x)*sigmoid(-alpha*x)", {"alpha": 4.0})


@pytest.fixture(autouse=True)
def _mine() -> None:
    Path("mine.py").write_text(textwrap.dedent(MINE))


def subject(name: str, truth: Shape | None = LIKE, **calls: str) -> Subject:
    return foreign.subject_of(f"mine.py:{name}", calls, truth)


def failed(checked: Subject) -> set[str]:
    found = of_torch(checked, ["float64", "float32"], capabilities=False)
    return {v.check for v in found if v.status == "fail"}


KINDS = [
    ("Modern", {}),
    ("Modern", {"alpha": "4"}),
    ("Modern.apply", {}),
    ("Old", {"alpha": "4.0"}),
    ("Old.apply", {"alpha": "4.0"}),
    ("Module", {}),
    ("Module", {"alpha": "4"}),
    ("instance", {}),
    ("factory", {"alpha": "4."}),
    ("factory", {}),
    ("function", {}),
    ("Own", {}),
]


@pytest.mark.parametrize(("name", "calls"), KINDS)
def test_every_kind_of_object_gives_spikes_with_its_gradient(name, calls):
    found = subject(name, **calls)
    x = torch.linspace(-2, 2, 9, dtype=torch.float64, requires_grad=True)
    spikes = found.function(x)
    (gradient,) = torch.autograd.grad(spikes.sum(), x)
    assert spikes.tolist() == [0.0] * 4 + [1.0] * 5
    want = curve(found.shape, x.detach().numpy())
    assert gradient.tolist() == pytest.approx(want.tolist(), rel=1e-14)
    assert not found.ours
    assert found.like == "sigmoid,alpha=4"


def test_a_right_one_passes_and_a_wrong_one_does_not():
    assert failed(subject("function")) == set()
    wrong = Shape.of(load.find("sigmoid"), alpha=4.004)
    assert "backward" in failed(subject("function", wrong))


def test_a_formula_is_a_truth():
    assert failed(subject("function", FORMULA)) == set()
    assert "backward" in failed(subject("function", from_formula("exp(-x*x)", {})))


def test_its_own_primitive_is_a_truth():
    found = subject("Own", None)
    assert (found.like, found.ours) == ("own", False)
    assert failed(found) == set()
    assert "backward" in failed(subject("WrongOwn", None))
    assert failed(subject("ForgetsAlpha", None)) == {"parameters"}


@pytest.mark.parametrize("name", ["function", "Module", "Circular", "NoPrimitive", "Modern"])
def test_without_a_truth_the_hint_says_how_to_give_one(name):
    with pytest.raises(SgError, match=r"--like NAME .* --formula EXPRESSION"):
        subject(name, None)


def test_a_module_of_ours_is_checked_by_its_definition():
    found = foreign.subject_of("sgcli.surrogate:Sigmoid", {"alpha": "3"}, None)
    assert found.ours
    assert found.shape.label == "sigmoid,alpha=3"


@pytest.mark.parametrize(
    ("name", "calls", "says"),
    [
        ("number", {}, "it is int, which is not callable"),
        ("returns_a_number", {}, "returned int, not a tensor"),
        ("raises", {}, "RuntimeError: never"),
        ("Old", {}, "cannot be called: TypeError"),
        ("Old", {"beta": "1"}, "no argument beta; it has alpha"),
        ("Module", {"beta": "1"}, "unexpected keyword argument 'beta'"),
        ("missing", {}, "there is no missing"),
    ],
)
def test_what_cannot_be_called_is_bad_input(name, calls, says):
    with pytest.raises(SgError) as caught:
        subject(name, **calls)
    assert says in caught.value.message
    assert "\n" not in caught.value.message


def test_a_call_that_never_ends_is_stopped():
    with pytest.raises(SgError, match="did not finish within"):
        foreign.subject_of("mine.py:loops", {}, LIKE, timeout=0.3)


def test_what_fails_at_some_inputs_or_changes_the_shape_has_failed():
    assert {"forward", "backward"} <= failed(subject("raises_somewhere"))
    assert "forward" in failed(subject("loses_shape"))


def test_loading_and_calling_print_nothing_on_stdout(capsys):
    Path("loud.py").write_text(
        "print(1)\nfrom torch import relu\ndef f(x):\n print(2)\n return x\n"
    )
    foreign.subject_of("loud.py:f", {}, LIKE)
    assert capsys.readouterr() == ("", "1\n2\n")


@pytest.mark.parametrize("place", [-3.7, -1.0, 0.0, 0.5, 2.25])
def test_discontinuities_are_found_where_they_are(place):
    found = own.discontinuities(lambda x: np.where(x < place, 7 + np.tanh(25 * x), x))
    assert found == pytest.approx([place], abs=1e-15)
    assert own.discontinuities(lambda x: np.exp(-np.abs(x - place))) == []


def test_an_own_truth_knows_both_sides_of_its_jump_and_its_kinks():
    shape = own.shape_of(lambda x: torch.clip(2 * x + 0.5, 0, 1), "ramp")
    assert [round(j, 12) for j in shape.jumps(-9, 9)] == [-0.25, 0.25]
    bent = own.shape_of(lambda x: torch.where(x < 0, x, x - x * x / 2), "bent")
    assert (bent.jumps(-9, 9), len(bent.kinks(-9, 9))) == ([], 1)


@pytest.mark.peer
def test_snntorch_is_known_to_fire_above_the_threshold():
    pytest.importorskip("snntorch")
    like = Shape.of(load.find("sigmoid"), alpha=25.0)
    found = foreign.subject_of("snntorch.surrogate:sigmoid", {"slope": "25"}, like)
    assert found.name == "snntorch.surrogate:sigmoid(slope=25)"
    assert curve(found.shape, [0.0], "forward").tolist() == [0.0]
    verdicts = of_torch(found, ["float32"], capabilities=False)
    finite = [v for v in verdicts if v.check == "finite"]
    assert finite[0].status == "fail"
    assert finite[0].x == pytest.approx(-3.4, abs=0.05)


@pytest.mark.peer
@pytest.mark.parametrize("name", ["ATan", "PiecewiseLeakyReLU", "Rect", "LogTailedReLU", "Erf"])
def test_what_spikingjelly_has_right_is_right_by_its_own_primitive(name):
    pytest.importorskip("spikingjelly")
    found = foreign.subject_of(f"spikingjelly.activation_based.surrogate:{name}", {}, None)
    assert failed(found) == set()


FACTORY = """
import torch

class Fast(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, slope):
        ctx.save_for_backward(x)
        ctx.slope = slope
        return (x >= 0).to(x)

    @staticmethod
    def backward(ctx, g):
        (x,) = ctx.saved_tensors
        return g / (1 + ctx.slope * x.abs()) ** 2, None

def factory(slope):
    return lambda x: Fast.apply(x, slope)

def function(x, slope):
    return Fast.apply(x, slope)

class Module(torch.nn.Module):
    def __init__(self, slope):
        super().__init__()
        self.slope = slope

    def forward(self, x):
        return Fast.apply(x, self.slope)
"""


@pytest.mark.parametrize("name", ["factory", "function", "Module"])
def test_a_missing_argument_is_asked_for_and_given(name, tmp_path):
    path = tmp_path / "mine.py"
    path.write_text(FACTORY)
    truth = load.parse("fast_sigmoid,alpha=25").shape
    with pytest.raises(SgError, match="it needs a value of slope: --call slope=VALUE"):
        foreign.subject_of(f"{path}:{name}", {}, truth)
    subject = foreign.subject_of(f"{path}:{name}", {"slope": "25"}, truth)
    assert values.backward(subject, FORMATS["float64"], "cpu").status == "pass"
