"""sg flow, of surrogates and of a run."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys

import pytest
import torch

from sgcli.training.run import checkpoint
from tests.cli.run import sg

SMALL = ("--units", "64", "--batch", "64", "--seeds", "2")


def test_predicted_and_measured(capsys):
    found = sg(capsys, "flow", "sigmoid", "atan", "--depth", "6", *SMALL, "--format", "json")
    assert found.status == 0
    told = json.loads(found.out)
    assert [row["name"] for row in told["rows"]] == ["sigmoid", "atan"]
    for row, numbers in zip(told["rows"], told["flows"], strict=True):
        assert row["factor"] == pytest.approx(row["ratio"] ** 6)
        assert row["measured"] == pytest.approx(row["ratio"], rel=0.1)
        assert row["measured_deviation"] > 0
        assert row["off"] == pytest.approx(100 * (row["measured"] / row["ratio"] - 1))
        assert row["verdict"] == "keeps"
        assert row["currents"] == "standardised"
        assert len(numbers["ratios"]) == 6
        assert len(numbers["measured_log_norms"]) == 7
    assert told["depth"] == 6
    assert told["normalise"] is True


def test_steps_and_currents_as_they_are(capsys):
    found = sg(
        capsys, "flow", "atan", "--depth", "3", "--time", "3", "--no-detach-reset",
        "--no-normalise", *SMALL, "--format", "json",
    )  # fmt: skip
    (row,) = json.loads(found.out)["rows"]
    assert row["currents"] == "as they are"
    assert row["measured_through_time"] == pytest.approx(row["through_time"], rel=0.2)
    assert row["worst"] is None


@pytest.mark.parametrize("figure", ["layers", "time", "heatmap", "membrane"])
def test_figures(capsys, tmp_path, figure):
    file = tmp_path / "flow.svg"
    found = sg(
        capsys, "flow", "atan", "window", "--depth", "2", "--time", "2", *SMALL,
        "--figure", figure, "-o", str(file),
    )  # fmt: skip
    assert (found.status, file.exists()) == (0, True)
    assert "2 layers" in found.out
    assert f"--time 2 --figure {figure}" in file.read_text()


def test_verdicts_have_bounds(capsys):
    args = ("flow", "fast_sigmoid", "window", "atan", "--depth", "10", "--predict")
    rows = json.loads(sg(capsys, *args, "--format", "json").out)["rows"]
    assert [row["verdict"] for row in rows] == ["vanishes", "keeps", "keeps"]
    rows = json.loads(sg(capsys, *args, "--verdict", "0.5,10", "--format", "json").out)["rows"]
    assert [row["verdict"] for row in rows] == ["vanishes", "explodes", "vanishes"]


def test_all_are_predicted_without_torch():
    code = (
        "import sys; from sgcli.cli.main import main; "
        "main(['flow', 'all', '--depth', '20', '--predict', '--format', 'json']); "
        "sys.exit('torch' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert all(row["ratio"] for row in json.loads(done.stdout)["rows"])


@pytest.mark.parametrize(
    ("mu", "what"), [("-60", "not applicable"), ("-9", "the gradient became exactly 0")]
)
def test_what_has_no_value_says_why(capsys, mu, what):
    found = sg(capsys, "flow", "atan", "--depth", "2", "--mu", mu, *SMALL, "--format", "json")
    (row,) = json.loads(found.out)["rows"]
    assert row["measured"] is None
    assert what in row["note"]
    assert "NaN" not in found.out


@pytest.mark.parametrize(
    ("args", "what"),
    [
        (("--time", "4", "--block", "sew"), "one time step"),
        (("--figure", "time"), "needs time steps"),
        (("--figure", "coherence"), "it is layers or time or heatmap or membrane"),
        (("--figure", "membrain"), "Did you mean membrane?"),
        (("--steps", "3"), "--steps does nothing without --train"),
        (("--figure", "heatmap", "--depth", "1"), "needs layers"),
        (("--predict", "--no-normalise"), "measure it too"),
        (("--verdict", "3,1"), "out of order"),
        (("--batch", "1"), "cannot be standardised"),
        (("--tau", "0.5"), "0.5 is not in the range"),
        (("--depth", "0"), "0 is not in the range"),
    ],
)
def test_errors(capsys, args, what):
    given = args if "--depth" in args else ("--depth", "3", *args)
    found = sg(capsys, "flow", "atan", *given)
    assert found.status == 2
    assert what in found.err


@pytest.fixture(scope="module")
def run_folder(tmp_path_factory):
    from sgcli.training.run.runs import run
    from sgcli.training.settings import settings_for

    settings = settings_for(
        "mnist", surrogate="atan", limit=256, epochs=1, hidden=[64, 48], time=3, threads=1
    )
    return run(settings, tmp_path_factory.mktemp("runs")).folder


def test_a_trained_network(capsys, run_folder, tmp_path):
    found = sg(
        capsys, "flow", "--run", str(run_folder), "--batch", "100", "--format", "json",
        "-o", str(tmp_path / "layers.svg"),
    )  # fmt: skip
    assert found.status == 0
    told = json.loads(found.out)
    assert [row["neurons"] for row in told["rows"]] == [64, 48, 10]
    assert told["batch"] == 100
    first = told["rows"][0]
    assert first["deviation"] > 0
    assert first["gaussian"] == pytest.approx(first["ratio"], rel=0.1)
    # A network that has hardly been trained is still near the theory.
    assert first["measured"] == pytest.approx(first["ratio"], rel=0.4)
    figure = ("--figure", "membrane", "-o", str(tmp_path / "membrane.svg"))
    assert sg(capsys, "flow", "--run", str(run_folder), *figure).status == 0


def test_a_run_that_is_none(capsys, tmp_path, run_folder):
    found = sg(capsys, "flow", "--run", str(tmp_path))
    assert (found.status, "is not a run" in found.err) == (2, True)


@pytest.mark.parametrize(
    ("args", "what"),
    [
        (("atan",), "takes no names"),
        (("--alpha", "3"), "--alpha does nothing with --run"),
        (("-p", "alpha=3"), "--param does nothing with --run"),
        (("--time", "3"), "--time does nothing with --run"),
        (("--detach-reset",), "--detach-reset does nothing with --run"),
        (("--predict",), "--predict does nothing with --run"),
        (("--train",), "exclude one another"),
        (("--figure", "heatmap"), "it is layers or membrane"),
    ],
)
def test_a_run_takes_what_acts_on_it(capsys, tmp_path, args, what):
    found = sg(capsys, "flow", "--run", str(tmp_path), *args)
    assert (found.status, what in found.err) == (2, True)


def test_an_option_that_does_nothing_is_refused_as_a_variable_too(capsys, tmp_path, monkeypatch):
    monkeypatch.setenv("SG_FLOW_TIME", "3")
    found = sg(capsys, "flow", "--run", str(tmp_path))
    assert (found.status, "--time does nothing with --run" in found.err) == (2, True)


def test_something_is_named(capsys):
    found = sg(capsys, "flow", "--predict")
    assert (found.status, "NAME" in found.err) == (2, True)


def test_weights_of_another_kind_are_refused(capsys, tmp_path, run_folder):
    copied = shutil.copytree(run_folder, tmp_path / "run")
    state = checkpoint.read(copied / checkpoint.NEWEST)
    weights = state["trainer"]["network"]
    weights["linears.0.weight"] = weights["linears.0.weight"].to(torch.complex64)
    checkpoint.save(copied, state)
    found = sg(capsys, "flow", "--run", str(copied))
    assert found.status == 2
    assert "network.linears.0.weight is of torch.complex64, not torch.float32" in found.err
