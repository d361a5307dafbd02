"""A task of a few samples that a small network learns in a second."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
import torch

from sgcli.training.data.samples import Data, Samples
from sgcli.training.settings import Settings, settings_for

SMALL = {"hidden": [16], "time": 6, "batch_size": 10, "epochs": 2, "threads": 1, "lr": 0.02}


@pytest.fixture(autouse=True)
def _one_thread() -> Iterator[None]:
    """More threads would only wait for each other on so small a task."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture
def small() -> Callable[..., Settings]:
    """Settings that fit the small task."""
    return lambda **given: settings_for("mnist", **{**SMALL, **given})


@pytest.fixture(scope="session")
def data() -> Data:
    """Four classes, each a pattern of 20 pixels, of which one in ten is wrong."""
    g = torch.Generator().manual_seed(0)
    patterns = torch.rand(4, 20, generator=g) < 0.5

    def draw(count: int) -> Samples:
        labels = torch.randint(4, (count,), generator=g)
        images = patterns[labels] ^ (torch.rand(count, 20, generator=g) < 0.1)
        return Samples(images.to(torch.uint8) * 255, labels)

    return Data(draw(95), draw(60), classes=4, sha256="small")
