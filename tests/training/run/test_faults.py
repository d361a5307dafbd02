"""Whatever happens to a training, resumed it ends as one that nothing happened to."""

from __future__ import annotations

import os
import random
import re
import shutil
import signal
import tempfile
import threading
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import pytest
import torch

from sgcli.errors import DataError, SgError
from sgcli.training.data.samples import Data
from sgcli.training.run import checkpoint, listing, runs
from sgcli.training.run.folder import Folder
from sgcli.training.run.runs import run
from sgcli.training.settings import Settings
from tests.training.run import child
from tests.training.run.damage import Place, replaced
from tests.training.run.test_runs import Recorder, same, tensors

KILLS = 5
MANY_KILLS = 60


@pytest.fixture
def settings(small: Any) -> Settings:
    """40 steps, a checkpoint after each of them, some random numbers from every generator."""
    made: Settings = small(epochs=4, encoder="poisson", surrogate="poisson_pass", hidden=[12])
    return made


@pytest.fixture
def whole(settings: Settings, data: Data, tmp_path: Path) -> Path:
    """The folder of a run that nothing happened to."""
    return run(settings, tmp_path / "whole", data=data).folder


@pytest.fixture
def stopped(
    settings: Settings, data: Data, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Path:
    """The folder of a run that was interrupted after 15 steps, with two checkpoints."""
    with monkeypatch.context() as patch:
        patch.setattr(runs, "CHECKPOINT_SECONDS", 0.0)
        with pytest.raises(KeyboardInterrupt):
            run(settings, tmp_path / "runs", data=data, report=Recorder(press_at=15))
    (found,) = (tmp_path / "runs").iterdir()
    return found


@pytest.fixture
def resume(settings: Settings, data: Data, stopped: Path) -> Callable[..., Any]:
    return lambda **how: run(settings, stopped.parent, data=data, **{"resume": True, **how})


def contents(folder: Path) -> dict[str, bytes]:
    """Every file but the lock."""
    return {p.name: p.read_bytes() for p in folder.iterdir() if p.name != ".lock"}


def kill(count: int, settings: Settings, data: Data, whole: Path, tmp_path: Path) -> None:
    """Kill as many processes at random moments, in as many runs as that takes."""
    moments = random.Random(count)
    out, message = tmp_path / "killed", tmp_path / "message"
    child.ended(child.train, settings, data, tmp_path / "warm", message)
    begun = time.monotonic()
    assert child.ended(child.train, settings, data, tmp_path / "timed", message) == 0
    duration = time.monotonic() - begun
    killed = 0
    while killed < count:
        process = child.start(child.train, settings, data, out, message)
        process.join(moments.uniform(0, duration))
        process.kill()
        process.join(60)
        assert process.exitcode in (0, -signal.SIGKILL), message.read_text()
        killed += process.exitcode != 0
        for folder in out.glob("*"):
            # At any time every file can be read, for what is half-written has another name.
            assert listing.details(folder).run.state in ("interrupted", "finished")
            checkpoint.load(folder, pytest.fail)
            if process.exitcode == 0:
                assert same(whole, folder)
                shutil.rmtree(folder)
    assert child.ended(child.train, settings, data, out, message) == 0
    (folder,) = out.iterdir()
    assert same(whole, folder)
    assert not list(folder.glob(".*.part"))


def test_killed_at_random_moments(
    settings: Settings, data: Data, whole: Path, tmp_path: Path
) -> None:
    kill(KILLS, settings, data, whole, tmp_path)


@pytest.mark.slow
def test_killed_at_very_many_random_moments(
    settings: Settings, data: Data, whole: Path, tmp_path: Path
) -> None:
    kill(MANY_KILLS, settings, data, whole, tmp_path)


def test_without_room_for_a_checkpoint(
    resume: Any, settings: Settings, data: Data, stopped: Path, whole: Path, tmp_path: Path
) -> None:
    before, message = contents(stopped), tmp_path / "message"
    size = (stopped / checkpoint.NEWEST).stat().st_size - 1
    status = child.ended(child.train_with_files_of, size, settings, data, stopped.parent, message)
    assert status == child.REFUSED, message.read_text()
    assert message.read_text().startswith(f"cannot write {stopped / checkpoint.NEWEST}")
    assert {**contents(stopped), "metrics.jsonl": b""} == {**before, "metrics.jsonl": b""}
    resume()
    assert same(whole, stopped)


def test_without_room_for_the_first_file(settings: Settings, data: Data, tmp_path: Path) -> None:
    message = tmp_path / "message"
    status = child.ended(child.train_with_files_of, 10, settings, data, tmp_path / "runs", message)
    # The text of the refusal is longer than ten bytes, too.
    assert status in (child.REFUSED, 1)
    (folder,) = (tmp_path / "runs").iterdir()
    assert contents(folder) == {}


@pytest.mark.parametrize("what", ["folder", "out"])
def test_a_folder_that_must_not_be_written(
    settings: Settings, data: Data, stopped: Path, what: str, tmp_path: Path
) -> None:
    # pytest's own folders are closed to everybody else.
    with tempfile.TemporaryDirectory() as name:
        top, message = Path(name), Path(name) / "message"
        top.chmod(0o777)
        out = Path(shutil.copytree(stopped.parent, top / "runs"))
        folder = out / stopped.name
        before = contents(folder)
        closed, kept = (folder, 0o555) if what == "folder" else (out, 0o555)
        if what == "out":
            shutil.rmtree(folder)
        closed.chmod(kept)
        try:
            status = child.ended(
                child.train_as_nobody, settings, data, out, message, tmp_path / "warm"
            )
            assert status == child.REFUSED, message.read_text()
            assert message.read_text().startswith(f"cannot write to {folder}")
            assert "Permission denied" in message.read_text()
            assert what == "out" or contents(folder) == before
        finally:
            closed.chmod(0o755)


@pytest.mark.parametrize("left", [0, 7, 0.5, -1])
def test_a_truncated_checkpoint(resume: Any, stopped: Path, whole: Path, left: float) -> None:
    newest = stopped / checkpoint.NEWEST
    packed = newest.read_bytes()
    newest.write_bytes(packed[: int(left * len(packed)) if 0 < left < 1 else int(left)])
    recorder = Recorder()
    resume(report=recorder)
    assert recorder.notes[0].startswith(f"{newest} is damaged and passed over")
    assert same(whole, stopped)


def test_a_flipped_bit_is_seen(stopped: Path) -> None:
    """In a weight, where torch itself takes it, in the directory of the file, everywhere."""
    newest = stopped / checkpoint.NEWEST
    packed = newest.read_bytes()
    weight = tensors(stopped)[0]
    place = packed.index(weight.numpy().tobytes())
    places = [place, place + 5, place + weight.nbytes - 1]
    places += [found.start() + 38 for found in re.finditer(rb"PK\x01\x02", packed)]
    places += [*range(-120, 0), *random.Random(0).sample(range(len(packed)), 100)]
    for i in places:
        for bit in range(8):
            wrong = bytearray(packed)
            wrong[i] ^= 1 << bit
            assert not checkpoint.is_sealed(wrong), (i, bit)
    newest.write_bytes(wrong)
    with pytest.raises(ValueError, match="checksum"):
        checkpoint.read(newest)
    assert checkpoint.is_sealed(packed)


def test_a_damaged_checkpoint_does_not_take_the_place_of_the_one_before(stopped: Path) -> None:
    newest, before = stopped / checkpoint.NEWEST, stopped / checkpoint.BEFORE
    good = before.read_bytes()
    newest.write_bytes(newest.read_bytes()[:-1])
    checkpoint.save(stopped, {"trainer": {}, "metrics_bytes": 0})
    assert before.read_bytes() == good
    assert checkpoint.read(newest) == {"trainer": {}, "metrics_bytes": 0}


@pytest.mark.parametrize(
    ("place", "value", "match"),
    [
        (("trainer", "optimizer", "state", 0, "exp_avg"), torch.zeros(1),
         r"checkpoint in .* is damaged or of another training: optimizer\.state\.0\.exp_avg has"),
        (("trainer", "optimizer", "state", 0, "exp_avg"), torch.zeros(12, 20).to(torch.complex64),
         r"exp_avg is of torch\.complex64"),
        (("trainer", "sums"), {}, "loss is missing in sums"),
        (("trainer", "epoch"), "x", "epoch has the type str, not int"),
        (("trainer",), [], "the state has the type list, not dict"),
        (("metrics_bytes",), "9", "no checkpoint in .* can be read"),
        (("metrics_bytes",), True, "no checkpoint in .* can be read"),
        (("metrics_bytes",), -5, "no checkpoint in .* can be read"),
        (("metrics_bytes",), 2**70, "no checkpoint in .* can be read"),
        (("metrics_bytes",), 2**62, "fewer than the"),
        (("metrics_bytes",), 10, "has no line that ends at byte 10"),
        (("extra",), 0, "no checkpoint in .* can be read"),
    ],
)  # fmt: skip
def test_a_checkpoint_with_a_wrong_value(
    resume: Any, stopped: Path, place: Place, value: Any, match: str
) -> None:
    state = checkpoint.read(stopped / checkpoint.NEWEST)
    (stopped / checkpoint.NEWEST).unlink()
    (stopped / checkpoint.BEFORE).unlink()
    checkpoint.save(stopped, replaced(state, place, value))
    assert "--force" in refused(resume, stopped, match).hint


def refused(resume: Any, stopped: Path, match: str) -> SgError:
    before = contents(stopped)
    with pytest.raises(DataError, match=match) as caught:
        resume()
    assert contents(stopped) == before
    return caught.value


def test_two_bad_checkpoints(resume: Any, stopped: Path) -> None:
    for name in (checkpoint.NEWEST, checkpoint.BEFORE):
        (stopped / name).write_bytes((stopped / name).read_bytes()[:-100])
    assert "--force" in refused(resume, stopped, "no checkpoint in .* can be read").hint


class Code:
    """What a hostile checkpoint would carry."""

    def __reduce__(self) -> Any:
        return os.abort, ()


def test_a_checkpoint_that_carries_code(resume: Any, stopped: Path) -> None:
    newest = stopped / checkpoint.NEWEST
    torch.save({"trainer": Code(), "metrics_bytes": 0}, newest)
    with pytest.raises(ValueError, match="checksum"):
        checkpoint.read(newest)
    newest.write_bytes(checkpoint.sealed(newest.read_bytes()))
    refused(resume, stopped, r"checkpoint\.pt carries code \(posix\.abort\) and is refused")


def test_a_checkpoint_of_something_else(resume: Any, stopped: Path, small: Any, data: Data) -> None:
    checkpoint.save(stopped, {"state": torch.ones(3)})
    recorder = Recorder()
    checkpoint.load(stopped, recorder.note)
    assert "it is not a checkpoint of a training" in recorder.notes[0]
    other = run(small(hidden=[5]), stopped.parent, data=data).folder
    shutil.copy(other / checkpoint.NEWEST, stopped)
    refused(resume, stopped, r"of another training: network\.linears\.0\.weight has the shape")


def test_metrics_that_are_shorter_than_the_checkpoint_knows(resume: Any, stopped: Path) -> None:
    metrics = stopped / "metrics.jsonl"
    metrics.write_bytes(metrics.read_bytes()[:100])
    refused(resume, stopped, "has 100 bytes, fewer than the")


def test_a_folder_with_another_run_in_it(resume: Any, stopped: Path) -> None:
    about = stopped / "run.json"
    about.write_text(about.read_text().replace('"seed": 0', '"seed": 1'))
    refused(resume, stopped, "is of another run: seed differ")
    about.write_text("{")
    refused(resume, stopped, r"run\.json cannot be read")


@pytest.mark.parametrize("name", ["run.json", "result.json"])
def test_force_starts_anew_whatever_is_damaged(
    resume: Any, stopped: Path, whole: Path, name: str
) -> None:
    for path in (stopped / name, stopped / checkpoint.NEWEST, stopped / checkpoint.BEFORE):
        path.write_bytes(b"nothing")
    refused(resume, stopped, "cannot be read")
    resume(force=True)
    assert same(whole, stopped)


def test_a_second_process_is_refused_until_the_first_is_dead(
    resume: Any, stopped: Path, whole: Path, tmp_path: Path
) -> None:
    message, before = tmp_path / "message", contents(stopped)
    process = child.start(child.hold, stopped, message)
    while not message.exists():
        time.sleep(0.01)
    assert Folder(stopped).busy
    with pytest.raises(SgError, match="another process is at work in"):
        resume(force=True)
    assert contents(stopped) == before
    process.kill()
    process.join(60)
    assert not Folder(stopped).busy
    resume()
    assert same(whole, stopped)


def test_a_run_that_another_process_ends_before_the_lock_is_finished(
    settings: Settings, data: Data, stopped: Path, whole: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two overlapping grids: it was unfinished when this one looked for its result."""
    locked = Folder.locked

    def after_the_other(folder: Folder, mend: bool = False) -> AbstractContextManager[None]:
        shutil.copytree(whole, stopped, dirs_exist_ok=True)
        return locked(folder, mend)

    monkeypatch.setattr(Folder, "locked", after_the_other)
    result = run(settings, stopped.parent, data=data)
    assert result.accuracy is not None
    assert same(whole, stopped)


def test_force_mends_a_lock_that_is_a_dangling_link(
    resume: Any, stopped: Path, whole: Path, tmp_path: Path
) -> None:
    lock = stopped / ".lock"
    lock.unlink()
    lock.symlink_to(tmp_path / "nowhere" / "lock")
    with pytest.raises(SgError, match="is a link, not a file") as caught:
        resume()
    assert caught.value.hint == "--force replaces it"
    resume(force=True)
    assert not lock.is_symlink()
    assert same(whole, stopped)


def test_who_only_looks_keeps_nobody_out(stopped: Path) -> None:
    """A list of the runs asks whether each works in; one that starts meanwhile is not refused."""
    looking = threading.Event()

    def look() -> None:
        while not looking.is_set():
            Folder(stopped).busy  # noqa: B018

    watcher = threading.Thread(target=look)
    watcher.start()
    try:
        for _ in range(200):
            with Folder(stopped).locked():
                pass
    finally:
        looking.set()
        watcher.join()
