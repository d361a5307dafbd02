"""The data: what is shipped, and what happens when it is damaged."""

from __future__ import annotations

import gzip
import shutil
import struct
from importlib.resources import files
from pathlib import Path

import pytest
import torch

from sgcli.errors import DataError, SgError
from sgcli.training import tasks
from sgcli.training.tasks import Data


def test_mnist_is_whole() -> None:
    data = tasks.load("mnist")
    assert data.train.images.shape == (60_000, 784)
    assert data.test.images.shape == (10_000, 784)
    assert data.train.images.dtype is torch.uint8
    # The published counts of the training labels.
    counts = [5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949]
    assert torch.bincount(data.train.labels).tolist() == counts
    assert torch.bincount(data.test.labels).tolist() == [
        980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009
    ]  # fmt: skip
    # The mean and deviation that everybody normalises with.
    pixels = data.train.images.float() / 255
    assert pixels.mean().item() == pytest.approx(0.1307, abs=1e-4)
    assert pixels.std().item() == pytest.approx(0.3081, abs=1e-4)


def test_validation_is_the_end_of_the_training_set() -> None:
    n = tasks.VALIDATION + 50
    samples = tasks.Samples(torch.arange(n, dtype=torch.int32)[:, None], torch.zeros(n))
    whole = Data(samples, samples.part(0, 3), 10, "")
    data = whole.split("validation", 0)
    assert data.train.images.flatten().tolist() == list(range(50))
    assert data.test.images[0].item() == 50
    assert len(data.test) == tasks.VALIDATION
    assert len(whole.split("test", 20).train) == 20
    assert len(whole.split("test", 20).test) == 3


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    for name in tasks.MNIST_SHA256:
        shutil.copy(str(files("sgcli.data.mnist") / name), tmp_path / name)
    return tmp_path


@pytest.mark.parametrize("name", tasks.MNIST_SHA256)
def test_a_flipped_bit_a_cut_and_a_missing_file_are_found(copy: Path, name: str) -> None:
    path = copy / name
    whole = path.read_bytes()
    flipped = bytearray(whole)
    flipped[len(whole) // 2] ^= 1
    for damaged in (bytes(flipped), whole[:-100], b""):
        path.write_bytes(damaged)
        with pytest.raises(DataError, match="SHA-256") as caught:
            tasks.mnist(copy)
        assert str(path) in caught.value.message
    path.unlink()
    with pytest.raises(DataError, match="cannot read"):
        tasks.mnist(copy)


def idx(kind: int, *shape: int, body: int) -> bytes:
    return gzip.compress(
        struct.pack(f">HBB{len(shape)}I", 0, kind, len(shape), *shape) + bytes(body)
    )


def test_an_idx_file_is_read_in_its_shape() -> None:
    assert tasks.parse_idx(idx(8, 2, 3, 4, body=24), "x").shape == (2, 3, 4)


@pytest.mark.parametrize(
    "packed",
    [
        b"",
        b"no gzip",
        idx(8, 2, 3, body=6)[:-9],
        idx(13, 2, body=8),
        idx(8, 2, 3, body=5),
        gzip.compress(b"\0"),
    ],
    ids=["empty", "no gzip", "cut short", "another type", "too little", "no header"],
)
def test_what_is_no_idx_file_is_refused(packed: bytes) -> None:
    with pytest.raises(DataError, match="x "):
        tasks.parse_idx(packed, "x")


def test_a_batch_must_fit_into_the_data(data: Data) -> None:
    tasks.check_batch(data, 95)
    with pytest.raises(SgError, match="96 is more than the 95"):
        tasks.check_batch(data, 96)
