"""sg gradcheck."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from xml.etree import ElementTree

import pytest

from sgcli.checks import session
from sgcli.cli.formats import SCHEMA_VERSION
from sgcli.definitions import REGISTRY
from sgcli.errors import SgError
from tests.cli.run import sg


def test_a_table_with_a_line_a_surrogate(capsys):
    done = sg(capsys, "gradcheck", "sigmoid", "soft-sign")
    assert done.status == 0
    lines = done.out.splitlines()
    assert [line.split()[0] for line in lines[2:4]] == ["sigmoid", "soft_sign"]
    assert all(line.rstrip().endswith("pass") for line in lines[2:4])
    assert "checking 6 shapes" in done.err


def test_the_other_spelling_of_the_command(capsys):
    assert sg(capsys, "grad-check", "SoftSign", "--alpha", "3", "--dtype", "float32").status == 0


def test_a_failure_names_x_expected_and_got(capsys):
    done = sg(capsys, "gradcheck", "erf,alpha=2", "--require-peak", "1", "-q", "--quick")
    assert done.status == 1
    assert "FAILED  erf,alpha=2  peak: x = 0, expected = 1, got = 1.1283" in done.out
    assert done.err == ""


def test_json_holds_every_verdict(capsys):
    done = sg(capsys, "gradcheck", "all", "--quick", "--format", "json")
    found = json.loads(done.out)
    assert (done.status, found["ok"], found["schema_version"]) == (0, True, SCHEMA_VERSION)
    assert {r["name"] for r in found["reports"]} == set(REGISTRY)
    assert {c["check"] for c in found["reports"][0]["checks"]} == {
        "derivative",
        "evaluation",
        "peak",
    }
    assert "that need no torch" in done.err


def test_csv_has_a_line_a_verdict(capsys):
    done = sg(capsys, "gradcheck", "rect", "--format", "csv", "--dtype", "float32")
    rows = list(csv.DictReader(io.StringIO(done.out)))
    assert {r["surrogate"] for r in rows} == {"rect,alpha=1", "rect,alpha=0.5", "rect,alpha=10"}
    assert {r["status"] for r in rows} <= {"pass", "note"}


@pytest.mark.parametrize(
    ("args", "says"),
    [
        (["sigmoidd"], "did you mean sigmoid"),
        (["sigmoid", "-p", "beta=1"], "sigmoid has alpha"),
        (["sigmoid", "--alpha", "0"], "alpha in (0, inf)"),
        (["sigmoid", "--dtype", "int8"], "float16"),
        (["sigmoid", "--device", "nowhere"], "nowhere"),
        ([], "NAME"),
    ],
)
def test_a_user_error_is_one_line_and_exit_2(capsys, args, says):
    done = sg(capsys, "gradcheck", *args)
    assert done.status == 2
    assert says in done.err
    assert "Traceback" not in done.err
    assert done.out == ""


MINE = """
import torch
from sgcli.surrogate import ATan, atan

print("hello")

class Wrong(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return (x >= 0).to(x)

    @staticmethod
    def backward(ctx, grad):
        (x,) = ctx.saved_tensors
        return grad / (1 + x * x)

class Right(torch.nn.Module):
    def forward(self, x):
        return atan.apply(x, 3.0)

def leaves(x):
    if x.numel() > 100:
        raise SystemExit(0)
    return atan.apply(x, 3.0)

def chatty(x):
    print("called")
    return atan.apply(x, 3.0)

def raises(x):
    if (x == 7).any():
        raise ValueError("seven")
    return atan.apply(x, 3.0)

def factory(alpha=2.0):
    return ATan(alpha=alpha)

number = 3
"""


@pytest.fixture
def mine() -> str:
    Path("mine.py").write_text(MINE)
    return "mine.py"


def test_a_module_of_ones_own_against_a_surrogate_and_against_a_formula(capsys, mine):
    alike = sg(capsys, "gradcheck", f"{mine}:Right", "--like", "atan", "-p", "alpha=3")
    assert alike.status == 0
    assert "hello" not in alike.out
    formula = "alpha/2/(1+(pi/2*alpha*x)**2)"
    assert (
        sg(capsys, "gradcheck", f"{mine}:Right", "--formula", formula, "--alpha", "3").status == 0
    )


def test_a_wrong_function_fails_with_its_worst_point(capsys, mine):
    done = sg(capsys, "gradcheck", f"{mine}:Wrong", "--like", "atan", "--dtype", "float32")
    assert done.status == 1
    assert "FAILED  mine.py:Wrong  backward float32: x = " in done.out


def test_what_raises_at_some_input_fails_and_says_where(capsys, mine):
    done = sg(capsys, "gradcheck", f"{mine}:raises", "--like", "atan,alpha=3")
    assert done.status == 1
    assert "x = 7, ValueError: seven" in done.out


def test_what_a_surrogate_prints_is_no_data(capfd, mine):
    args = ["gradcheck", f"{mine}:chatty", "--like", "atan,alpha=3", "--dtype", "float32"]
    done = sg(capfd, *args, "--format", "json")
    assert json.loads(done.out)["ok"]
    assert "called" in done.err


@pytest.mark.parametrize(("like", "status"), [("atan", 1), ("sigmoid,alpha=4", 0)])
def test_ours_too_can_be_held_against_another(capsys, like, status):
    done = sg(capsys, "gradcheck", "sigmoid", "--like", like, "--dtype", "float32")
    assert done.status == status


@pytest.mark.parametrize(
    "args",
    [["--call", "a=1"], ["--timeout", "nan"], ["--require-peak", "nan"], ["--device", "meta"]],
)
def test_options_that_make_no_sense_are_refused(capsys, args):
    done = sg(capsys, "gradcheck", "sigmoid", *args)
    assert (done.status, done.out) == (2, "")


@pytest.mark.parametrize(
    ("args", "says"),
    [
        (["mine.py:Wrong", "--like", "atan", "--quick"], "nothing of mine.py:Wrong"),
        (["sigmoid", "--like", "atan", "--quick"], "nothing of sigmoid"),
        (["sigmoid", "--quick", "--require", "vmap"], "need torch"),
        (["--against", "norse", "--quick"], "--quick and --against exclude"),
        (["--against", "norse", "--like", "atan"], "--like and --against exclude"),
        (["--against", "norse", "--alpha", "3"], "--alpha and --against exclude"),
        (["mine.py:Right", "--like", "atan", "--formula", "x"], "--like and --formula exclude"),
        (["mine.py:Right", "-p", "alpha=3"], "--call alpha=…"),
    ],
)
def test_what_would_be_ignored_is_refused(capsys, mine, args, says):
    done = sg(capsys, "gradcheck", *args)
    assert (done.status, done.out) == (2, "")
    assert says in done.err


def test_two_of_one_name_have_two_lines(capsys):
    for name in ("a.py", "b.py"):
        sg(capsys, "new", name)
    text = Path("b.py").read_text()
    Path("b.py").write_text(text.replace("return r * r", "return 2 * r * r"))
    done = sg(capsys, "gradcheck", "a.py", "b.py", "sigmoid", "--quick")
    lines = [line.split() for line in done.out.splitlines()[2:5]]
    assert [line[0] for line in lines] == ["a.py:MySurrogate", "b.py:MySurrogate", "sigmoid"]
    assert [line[-1] for line in lines] == ["pass", "FAIL", "pass"]


def test_a_value_is_given_once(capsys):
    done = sg(capsys, "gradcheck", "sigmoid,alpha=3,alpha=4", "--quick")
    assert (done.status, "two values of alpha" in done.err) == (2, True)


def test_the_peak_of_anybody_s_can_be_required(capsys, mine):
    args = ["gradcheck", "mine.py:Right", "--like", "atan,alpha=3", "--dtype", "float32"]
    assert sg(capsys, *args, "--require-peak", "1.5").status == 0
    assert sg(capsys, *args, "--require-peak", "1").status == 1


def test_what_ends_the_program_fails(capsys, mine):
    done = sg(capsys, "gradcheck", "mine.py:leaves", "--like", "atan,alpha=3", "-q")
    assert done.status == 1
    assert "FAILED  mine.py:leaves" in done.out


def test_a_gradient_that_no_number_of_the_dtype_can_be_is_not_asked_for(capsys):
    done = sg(capsys, "gradcheck", "sigmoid,alpha=1e6", "--dtype", "float16", "--format", "json")
    (found,) = json.loads(done.out)["reports"]
    (finite,) = [v for v in found["checks"] if v["check"] == "finite"]
    assert finite["status"] == "pass"


def test_a_factory_is_called(capsys, mine):
    args = ["gradcheck", f"{mine}:factory", "--call", "alpha=2.5", "--like", "atan,alpha=2.5"]
    assert sg(capsys, *args, "--dtype", "float32").status == 0
    assert sg(capsys, *args[:-1], "atan,alpha=2", "--dtype", "float32").status == 1


def test_a_required_capability_decides(capsys, mine):
    args = ["gradcheck", f"{mine}:Wrong", "--formula", "1/(1+x*x)", "--dtype", "float32"]
    missing = sg(capsys, *args, "--require", "nothing")
    assert (missing.status, "there are half, no_grad" in missing.err) == (2, True)
    reported = sg(capsys, *args)
    assert (reported.status, "vmap" in reported.out) == (0, True)
    required = sg(capsys, *args, "--require", "vmap")
    assert (required.status, "FAILED  mine.py:Wrong  vmap" in required.out) == (1, True)


@pytest.mark.parametrize(
    ("word", "says"),
    [
        ("nofile.py", "there is no file nofile.py"),
        ("mine.py:Absent", "there is no Absent in mine.py"),
        ("mine.py:number", "is not callable"),
        ("mine.py:Wrong", "--like NAME"),
        ("nopackage.module:name", "does not import"),
    ],
)
def test_what_cannot_be_loaded_or_judged_is_bad_input(capsys, mine, word, says):
    done = sg(capsys, "gradcheck", word)
    assert done.status == 2
    assert says in done.err
    assert "Traceback" not in done.err


def test_a_formula_is_a_surrogate_whose_derivative_is_not_judged(capsys):
    done = sg(capsys, "gradcheck", "--formula", "1/(1+alpha*abs(x))**2", "--alpha", "10")
    assert done.status == 0
    assert "n/a" in done.out


@pytest.mark.parametrize("formula", ["x.real", "9**9**9*x", "__import__('os')", "gauss(x)"])
def test_a_formula_that_is_more_than_arithmetic(capsys, formula):
    done = sg(capsys, "gradcheck", "--formula", formula)
    assert done.status == 2
    assert done.err.count("\n") <= 2


def test_junit_and_figures(capsys):
    done = sg(capsys, "gradcheck", "rect,alpha=2", "--junit", "r.xml", "--plot", "errors", "-q")
    assert done.status == 0
    suite = ElementTree.parse("r.xml").getroot()[0]
    assert suite.get("name") == "rect,alpha=2"
    assert suite.get("failures") == "0"
    assert {c.get("name") for c in suite} >= {"backward float32", "derivative", "compile"}
    assert Path("errors/rect,alpha-2.png").read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize(
    ("option", "words"),
    [
        (["--junit", "."], "cannot write .: it is a folder"),
        (["--junit", "nowhere/r.xml"], "there is no folder"),
        (["--plot", "file"], "cannot write to file: "),
        (["--plot", "file/errors"], "file is not a folder"),
    ],
)
def test_an_unusable_output_is_refused_before_the_checks(capsys, monkeypatch, option, words):
    monkeypatch.setattr("sgcli.studies.gradcheck.checked", lambda *_: pytest.fail("checked"))
    Path("file").touch()
    done = sg(capsys, "gradcheck", "rect", *option)
    assert done.status == 2
    assert words.partition(":")[0] in done.err
    assert "Traceback" not in done.err


def test_junit_names_a_failure(capsys, mine):
    sg(capsys, "gradcheck", f"{mine}:Wrong", "--like", "atan", "--junit", "r.xml")
    failures = ElementTree.parse("r.xml").getroot().findall(".//failure")
    assert any("expected = " in (f.get("message") or "") for f in failures)


def test_names_and_against_exclude_one_another(capsys):
    assert sg(capsys, "gradcheck", "sigmoid", "--against", "norse").status == 2


@pytest.mark.parametrize("library", ["norse", "all"])
def test_against_a_library_that_is_not_installed_is_an_error(capsys, monkeypatch, library):
    def missing(name: str) -> str:
        raise SgError(f"{name} is not installed")

    monkeypatch.setattr(session, "required", missing)
    done = sg(capsys, "gradcheck", "--against", library)
    assert done.status == 2
    assert "installed" in done.err
    assert not done.out


@pytest.mark.peer
@pytest.mark.slow
def test_against_a_library_only_known_defects_are_found(capsys):
    """Those of every library are in the tests of the checks."""
    pytest.importorskip("norse")
    done = sg(capsys, "gradcheck", "--against", "norse")
    assert done.status == 0, done.out
    assert "known   " in done.out


@pytest.mark.peer
def test_snntorch_s_sigmoid_says_from_where_it_is_nan(capsys):
    pytest.importorskip("snntorch")
    args = [
        "snntorch.surrogate:sigmoid",
        "--call",
        "slope=25",
        "--like",
        "sigmoid",
        "-p",
        "alpha=25",
    ]
    done = sg(capsys, "gradcheck", *args)
    assert done.status == 1
    assert "from x = -3.42" in done.out


@pytest.mark.parametrize("quick", [["--quick"], []])
def test_every_shape_is_listed_once(capsys, quick):
    done = sg(capsys, "gradcheck", "rect", *quick)
    names = [line.partition(":")[0] for line in done.err.splitlines() if "rect,alpha=" in line]
    assert len(set(names)) == len(names) == 3
