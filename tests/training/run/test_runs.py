"""Run folders: found again, resumed, locked, and never half-written."""

from __future__ import annotations

import hashlib
import json
import os
import pickle
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

from sgcli.cli.main import main
from sgcli.definitions import REGISTRY, Definition, load
from sgcli.definitions.user import source_sha256
from sgcli.errors import DataError, SgError
from sgcli.figures.run import draw
from sgcli.training.data.samples import Data
from sgcli.training.run import checkpoint, folder, process
from sgcli.training.run.folder import Folder
from sgcli.training.run.report import ProgressReport
from sgcli.training.run.runs import Result, run
from sgcli.training.settings import FIELDS, NEUTRAL_DEFAULTS, defaults
from tests.training import TIMING


class Recorder(ProgressReport):
    """Remembers steps and notes; presses Ctrl-C at a step."""

    def __init__(self, press_at: int = -1) -> None:
        self.press_at = press_at
        self.steps: list[int] = []
        self.notes: list[str] = []
        self.stopped = 0

    def step(self, done: int) -> None:
        self.steps.append(done)
        if done == self.press_at:
            os.kill(os.getpid(), signal.SIGINT)

    def note(self, text: str) -> None:
        self.notes.append(text)

    def stop(self) -> None:
        self.stopped += 1


@pytest.fixture
def go(data: Data, small: Any, tmp_path: Path) -> Callable[..., Result]:
    def start(out: str = "runs", **given: Any) -> Result:
        how = {k: given.pop(k) for k in ("resume", "force", "report", "draw") if k in given}
        return run(small(**given), tmp_path / out, data=data, **how)

    return start


def metrics(path: Path) -> list[dict[str, Any]]:
    lines = [json.loads(line) for line in (path / "metrics.jsonl").read_text().splitlines()]
    return [{k: v for k, v in line.items() if k not in TIMING} for line in lines]


def tensors(path: Path) -> list[torch.Tensor]:
    state = torch.load(path / "checkpoint.pt", weights_only=True)["trainer"]
    found = list(state["network"].values())
    for entry in state["optimizer"]["state"].values():
        found += list(entry.values())
    return found


def same(one: Path, other: Path) -> bool:
    pairs = zip(tensors(one), tensors(other), strict=True)
    return all(torch.equal(a, b) for a, b in pairs) and metrics(one) == metrics(other)


def test_a_run_leaves_its_files(go: Any) -> None:
    result = go(surrogate="atan,alpha=3", draw=draw)
    assert result.folder.name.startswith("mnist-atan-")
    assert {p.name for p in result.folder.iterdir()} == {
        ".lock", "config.toml", "run.json", "metrics.jsonl", "result.json", "activity.json",
        "learning.png", "raster.png", "membrane.png", "checkpoint.pt", "checkpoint-before.pt",
    }  # fmt: skip
    assert metrics(result.folder)[-1]["accuracy"] == result.accuracy
    about = json.loads((result.folder / "run.json").read_text())
    assert about["identity"]["surrogate"] == "atan,alpha=3.0"
    assert about["identity"]["torch"] == torch.__version__
    assert about["identity"]["threads"] == 1
    assert (result.folder / "learning.png").read_bytes().startswith(b"\x89PNG")


def test_the_same_run_again_is_found_and_force_repeats_it_bit_for_bit(go: Any) -> None:
    first = go()
    again = Recorder()
    assert go(report=again) == first
    assert again.steps == []
    assert "is finished" in again.notes[0]
    kept = tensors(first.folder), metrics(first.folder)
    anew = Recorder()
    repeated = go(report=anew, force=True)
    assert len(anew.steps) == 22
    assert repeated.folder == first.folder
    assert metrics(first.folder) == kept[1]
    assert all(torch.equal(a, b) for a, b in zip(tensors(first.folder), kept[0], strict=True))
    assert same(first.folder, go("elsewhere").folder)


@pytest.mark.parametrize(
    "given",
    [
        {"seed": 1}, {"lr": 0.01}, {"hidden": [17]}, {"surrogate": "atan,alpha=2.0000000001"},
        {"detach_reset": False}, {"threads": 2}, {"limit": 90}, {"evaluate": "validation"},
        {"time": 7}, {"schedule": "constant"}, {"steps": 5}, {"init": "normal"},
        {"normalise": "standardise"}, {"mu": 0}, {"readout": "current"},
        {"amp": True},
    ],
)  # fmt: skip
def test_whatever_decides_the_result_changes_the_name(given: dict[str, Any], small: Any) -> None:
    def name(**kwargs: Any) -> str:
        return folder.name_of(folder.identity(small(**kwargs), "data", "sequence"))

    assert name(**given) != name()
    other = folder.name_of(folder.identity(small(), "other data", "sequence"))
    assert other != name()
    assert folder.name_of(folder.identity(small(), "data", "steps")) != name()


def test_runs_from_before_a_setting_are_found_again(small: Any) -> None:
    assert not set(folder.identity(small(), "data", "sequence")) & set(NEUTRAL_DEFAULTS)
    assert set(NEUTRAL_DEFAULTS) < set(FIELDS)
    assert {k: defaults("mnist")[k] for k in NEUTRAL_DEFAULTS} == NEUTRAL_DEFAULTS


def test_a_run_from_before_a_setting_was_renamed_is_found_again(small: Any) -> None:
    made_of = folder.identity(small(fire_above=True), "data", "sequence")
    assert made_of["strict"] is True
    assert "fire_above" not in made_of


@pytest.mark.parametrize("at", [1, 5, 10, 11, 19])
def test_interrupted_and_resumed_equals_uninterrupted(go: Any, at: int) -> None:
    whole = go("whole")
    pressed = Recorder(press_at=at)
    with pytest.raises(KeyboardInterrupt):
        go(report=pressed)
    assert pressed.steps[-1] == at
    assert pressed.stopped == 1
    assert "--resume" in pressed.notes[-1]
    with pytest.raises(SgError, match="was interrupted") as caught:
        go()
    assert "--resume" in caught.value.hint
    rest = Recorder()
    resumed = go(resume=True, report=rest)
    assert len(pressed.steps) + len(rest.steps) == 22
    assert same(whole.folder, resumed.folder)
    assert resumed.accuracy == whole.accuracy


def test_metrics_are_cut_back_to_the_checkpoint(go: Any) -> None:
    whole = go("whole")
    with pytest.raises(KeyboardInterrupt):
        go(report=Recorder(press_at=5))
    (found,) = (whole.folder.parent.parent / "runs").iterdir()
    with (found / "metrics.jsonl").open("a") as file:
        file.write('{"kind": "train", "epoch": 1, "st')
    assert same(whole.folder, go(resume=True).folder)


def test_a_damaged_checkpoint_falls_back_to_the_one_before(go: Any) -> None:
    whole = go("whole")
    with pytest.raises(KeyboardInterrupt):
        go(report=Recorder(press_at=15))
    (found,) = (whole.folder.parent.parent / "runs").iterdir()
    newest = found / checkpoint.NEWEST
    newest.write_bytes(newest.read_bytes()[:-500])
    recorder = Recorder()
    assert same(whole.folder, go(resume=True, report=recorder).folder)
    assert "damaged" in recorder.notes[0]


def test_without_a_readable_checkpoint_it_says_so(tmp_path: Path) -> None:
    assert checkpoint.load(tmp_path, print) is None
    for name in (checkpoint.NEWEST, checkpoint.BEFORE):
        (tmp_path / name).write_bytes(b"nothing")
    with pytest.raises(DataError, match="no checkpoint"):
        checkpoint.load(tmp_path, lambda text: None)


def test_the_checkpoint_before_is_kept(tmp_path: Path) -> None:
    for i in range(3):
        checkpoint.save(tmp_path, {"trainer": {}, "metrics_bytes": i})
    assert checkpoint.read(tmp_path / checkpoint.NEWEST)["metrics_bytes"] == 2
    assert checkpoint.read(tmp_path / checkpoint.BEFORE)["metrics_bytes"] == 1


def test_a_finished_run_is_shown_where_nothing_may_be_written(go: Any) -> None:
    found = go()
    with Folder(found.folder).locked():
        assert go().row() == found.row()


def test_what_goes_on_with_nothing_says_so_and_which_run_may_be_meant(go: Any) -> None:
    with pytest.raises(KeyboardInterrupt):
        go(report=Recorder(press_at=15))
    recorder = Recorder()
    go(resume=True, report=recorder, seed=1, threads=2)
    assert "nothing to resume" in recorder.notes[0]
    assert recorder.notes[0].endswith("was interrupted; it differs in seed, threads)")
    recorder = Recorder()
    go(resume=True, report=recorder)
    assert recorder.notes == []
    go(resume=True, report=recorder, seed=2)
    assert recorder.notes[0].endswith("it begins")


def test_a_second_process_is_kept_out(tmp_path: Path) -> None:
    with (
        Folder(tmp_path / "run").locked(),
        pytest.raises(SgError, match="another process"),
        Folder(tmp_path / "run").locked(),
    ):
        pass
    with Folder(tmp_path / "run").locked():
        pass


def test_a_divergence_is_a_result(go: Any) -> None:
    result = go(lr=1e38, optimizer="sgd")
    assert result.accuracy is None
    assert "epoch 1" in result.diverged
    assert go(lr=1e38, optimizer="sgd") == result


def test_a_folder_that_cannot_be_made(data: Data, small: Any, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(SgError, match="cannot write to"):
        run(small(), tmp_path / "file" / "runs", data=data)


def test_a_full_disk_leaves_the_last_checkpoint(
    go: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    whole = go("whole")
    with pytest.raises(KeyboardInterrupt):
        go(report=Recorder(press_at=5))

    def full(handle: int) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        with pytest.raises((SgError, OSError), match=r"No space|cannot write"):
            go(resume=True)
    assert same(whole.folder, go(resume=True).folder)


def test_threads_are_put_back() -> None:
    before = torch.get_num_threads()
    with process.threads(1) as count:
        assert count == torch.get_num_threads() == 1
    assert torch.get_num_threads() == before


def test_a_surrogate_of_ones_own_is_known_by_its_file() -> None:
    class Mine(Definition, name="mine"):
        """A definition of a user."""

    want = hashlib.sha256(Path(__file__).read_bytes()).hexdigest()
    assert source_sha256(Mine) == want
    assert source_sha256(REGISTRY["atan"]) == ""


def test_another_process_gets_settings_by_their_text(small: Any) -> None:
    settings = small(surrogate="s2nn,alpha=3")
    assert settings.shape.params == {"alpha": 3.0, "beta": 1.0}
    sent = pickle.loads(pickle.dumps(settings))
    assert sent == settings
    assert "shape" not in vars(sent)
    assert sent.shape == settings.shape


def test_the_file_of_ones_own_surrogate_may_lie_anywhere(small: Any, tmp_path: Path) -> None:
    text = "from sgcli.definitions.smooth import ATan\nclass Mine(ATan):\n    pass\n"
    for name in ("one.py", "other.py"):
        (tmp_path / name).write_text(text)

    def identity(name: str) -> dict[str, Any]:
        chosen = small(surrogate=f"{tmp_path / name}:Mine,alpha=3")
        return folder.identity(chosen, "data", "sequence")

    one = identity("one.py")
    assert one == identity("other.py")
    assert folder.name_of(one).startswith("mnist-mine-")
    (tmp_path / "other.py").write_text(text + "# changed\n")
    assert one != identity("other.py")


@pytest.mark.parametrize("way", ["call", "command"])
def test_the_surrogate_of_a_run_is_read_once(
    way: str, data: Data, small: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mine = tmp_path / "mine.py"
    mine.write_text("from sgcli.definitions.smooth import ATan\nclass Mine(ATan):\n    pass\n")
    parsed, read = [], []

    def parse(text: str, *given: Any, parse: Any = load.parse) -> Any:
        parsed.append(text)
        return parse(text, *given)

    def read_bytes(path: Path, read_bytes: Any = Path.read_bytes) -> bytes:
        read.append(path)
        found: bytes = read_bytes(path)
        return found

    monkeypatch.setattr(load, "parse", parse)
    monkeypatch.setattr(Path, "read_bytes", read_bytes)
    if way == "call":
        settings = small(surrogate=f"{mine}:Mine,alpha=3")
        found = run(settings, tmp_path / "runs", data=data, draw=draw).folder
    else:
        given = ["--limit", "20", "--hidden", "4", "--time", "2", "--batch-size", "10"]
        out = ["--out", str(tmp_path / "runs")]
        assert (
            main(["train-toy", "mnist", "--surrogate", f"{mine}:Mine,alpha=3", *given, *out]) == 0
        )
        (found,) = (tmp_path / "runs").iterdir()
    assert {"learning.png", "raster.png", "membrane.png"} <= {p.name for p in found.iterdir()}
    assert parsed == [f"{mine}:Mine,alpha=3"]
    assert read.count(mine) == 1
    made_of = json.loads((found / "run.json").read_text())["identity"]
    assert made_of["surrogate_sha256"] == hashlib.sha256(mine.read_bytes()).hexdigest()


def test_a_file_that_changed_since_it_was_read_is_not_what_is_trained(
    go: Any, data: Data, small: Any, tmp_path: Path
) -> None:
    mine = tmp_path / "mine.py"
    text = "from sgcli.definitions.smooth import ATan\nclass Mine(ATan):\n    pass\n"
    mine.write_text(text)
    settings = small(surrogate=f"{mine}:Mine")
    mine.write_text(text + "# changed\n")
    found = run(settings, tmp_path / "runs", data=data).folder
    made_of = json.loads((found / "run.json").read_text())["identity"]
    assert made_of["surrogate_sha256"] == hashlib.sha256(text.encode()).hexdigest()
    assert go(surrogate=f"{mine}:Mine").folder != found
