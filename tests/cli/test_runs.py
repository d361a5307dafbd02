"""sg runs and sg runs show."""

from __future__ import annotations

import copy
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
from hypothesis import given, settings
from hypothesis import strategies as st

from sgcli.training.data.samples import Data, Samples
from sgcli.training.run import listing, runs
from sgcli.training.run.folder import Folder
from sgcli.training.run.report import ProgressReport
from sgcli.training.run.schema import FIGURES
from sgcli.training.settings import settings_for
from tests.cli.run import sg

SMALL = {"hidden": [8], "time": 3, "batch_size": 10, "epochs": 2, "threads": 1}


class Stop(ProgressReport):
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
    go: Callable[..., Any] = functools.partial(runs.run, out=out, data=data())
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


def assert_atan_alone_is_damaged(capsys: Any, out: Path, path: Path) -> None:
    found = listed(capsys, out)
    states = {name: row["state"] for name, row in found.items()}
    assert states == {"atan": "damaged", "sigmoid": "interrupted", "erf": "diverged"}
    assert str(path) in found["atan"]["note"]


@pytest.mark.parametrize(
    "line", [b"\x00" * 40, b'{"a": 1}', b"[1]", b"[" * 100_000, b'"\\ud800"', b"", b"1" * 5000]
)
def test_damaged_metrics(capsys: Any, out: Path, line: bytes) -> None:
    path = folder(out, "atan") / "metrics.jsonl"
    path.write_bytes(line + b"\n" + path.read_bytes())
    assert_atan_alone_is_damaged(capsys, out, path)
    done = sg(capsys, "runs", "show", "mnist-atan", "--out", str(out))
    assert done.status == 0
    # What the other files hold is still to be seen.
    for words in ("damaged", "test accuracy", "batch_size", "metrics.jsonl"):
        assert words in done.out


def test_metrics_of_another_network(capsys: Any, out: Path) -> None:
    path = folder(out, "atan") / "metrics.jsonl"
    first, *rest = map(json.loads, path.read_text().splitlines())
    for changed in ({"firing_rate": []}, {"gradient_norm": {}}):
        trained = next(i for i, line in enumerate(rest) if line["kind"] == "train")
        lines = [first, *rest[:trained], {**rest[trained], **changed}, *rest[trained + 1 :]]
        path.write_text("".join(json.dumps(line) + "\n" for line in lines))
        assert "several networks" in listed(capsys, out)["atan"]["note"]


GONE = object()
WRONG = [
    ("result.json", "finished", "x"),
    ("result.json", "finished", "9999-12-31T23:59:59-14:00"),
    ("result.json", "samples_per_second", GONE),
    ("result.json", "firing_rate", GONE),
    ("result.json", "firing_rate", ["a"]),
    ("result.json", "seconds", 10**400),
    ("result.json", "path", "\ud800"),
    ("run.json", "started", "x"),
    ("run.json", "settings", {}),
    ("run.json", "steps_per_epoch", 0),
    ("run.json", "versions", {"torch": 2}),
    ("activity.json", "layers", []),
    ("activity.json", "layers", [{}]),
    ("activity.json", "edges", [0, 0]),
]


@pytest.mark.parametrize(("name", "key", "value"), WRONG)
def test_a_wrong_value_damages_one_run(
    capsys: Any, out: Path, name: str, key: str, value: Any
) -> None:
    path = folder(out, "atan") / name
    values = {**json.loads(path.read_text()), key: value}
    path.write_text(json.dumps({k: v for k, v in values.items() if v is not GONE}))
    assert_atan_alone_is_damaged(capsys, out, path)
    table = sg(capsys, "runs", "show", "mnist-atan", "--out", str(out))
    assert table.status == 0
    assert "test loss" in table.out
    for figure in FIGURES:
        args = ("--out", str(out), "--figure", figure, "-o", "a.svg")
        done = sg(capsys, "runs", "show", "mnist-atan", *args)
        assert done.status == 0 or str(path) in done.err


def test_every_bin_of_a_layer_has_a_share(capsys: Any, out: Path) -> None:
    path = folder(out, "atan") / "activity.json"
    found = json.loads(path.read_text())
    found["layers"][0]["share"].pop()
    path.write_text(json.dumps(found))
    assert listed(capsys, out)["atan"]["note"].endswith("is damaged: share")


def test_a_run_of_an_earlier_version_is_whole(capsys: Any, out: Path) -> None:
    """It kept the identity alone, and no time at which it ended."""
    where = folder(out, "atan")
    about = json.loads((where / "run.json").read_text())
    (where / "run.json").write_text(json.dumps({"identity": about["identity"], "torch": "2.0"}))
    result = json.loads((where / "result.json").read_text())
    del result["finished"]
    (where / "result.json").write_text(json.dumps(result))
    found = listed(capsys, out)["atan"]
    assert found["state"] == "finished"
    assert found["progress"] is None
    table = sg(capsys, "runs", "show", where.name, "--out", str(out))
    assert "batch_size" in table.out


def spots(value: Any, *above: Any) -> Iterator[tuple[Any, ...]]:
    """The way to every value in a document; of those in a list to the first and the last."""
    yield above
    inside = value.items() if isinstance(value, dict) else ()
    if isinstance(value, list):
        inside = {i % len(value): value[i] for i in (0, -1) if value}.items()
    for key, one in inside:
        yield from spots(one, *above, key)


def changed(value: Any, way: tuple[Any, ...], new: Any) -> Any:
    if not way:
        return new
    value, key = copy.copy(value), way[0]
    if way[1:] or new is not GONE:
        value[key] = changed(value[key], way[1:], new)
    else:
        del value[key]
    return value


@functools.cache
def documents(made: Path) -> dict[str, Any]:
    where = folder(made, "atan")
    lines = (where / "metrics.jsonl").read_text().splitlines()
    names = ("run.json", "result.json", "activity.json")
    files = {name: json.loads((where / name).read_text()) for name in names}
    return {**files, "metrics.jsonl": [json.loads(line) for line in lines]}


ODD = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.integers(10**300, 10**310)
    | st.floats()
    | st.text()
    | st.sampled_from(["[/]", "[bold]", "\\", "a\\", "0001-01-01", "\ud800", "\x00\n"])
)
JSON = ODD | st.recursive(
    ODD,
    lambda inside: (
        st.lists(inside) | st.dictionaries(ODD.filter(lambda k: isinstance(k, str)), inside)
    ),
    max_leaves=5,
)


@settings(max_examples=100)
@given(draw=st.data())
def test_no_value_stops_the_list_or_the_page(capsys: Any, made: Path, draw: st.DataObject) -> None:
    name = draw.draw(st.sampled_from(sorted(documents(made))))
    document = documents(made)[name]
    metrics = name == "metrics.jsonl"
    way = draw.draw(st.sampled_from(list(spots(document))[metrics:]))
    new = draw.draw(st.just(GONE) | JSON if way else JSON)
    odd = changed(document, way, new)
    path = folder(made, "atan") / name
    before = path.read_text()
    path.write_text("".join(f"{json.dumps(one)}\n" for one in (odd if metrics else [odd])))
    try:
        assert len(listing.runs(made)) == 3
        run = listing.details(path.parent).run
        assert (
            run.state == "finished"
            or (run.state == "damaged" and str(path) in run.note)
            or (way == ("diverged",) and run.state == "diverged")
        )
        for format in ("table", "json", "latex"):
            column = draw.draw(st.sampled_from(["seed", "when", "progress", "accuracy"]))
            for command in (["--sort", column], ["show", path.parent.name]):
                done = sg(capsys, "runs", "--out", str(made), *command, "--format", format)
                assert done.status == 0, done.err
    finally:
        path.write_text(before)


def test_names_of_files_and_packages_are_shown_as_they_are(capsys: Any, out: Path) -> None:
    where = folder(out, "atan")
    (where / "[bold]notes").write_text("")
    about = json.loads((where / "run.json").read_text())
    about["versions"]["[/red]"] = "1"
    (where / "run.json").write_text(json.dumps(about))
    done = sg(capsys, "runs", "show", where.name, "--out", str(out))
    assert "[bold]notes" in done.out
    assert "[/red]" in done.out


def test_what_is_no_run_is_not_listed(capsys: Any, out: Path) -> None:
    (out / "notes").mkdir()
    (out / "readme.txt").write_text("")
    (out / "mnist-atan-000000000000").write_text("")
    (out / "mnist-atan-111111111111").symlink_to("nowhere")
    # The disk was full at the first file.
    for name in ("mnist-atan-0123456789ab", "mnist-atan-ba9876543210"):
        (out / name).mkdir()
    (out / "mnist-atan-ba9876543210" / ".lock").touch()
    assert len(listing.runs(out)) == 3
    done = sg(capsys, "runs", "show", "0123", "--out", str(out))
    assert done.status == 2
    assert "there is no run '0123'" in done.err


def test_a_run_about_to_write_its_first_file_is_running(out: Path) -> None:
    with Folder(out / "mnist-atan-0123456789ab").locked():
        assert "running" in [run.state for run in listing.runs(out)]
    assert len(listing.runs(out)) == 3


def test_a_folder_that_cannot_be_read_is_listed_by_its_name_alone(
    out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Said by the system to who may not; the tests may run as one who may all."""
    where, real = folder(out, "atan"), Path.iterdir

    def iterdir(path: Path) -> Iterator[Path]:
        if path in (where, out / "lost+found"):
            raise PermissionError(13, "Permission denied", str(path))
        return real(path)

    (out / "lost+found").mkdir()
    monkeypatch.setattr(Path, "iterdir", iterdir)
    assert len(listing.runs(out)) == 3


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


@pytest.mark.parametrize("figure", FIGURES)
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


def test_two_runs_that_differ_in_a_setting_are_told_apart(capsys, tmp_path):
    out = tmp_path / "runs"
    go = functools.partial(runs.run, out=out, data=data())
    for seed, changes in ((0, {}), (1, {}), (0, {"lr": 0.01}), (0, {"hidden": [8, 4], "time": 2})):
        go(settings_for("mnist", **{**SMALL, "epochs": 1, "seed": seed, **changes}))
    done = sg(capsys, "runs", "--out", str(out), "--format", "json")
    differs = [row["differs"] for row in json.loads(done.out)["rows"]]
    assert sorted(differs, key=len) == [{}, {}, {"lr": 0.01}, {"hidden": [8, 4], "time": 2}]
    table = sg(capsys, "runs", "--out", str(out)).out
    assert "lr=0.01" in table
    assert "hidden=8,4" in table
