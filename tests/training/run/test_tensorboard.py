"""Event files for TensorBoard hold the metrics of the run."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest

from sgcli.errors import SgError
from sgcli.training.data.samples import Data
from sgcli.training.run.runs import run
from sgcli.training.run.tensorboard import scalars
from tests.training.run.test_runs import Recorder

LINE = {
    "kind": "train", "step": 3, "loss": 0.5, "accuracy": 0.75, "lr": 0.1, "epoch": 1,
    "firing_rate": [0.1, 0.2], "gradient_norm": {"linears.0": 2.0}, "seconds": 1.0,
    "samples_per_second": 100.0,
}  # fmt: skip


def test_the_numbers_of_a_line() -> None:
    assert scalars(LINE) == {
        "loss/train": 0.5, "accuracy/train": 0.75, "lr/train": 0.1,
        "samples_per_second/train": 100.0, "firing_rate/train/layer 1": 0.1,
        "firing_rate/train/layer 2": 0.2, "gradient_norm/linears.0": 2.0,
    }  # fmt: skip


def test_a_missing_package_is_one_line(
    small: Any, data: Data, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "torch.utils.tensorboard", None)
    with pytest.raises(SgError, match="needs the package tensorboard") as caught:
        run(small(), tmp_path / "runs", data=data, tensorboard=True)
    assert not (tmp_path / "runs").exists()
    assert caught.value.hint == "pip install 'sgcli[tensorboard]'"


def events(folder: Path) -> dict[str, list[tuple[int, float]]]:
    reading = pytest.importorskip("tensorboard.backend.event_processing.event_accumulator")
    found = reading.EventAccumulator(str(folder / "tensorboard"))
    found.Reload()
    return {
        tag: [(event.step, event.value) for event in found.Scalars(tag)]
        for tag in found.Tags()["scalars"]
    }


@pytest.mark.filterwarnings("default")
def test_a_run_that_was_interrupted_has_every_step_once(
    small: Any, data: Data, tmp_path: Path
) -> None:
    pytest.importorskip("torch.utils.tensorboard")
    how: dict[str, Any] = {"data": data, "tensorboard": True}
    whole = run(small(), tmp_path / "whole", **how).folder
    with pytest.raises(KeyboardInterrupt):
        run(small(), tmp_path / "runs", report=Recorder(press_at=13), **how)
    resumed = run(small(), tmp_path / "runs", resume=True, **how).folder
    timed = "samples_per_second"
    want = {tag: values for tag, values in events(whole).items() if timed not in tag}
    got = {tag: values for tag, values in events(resumed).items() if timed not in tag}
    assert got == want
    assert [step for step, _ in got["loss/train"]] == list(range(1, 21))
    assert [step for step, _ in got["accuracy/test"]] == [10, 20]
    assert len(list((resumed / "tensorboard").iterdir())) == 2
    # Run anew, it starts with none.
    run(small(), tmp_path / "runs", force=True, **how)
    assert len(list((resumed / "tensorboard").iterdir())) == 1
