"""Trainings on a GPU, where there is one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch

from sgcli.training.data.samples import Data
from sgcli.training.run.runs import run
from tests.training.run.test_runs import Recorder, same

pytestmark = [
    pytest.mark.gpu,
    pytest.mark.skipif(not torch.cuda.is_available(), reason="there is no CUDA device"),
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),  # of torch.compile, in torch
]


@pytest.mark.parametrize("amp", [False, True])
def test_it_learns(data: Data, small: Any, tmp_path: Path, amp: bool) -> None:
    found = run(small(device="cuda", amp=amp, epochs=6), tmp_path, data=data)
    assert found.accuracy is not None
    assert found.accuracy > 0.9


def test_interrupted_and_resumed_equals_uninterrupted(
    data: Data, small: Any, tmp_path: Path
) -> None:
    settings = small(device="cuda")
    whole = run(settings, tmp_path / "whole", data=data)
    with pytest.raises(KeyboardInterrupt):
        run(settings, tmp_path / "runs", data=data, report=Recorder(press_at=13))
    assert same(
        whole.folder,
        run(settings, tmp_path / "runs", data=data, resume=True).folder,
    )
