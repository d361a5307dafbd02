"""sg runs and sg runs show."""

from __future__ import annotations

import csv
import fcntl
import functools
import io
import json
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import torch

from sgcli.figures.words import OF_A_RUN
from sgcli.training import runs
from sgcli.training.report import Report
from sgcli.training.settings import settings_for
from sgcli.training.tasks import Data, Samples
from tests.cli.run import sg

SMALL = {"hidden": [8], "time": 3, "batch_size": 10, "epochs": 2, "threads": 1}


class Stop(Report):
    """Interrupts a training after three of its eight steps."""

    def step(self, done: int) -> None:
        if done == 3:
            raise KeyboardInterrupt


@functools.cache
def data() -> Data:
    g = torch.Generator().manual_seed(0)
    samples = Samples(
        torch.randint(256, (40, 9), generator=g, dtype=torch.uint8), torch.arange(40) % 4
    )
    return Data(samples, samples, classes=4, sha256="small")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A finished, an interrupted and a diverged run."""
    out = tmp_path_factory.mktemp("made") / "runs"
    go: Callable[..., Any] = functools.partial(runs.run, out=out, data=data(), figures=False)
    go(settings_for("mnist", **SMALL, surrogate="atan"))
    go(settings_for("mnist", **SMALL, lr=1e300, optimizer="sgd", surrogate="erf"))
    with pytest.raises(KeyboardInterrupt):
        go(settings_for("mnist", **SMALL, surrogate="sigmoid"), report=Stop())
    return out


@pytest.fixture
def out(made: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(made, tmp_path / "runs"))


@pytest.fixture(autouse=True)
def _threads() -> Iterator[None]:
    before = torch.get_num_threads()
    yield
    torch.set_num_threads(before)


def listed(capsys: Any, out: Path) -> dict[str, dict[str, Any]]:
    done = sg(capsys, "runs", "--out", str(out), "--format", "json")
    assert done.status == 0
    return {row["surrogate"].split(",")[0]: row for row in json.loads(done.out)["rows"]}


def folder(out: Path, surrogate: str) -> Path:
    (found,) = out.glob(f"mnist-{surrogate}-*")
    return found


def test_the_state_of_every_run(capsys: Any, out: Path) -> None:
    found = listed(capsys, out)
    states = {name: row["state"] for name, row in found.items()}
    assert states == {"atan": "finished", "sigmoid": "interrupted", "erf": "diverged"}
    done = found["atan"]
    result = json.loads((folder(out, "atan") / "result.json").read_text())
    assert done["accuracy"] == result["accuracy"]
    assert done["progress"] == 1
    assert done["when"] == result["finished"]
    assert found["erf"]["accuracy"] is None
    assert "linears." in found["erf"]["note"]
    # The third step was done, its line not yet written.
    assert found["sigmoid"]["progress"] == pytest.approx(2 / 8)
    assert all(row["id"] == row["name"][-12:] for row in found.values())


@pytest.mark.parametrize("format", ["table", "md", "latex", "csv"])
def test_a_list_in_every_format(capsys: Any, out: Path, format: str) -> None:
    done = sg(capsys, "runs", "--out", str(out), "--sort", "-accuracy", "--format", format)
    assert done.status == 0
    rows = done.out[done.out.index("\n") :]
    assert rows.index("atan") < min(rows.index("sigmoid"), rows.index("erf"))
    assert "is diverged: " in done.err


def test_a_run_at_work_is_running(capsys: Any, out: Path) -> None:
    handle = os.open(folder(out, "sigmoid") / ".lock", os.O_RDWR)
    fcntl.flock(handle, fcntl.LOCK_EX)
    assert listed(capsys, out)["sigmoid"]["state"] == "running"
    os.close(handle)
    assert listed(capsys, out)["sigmoid"]["state"] == "interrupted"


DAMAGES: dict[str, Callable[[Path], Any]] = {
    "cut": lambda path: path.write_bytes(path.read_bytes()[:-9]),
    "bytes": lambda path: path.write_bytes(b"\xff\x00\xfe"),
    "list": lambda path: path.write_text("[1, 2]"),
    "empty": lambda path: path.write_text("{}"),
    "types": lambda path: path.write_text(
        json.dumps(dict.fromkeys(json.loads(path.read_text()), 3))
    ),
}


@pytest.mark.parametrize("damage", DAMAGES)
@pytest.mark.parametrize("name", ["run.json", "result.json", "activity.json"])
def test_a_damaged_run_is_listed_and_shown_as_such(
    capsys: Any, out: Path, name: str, damage: str
) -> None:
    DAMAGES[damage](folder(out, "atan") / name)
    found = listed(capsys, out)["atan"]
    assert found["state"] == "damaged"
    assert name in found["note"] or damage == "types"
    assert len(listed(capsys, out)) == 3
    for format in ("table", "json", "csv"):
        done = sg(capsys, "runs", "show", "mnist-atan", "--out", str(out), "--format", format)
        assert done.status == 0
        assert "Traceback" not in done.err


def test_damaged_metrics(capsys: Any, out: Path) -> None:
    path = folder(out, "atan") / "metrics.jsonl"
    path.write_bytes(b"\x00" * 40 + b"\n" + path.read_bytes())
    assert listed(capsys, out)["atan"]["state"] == "damaged"


def test_what_is_no_run_is_not_listed(capsys: Any, out: Path) -> None:
    (out / "notes").mkdir()
    (out / "readme.txt").write_text("")
    assert len(listed(capsys, out)) == 3
    # One that was killed before it wrote anything.
    (out / "mnist-atan-0123456789ab").mkdir()
    done = sg(capsys, "runs", "show", "0123", "--out", str(out), "--format", "json")
    assert json.loads(done.out)["run"]["state"] == "interrupted"


def test_show_has_everything(capsys: Any, out: Path) -> None:
    where = folder(out, "atan")
    done = sg(capsys, "runs", "--out", str(out), "show", where.name[-12:-6], "--format", "json")
    found = json.loads(done.out)
    assert found["run"]["name"] == where.name
    assert found["about"] == json.loads((where / "run.json").read_text())
    assert {"command", "versions", "started", "settings"} <= found["about"].keys()
    assert found["about"]["settings"]["lr"] == settings_for("mnist").lr
    lines = [json.loads(line) for line in (where / "metrics.jsonl").read_text().splitlines()]
    assert found["lines"] == lines
    assert found["result"] == json.loads((where / "result.json").read_text())
    assert found["activity"] == json.loads((where / "activity.json").read_text())
    assert found["files"]["metrics.jsonl"] == (where / "metrics.jsonl").stat().st_size
    tested = [line for line in lines if line["kind"] == "test"]
    assert [row["accuracy"] for row in found["rows"]] == [line["accuracy"] for line in tested]
    table = sg(capsys, "runs", "show", where.name, "--out", str(out)).out
    for words in ("finished", "test accuracy", "surrogate", "batch_size", "torch", "metrics.jsonl"):
        assert words in table


def test_epochs_as_csv(capsys: Any, out: Path) -> None:
    done = sg(capsys, "runs", "show", "mnist-sigmoid", "--out", str(out), "--format", "csv")
    (row,) = csv.DictReader(io.StringIO(done.out))
    assert row["epoch"] == "1"
    assert row["accuracy"] == ""
    assert float(row["train_loss"]) > 0


@pytest.mark.parametrize("figure", OF_A_RUN)
def test_a_figure(capsys: Any, out: Path, figure: str) -> None:
    done = sg(
        capsys, "runs", "show", "mnist-atan", "--out", str(out), "--figure", figure,
        "-o", "a.svg", "--style", "paper", "--format", "md",
    )  # fmt: skip
    assert done.status == 0
    assert Path("a.svg").read_text().startswith("<?xml")
    assert done.out.startswith("| epoch |")


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (["show", "zzz"], "there is no run 'zzz'"),
        (["show", "mnist"], "could be mnist-"),
        (["show", "mnist-erf", "--figure", "raster", "-o", "a.png"], "has no raster"),
        (["show", "mnist-erf", "-o", "-"], "stdout carries the table"),
        (["show", "mnist-erf", "-o", "a.gif"], "unknown suffix"),
        (["--out", "nowhere"], "cannot list nowhere"),
        (["--sort", "age"], "cannot sort by 'age'"),
    ],
)
def test_a_user_error(capsys: Any, out: Path, args: list[str], words: str) -> None:
    done = sg(capsys, "runs", "--out", str(out), *args)
    assert done.status == 2
    assert words in done.err
    assert "Traceback" not in done.err
