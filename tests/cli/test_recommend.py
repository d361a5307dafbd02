"""sg recommend."""

from __future__ import annotations

import csv
import io
import json
import re
import subprocess
import sys
from statistics import NormalDist

import pytest

from sgcli.cli.formats import SCHEMA_VERSION
from sgcli.definitions import REGISTRY, Shape
from sgcli.definitions.formulas import from_formula
from sgcli.theory.flow import predict
from sgcli.theory.recommend import NORMALISE
from tests.cli.run import sg


def test_the_line_to_paste_has_ratio_1(capsys):
    from sgcli import surrogate

    done = sg(capsys, "recommend", "atan", "--rate", "0.3", "--format", "csv")
    rows = list(csv.DictReader(io.StringIO(done.out)))
    assert [row["normalise"] for row in rows] == list(NORMALISE)
    mu = NormalDist().inv_cdf(0.3)
    for row in rows:
        made = eval(row["code"], {"surrogate": surrogate})
        shape = Shape.of(REGISTRY["atan"], alpha=made.alpha)
        assert predict(shape, 20, mu).ratio * float(row["scale"]) == pytest.approx(1, abs=1e-3)


def test_json_has_all_roots_of_every_entry(capsys):
    done = sg(capsys, "recommend", "all", "--mu", "-0.5", "--depth", "20", "--format", "json")
    document = json.loads(done.out)
    assert (done.status, document["schema_version"]) == (0, SCHEMA_VERSION)
    assert (document["mu"], document["depth"], document["ratio"]) == (-0.5, 20, 1.0)
    names = [row["name"] for row in document["rows"] if row["normalise"] == "none"]
    assert names == list(REGISTRY)
    for row in document["rows"]:
        assert (row["value"] is None) == (row["code"] is None) == (row["scale"] is None)
        assert row["value"] in row["values"] or row["note"]


def test_a_target_is_over_all_layers(capsys):
    words = ("recommend", "erf", "--target", "100", "--depth", "10", "--format", "json")
    row = json.loads(sg(capsys, *words).out)["rows"][0]
    factor = predict(Shape.of(REGISTRY["erf"], alpha=row["value"]), 10, -0.5).factor
    assert factor == pytest.approx(100, rel=1e-9)


def test_weights_that_are_not_normalised(capsys):
    words = ("--weight-std", "0.05", "--fan-in", "784", "--sd", "0.65", "--format", "json")
    done = sg(capsys, "recommend", "sigmoid", *words)
    document = json.loads(done.out)
    assert document["gain"] == pytest.approx(0.05 * 28)
    shape = Shape.of(REGISTRY["sigmoid"], alpha=document["rows"][0]["value"])
    flow = predict(shape, 1, means=[-0.5 * 0.65], deviations=[0.65], gains=0.05 * 28)
    assert flow.ratio == pytest.approx(1, rel=1e-9)
    assert "standard deviation 0.6466" in done.err


def test_a_surrogate_of_yours_is_named_as_the_command_line_has_it(capsys):
    text = "exp(-(alpha*x)**2)"
    words = ("--formula", text, "--alpha", "2", "--format", "csv")
    row = next(csv.DictReader(io.StringIO(sg(capsys, "recommend", *words).out)))
    expression, _, value = row["code"].rpartition(",alpha=")
    assert expression == f"formula:{text}"
    shape = from_formula(text, {"alpha": float(value)})
    assert predict(shape, 1, -0.5).ratio == pytest.approx(1, abs=1e-5)


@pytest.mark.parametrize(
    ("words", "error"),
    [
        (["atan", "--mu", "1", "--rate", "0.3"], "exclude one another"),
        (["atan", "--rate", "1"], "range between 0 and 1"),
        (["atan", "--mu", "nan"], "not in the range"),
        (["atan", "--depth", "0"], "1 or more"),
        (["atan", "--fan-in", "784"], "need one another"),
        (["atan", "--solve", "beta"], "no parameter 'beta'"),
        (["atan", "--method", "flow"], "is now gone"),
        (["atan", "--sort", "beauty"], "the columns are"),
        ([], "NAME"),
    ],
)
def test_an_error_is_told_with_its_remedy(words, error, capsys):
    done = sg(capsys, "recommend", *words)
    assert (done.status, done.out) == (2, "")
    assert error in done.err


def test_what_does_not_apply_is_told_in_the_row(capsys):
    done = sg(capsys, "recommend", "window", "--format", "md")
    assert re.search(r"r is .* for w from 0 to .*; the gradient times 0\.55", done.out)
    assert "the area of the gradient is infinite" in done.out
    assert "nan" not in done.out


def test_no_torch_is_imported():
    code = (
        "import sys; from sgcli.cli.main import main; main(['recommend', 'atan', 'sso']); "
        "sys.exit('torch' in sys.modules or 'matplotlib' in sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], capture_output=True, check=True)


def test_a_formula_is_offered_no_gradient_that_is_negative(capsys):
    words = ["--formula", "h*maximum(0,1-abs(x)/w)", "-p", "h=0.3", "-p", "w=1"]
    done = sg(capsys, "recommend", *words)
    assert done.status == 0
    assert "h=0.970889" in done.out
    assert "-0.97" not in done.out


def test_no_surrogate_is_offered_to_a_silent_layer(capsys):
    words = ["--mu", "-3.69", "--sd", "0.298", "--weight-std", "0.0481", "--fan-in", "144"]
    done = sg(capsys, "recommend", "atan", *words, "--format", "json")
    for row in json.loads(done.out)["rows"]:
        assert row["code"] in (None, "")
        assert "firing rate 0.0001 is silent: no surrogate helps" in row["note"]


def test_flow_says_that_layers_are_silent(capsys):
    done = sg(capsys, "flow", "atan", "--mu", "-3.69", "--predict")
    assert "the layers are silent" in done.err
    assert "1/(p(1 − p)) = 9e+03" in done.err
    assert "silent" not in sg(capsys, "flow", "atan", "--predict").err
