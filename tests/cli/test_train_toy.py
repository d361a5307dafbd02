"""sg train-toy."""

from __future__ import annotations

import functools
import gzip
import json
import signal
import statistics
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from sgcli.cli.formats import SCHEMA_VERSION
from sgcli.cli.main import main
from sgcli.figures import run
from sgcli.training.data import tasks
from sgcli.training.data.samples import Data
from sgcli.training.run.schema import FIGURES
from tests.cli.run import sg

pytestmark = pytest.mark.usefixtures("without_figures")
DRAW = run.draw

SHORT = ("--limit", "200", "--hidden", "16", "--time", "4", "--threads", "1", "--batch-size", "50")


@functools.cache
def mnist() -> Data:
    return tasks.mnist()


@pytest.fixture(autouse=True)
def _read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Reading and checking MNIST takes longer than all the rest."""
    monkeypatch.setitem(tasks.LOADERS, "mnist", lambda settings: mnist())


def train(capsys: Any, *args: str, out: str = "runs") -> Any:
    return sg(capsys, "train-toy", "mnist", *SHORT, "--out", out, *args)


def test_a_run_and_the_same_again(capsys, monkeypatch):
    monkeypatch.setattr(run, "draw", DRAW)
    done = train(capsys, "--surrogate", "soft-sign", "--seed", "3")
    assert done.status == 0
    assert "soft_sign,alpha=2 " in done.out
    (folder,) = Path("runs").iterdir()
    assert folder.name in done.out
    assert "epoch 1 step 4/4  test" in done.err
    assert {f"{name}.png" for name in FIGURES} <= {file.name for file in folder.iterdir()}
    again = train(capsys, "--surrogate", "SoftSign,alpha=2", "--seed", "3")
    assert again.out == done.out
    assert "is finished" in again.err
    assert "epoch" not in again.err


def test_json(capsys):
    done = train(capsys, "-q", "--surrogate", "atan", "--format", "json")
    assert done.err == ""
    found = json.loads(done.out)
    assert found["schema_version"] == SCHEMA_VERSION
    assert 0 <= found["test_accuracy"] <= 1
    assert found["test_accuracy"] * 200 == pytest.approx(round(found["test_accuracy"] * 200))
    assert found["samples_per_second"] > 0
    assert found["rows"][0]["runs"][0]["seed"] == 0


def test_event_files(capsys):
    pytest.importorskip("tensorboard")
    assert train(capsys, "--tensorboard").status == 0
    assert len(list(Path("runs").glob("*/tensorboard/events.out.tfevents.*"))) == 1


def test_several_surrogates_and_seeds(capsys):
    done = train(
        capsys, "--surrogate", "sigmoid", "--surrogate", "atan", "--alpha", "1,3", "--seeds", "2",
        "--format", "json",
    )  # fmt: skip
    rows = json.loads(done.out)["rows"]
    assert [r["surrogate"] for r in rows] == [
        "sigmoid,alpha=1.0", "sigmoid,alpha=3.0", "atan,alpha=1.0", "atan,alpha=3.0",
    ]  # fmt: skip
    assert all(r["seeds"] == [0, 1] for r in rows)
    for r in rows:
        reached = [run["test_accuracy"] for run in r["runs"]]
        assert r["test_accuracy"] == pytest.approx(statistics.fmean(reached))
        assert r["test_accuracy_sd"] == pytest.approx(statistics.stdev(reached))
    assert len({run["folder"] for r in rows for run in r["runs"]}) == 8
    assert len(list(Path("runs").iterdir())) == 8
    table = train(capsys, "--surrogate", "sigmoid", "--alpha", "1", "--seeds", "2").out
    assert "± sd" in table


def test_precedence(capsys, monkeypatch):
    def seed(*args: str) -> int:
        done = train(capsys, "-q", "--format", "json", *args)
        found: int = json.loads(done.out)["seed"]
        return found

    Path("pyproject.toml").write_text("[tool.sg.train-toy]\nseed = 1\n")
    assert seed() == 1
    Path("sg.toml").write_text("[train-toy]\nseed = 2\n")
    assert seed() == 2
    Path("run.toml").write_text('seed = 3\nsurrogate = ["sigmoid"]\n')
    assert seed("--config", "run.toml") == 3
    monkeypatch.setenv("SG_TRAIN_TOY_SEED", "4")
    assert seed("--config", "run.toml") == 4
    assert seed("--config", "run.toml", "--seed", "5") == 5


def test_a_file_names_surrogates_and_parameters_as_the_options_do(capsys):
    Path("one.toml").write_text('surrogate = "atan"\nalpha = [1, 2.5]\nbatch-size = 20\n')
    Path("two.toml").write_text('surrogate = ["s2nn"]\nalpha = 3\nparam = ["beta=2"]\nseeds = 2\n')
    found = {}
    for name in ("one", "two"):
        done = train(capsys, "--config", f"{name}.toml", "--format", "json")
        found[name] = json.loads(done.out)["rows"]
    assert [r["surrogate"] for r in found["one"]] == ["atan,alpha=1.0", "atan,alpha=2.5"]
    assert [r["surrogate"] for r in found["two"]] == ["s2nn,alpha=3.0,beta=2.0"]
    assert found["two"][0]["seeds"] == [0, 1]


def test_the_config_of_a_run_names_the_same_run(capsys):
    given = ("--surrogate", "erf,alpha=1.25", "--lr", "0.003", "--reset", "hard", "--decay-input")
    first = json.loads(train(capsys, *given, "--format", "json").out)
    config = Path(first["folder"]) / "config.toml"
    again = sg(capsys, "train-toy", "--config", str(config), "--format", "json")
    assert json.loads(again.out) == first
    assert "is finished" in again.err


def test_the_config_of_a_run_of_an_earlier_version_names_the_same_run(capsys):
    first = json.loads(train(capsys, "--fire-above", "--format", "json").out)
    config = Path(first["folder"]) / "config.toml"
    text = config.read_text()
    assert "fire_above = true" in text
    config.write_text(text.replace("fire_above", "strict"))
    again = sg(capsys, "train-toy", "--config", str(config), "--format", "json")
    assert json.loads(again.out) == first


def test_all_errors_of_a_config_file_come_at_once(capsys):
    Path("run.toml").write_text('epoch = 3\nlr = "fast"\ntime = 0\nsurrogate = ["sigmod"]\n')
    done = train(capsys, "--config", "run.toml")
    assert done.status == 2
    for words in ("did you mean epochs", "lr = 'fast'", "time = 0", "sigmoid"):
        assert words in done.err
    Path("sg.toml").write_text('[train-toy]\nlr = "fast"\ntime = 0\n')
    done = train(capsys)
    assert done.status == 2
    assert "lr = 'fast'" in done.err
    assert "time = 0" in done.err


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (["--time", "0"], "time = 0"),
        (["--lr", "nan"], "lr = nan"),
        (["--lr", "fast"], "lr = 'fast'"),
        (["--tau", "0.5"], "tau = 0.5"),
        (["--hidden", "10,x"], "hidden = '10,x'"),
        (["--device", "abacus"], "abacus"),
        (["--batch-size", "5000"], "batch_size = 5000 is more than the 200"),
        (["--surrogate", "sigmod"], "sigmoid"),
        (["--surrogate", "sigmoid", "-p", "leak=1"], "leak"),
        (["--reset", "sfot"], "'soft'"),
        (["--config", "none.toml"], "none.toml"),
        (["--out", "file/runs"], "cannot write to file/runs"),
    ],
)
def test_a_user_error_is_one_line_and_leaves_nothing(capsys, args, words):
    Path("file").write_text("")
    done = train(capsys, *args)
    assert done.status == 2
    assert words in done.err
    assert done.out == ""
    assert "Traceback" not in done.err
    assert not list(Path("runs").glob("*/config.toml"))


def test_a_damaged_data_file(capsys, monkeypatch, tmp_path):
    for name in tasks.MNIST_SHA256:
        (tmp_path / name).write_bytes(gzip.compress(b"nothing"))

    monkeypatch.setitem(tasks.LOADERS, "mnist", lambda settings: tasks.mnist(tmp_path))
    done = train(capsys)
    assert done.status == 2
    assert "is damaged" in done.err
    assert len(done.err.strip().splitlines()) == 2


def test_a_divergence_is_exit_1(capsys):
    done = train(capsys, "--optimizer", "sgd", "--lr", "1e300")
    assert done.status == 1
    assert "diverged" in done.err
    assert "–" in done.out


@pytest.mark.parametrize(
    ("number", "seen", "status"),
    [(signal.SIGINT, "metrics.jsonl", 130), (signal.SIGKILL, "checkpoint.pt", -signal.SIGKILL)],
)
def test_stopped_and_resumed_equals_never_stopped(capsys, number, seen, status):
    """A process of its own, stopped in the middle of an epoch."""
    longer = ("--limit", "1500", "--batch-size", "5", "--epochs", "3")
    command = ["train-toy", "mnist", *SHORT, *longer, "--format", "json"]
    process = subprocess.Popen(
        [sys.executable, "-m", "sgcli", *command, "--out", "stopped"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    deadline = time.monotonic() + 60
    # There is an empty file before the first step.
    while time.monotonic() < deadline and not any(
        file.stat().st_size for file in Path("stopped").glob(f"*/{seen}")
    ):
        time.sleep(0.02)
    process.send_signal(number)
    out, err = process.communicate(timeout=60)
    assert process.returncode == status
    assert out == ""
    assert "Traceback" not in err
    assert ("interrupted" in err) == (number == signal.SIGINT)
    stopped = sg(capsys, *command, "--out", "stopped")
    assert stopped.status == 2
    assert "--resume" in stopped.err
    goes_on = sg(capsys, *command, "--out", "stopped", "--resume")
    assert "goes on at step" in goes_on.err
    resumed = json.loads(goes_on.out)
    whole = json.loads(sg(capsys, *command, "--out", "whole").out)
    for key in ("test_accuracy", "test_loss", "firing_rate"):
        assert resumed[key] == whole[key]


def test_help_says_what_is_allowed(capsys):
    assert main(["train-toy", "--help"]) == 0
    text = capsys.readouterr().out
    for option in ("--surrogate", "--alpha", "--v-threshold", "--[no-]detach-reset", "--resume"):
        assert option in text


@pytest.mark.slow
@pytest.mark.parametrize("surrogate", ["soft_sign", "atan", "sigmoid"])
def test_one_epoch_of_mnist(capsys, surrogate):
    done = sg(
        capsys, "train-toy", "mnist", "--surrogate", surrogate, "--epochs", "1", "--seed", "0",
        "--threads", "1", "--format", "json",
    )  # fmt: skip
    assert json.loads(done.out)["test_accuracy"] >= 0.965


def test_a_formula_and_a_file_are_trained_as_any_name(capsys):
    formula = "1/(1+alpha*abs(x))**2"
    common = ("--limit", "200", "--hidden", "10", "--time", "2", "--format", "json", "-q")
    sg(capsys, "new", "mine.py")
    done = sg(
        capsys, "train-toy", "mnist", "--formula", formula, "--surrogate", "mine.py",
        "--surrogate", "fast_sigmoid", "--alpha", "10", *common,
    )  # fmt: skip
    rows = json.loads(done.out)["rows"]
    assert [r["surrogate"] for r in rows] == [
        "mine.py:MySurrogate,alpha=10.0", "fast_sigmoid,alpha=10.0",
        f"formula:{formula},alpha=10.0",
    ]  # fmt: skip
    # Three texts of one gradient train the same network.
    assert len({r["test_accuracy"] for r in rows}) == 1
    folders = sorted(p.name.rpartition("-")[0] for p in Path("runs").iterdir())
    assert folders == ["mnist-fast_sigmoid", "mnist-formula", "mnist-my_surrogate"]


def test_a_formula_that_is_given_outweighs_a_surrogate_of_the_settings_file(capsys):
    common = ("--limit", "200", "--hidden", "10", "--time", "1", "--format", "json", "-q")
    Path("sg.toml").write_text('[train-toy]\nsurrogate = "erf"\n')
    done = sg(capsys, "train-toy", "mnist", "--formula", "exp(-x*x)", *common)
    assert [r["surrogate"] for r in json.loads(done.out)["rows"]] == ["formula:exp(-x*x)"]
    Path("sg.toml").write_text('[train-toy]\nformula = ["exp(-x*x)"]\n')
    done = sg(capsys, "train-toy", "mnist", "--surrogate", "rect", *common)
    assert [r["surrogate"] for r in json.loads(done.out)["rows"]] == ["rect,alpha=1.0"]
    done = sg(capsys, "train-toy", "mnist", *common)
    assert [r["surrogate"] for r in json.loads(done.out)["rows"]] == ["formula:exp(-x*x)"]


@pytest.mark.parametrize(
    ("typed", "surrogate"),
    [
        ([], "atan,alpha=4.0"),
        (["--protocol", "snntorch-tutorial-5"], "atan,alpha=4.0"),
        (["--surrogate", "atan,alpha=3"], "atan,alpha=3.0"),
        (["--config", "named.toml"], "sigmoid,alpha=4.0"),
        (["--config", "both.toml"], "sigmoid,alpha=4.0"),
    ],
)
def test_a_typed_alpha_wins_over_that_of_a_surrogate_that_nobody_typed(capsys, typed, surrogate):
    Path("named.toml").write_text('surrogate = "sigmoid,alpha=7"\n')
    Path("both.toml").write_text('surrogate = "sigmoid,alpha=7"\nalpha = [5]\n')
    done = train(capsys, *typed, "--alpha", "4", "--format", "json", "--steps", "1")
    assert [r["surrogate"] for r in json.loads(done.out)["rows"]] == [surrogate]


def test_a_protocol_is_below_files_and_options_and_above_the_settings_file(capsys):
    Path("sg.toml").write_text("[train-toy]\nlr = 0.5\nlimit = 100\n")
    Path("run.toml").write_text("seed = 7\nbatch-size = 20\n")
    args = ("train-toy", "--protocol", "spikingjelly-lif-fc-mnist", "--time", "3", "--epochs", "1")
    for order in (args, (*args, "--config", "run.toml"), ("train-toy", "--config", "run.toml",
                                                          *args[1:])):  # fmt: skip
        done = sg(capsys, *order, "--format", "json", "-q")
        found = json.loads(done.out)
        about = json.loads((Path(found["folder"]) / "run.json").read_text())["settings"]
        with_file = "--config" in order
        assert about["lr"] == 1e-3
        assert about["limit"] == 100
        assert about["hidden"] == []
        assert (about["time"], about["encoder"], about["loss"]) == (3, "poisson", "mse")
        assert (about["seed"], about["batch_size"]) == ((7, 20) if with_file else (0, 64))
    Path("sg.toml").write_text(
        '[train-toy]\nprotocol = "spikingjelly-lif-fc-mnist"\nlr = 0.5\nlimit = 100\ntime = 2\n'
    )
    done = sg(capsys, "train-toy", "mnist", "--epochs", "1", "--format", "json", "-q")
    about = json.loads((Path(json.loads(done.out)["folder"]) / "run.json").read_text())["settings"]
    assert (about["lr"], about["time"], about["loss"]) == (0.5, 2, "mse")


def test_a_task_has_defaults_of_its_own(capsys):
    done = sg(
        capsys, "train-toy", "spytorch", "--epochs", "2", "--time", "30", "--format", "json", "-q",
        "--threads", "1",
    )  # fmt: skip
    found = json.loads(done.out)
    assert found["surrogate"] == "fast_sigmoid,alpha=100.0"
    about = json.loads((Path(found["folder"]) / "run.json").read_text())["settings"]
    assert (about["hidden"], about["lr"], about["batch_size"]) == ([4], 2e-3, 256)


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (["idx"], "task idx needs a folder"),
        (["idx", "--data-dir", "nowhere"], "nowhere has no train-images"),
        (["--protocol", "snntorch"], "snntorch-tutorial-5"),
        (["mnist", "--hidden", "5C3,MP2,5Q"], "'5Q' is not a stage"),
        (["mnist", "--hidden", "5C29"], "nothing is left of the image"),
        (["mnist", "--encoder", "given"], "the samples of mnist are not spikes"),
        (["mnist", "--protocol", "spytorch-1"], "the samples of mnist are not spikes"),
        (["randman", "--encoder", "lif"], "the samples of randman are spikes already"),
        (["mnist", "--evaluate-at", "5,3"], "in rising order"),
        (["spytorch", "--evaluate", "validation"], "are too few"),
        (["mnist", "--neuron", "norse", "--reset", "soft"], "reset changes nothing here"),
        (["mnist", "--data-dir", "nowhere"], "data_dir changes nothing here"),
        (["mnist", "--encoder", "latency"], "gives no spike in 25 steps"),
        (["randman", "--augment"], "are spikes, not pixels"),
    ],
)
def test_wrong_tasks_and_networks_are_one_line(capsys, args, words):
    done = sg(capsys, "train-toy", *args)
    assert done.status == 2
    assert not Path("runs").exists()
    assert words in done.err
    assert "Traceback" not in done.err
    assert done.out == ""
