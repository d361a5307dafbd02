"""The data: what is shipped, and what happens when it is damaged."""

from __future__ import annotations

import gzip
import hashlib
import math
import resource
import shutil
import struct
from importlib.resources import files
from pathlib import Path

import pytest
import torch

from sgcli.errors import DataError, SgError
from sgcli.training.data import tasks
from sgcli.training.data.randman import randman
from sgcli.training.data.samples import VALIDATION, Data, Samples, check_batch
from sgcli.training.data.tasks import SEEDED
from sgcli.training.settings import TASKS, settings_for


def test_mnist_is_whole() -> None:
    data = tasks.load(settings_for("mnist"))
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
    n = VALIDATION + 50
    samples = Samples(torch.arange(n, dtype=torch.int32)[:, None], torch.zeros(n))
    whole = Data(samples, samples.part(0, 3), 10, "")
    data = whole.split("validation", 0)
    assert data.train.images.flatten().tolist() == list(range(50))
    assert data.test.images[0].item() == 50
    assert len(data.test) == VALIDATION
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
    packed = idx(8, 2, 3, 4, body=24)
    tensor, digest = tasks.parse_idx(packed, "x")
    assert tensor.shape == (2, 3, 4)
    raw = gzip.decompress(packed)
    assert digest == hashlib.sha256(raw).hexdigest()
    assert torch.equal(tasks.parse_idx(raw, "x")[0], tensor)


def test_a_bomb_is_not_unpacked() -> None:
    packed = idx(8, 2, 3, body=300_000_000)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(DataError, match="has more than 6 bytes of data, not 6"):
        tasks.parse_idx(packed, "x")
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 100_000  # kB
    with pytest.raises(DataError, match="at most 2147483648 are read"):
        tasks.parse_idx(idx(8, 2**20, 2**12, body=0), "x")


@pytest.mark.parametrize(
    "packed",
    [
        b"",
        b"no gzip",
        idx(8, 2, 3, body=6)[:-9],
        idx(13, 2, body=8),
        idx(8, 2, 3, body=5),
        gzip.compress(b"\0"),
        idx(8, 0, 28, 28, body=0),
    ],
    ids=["empty", "no gzip", "cut short", "another type", "too little", "no header", "no sample"],
)
def test_what_is_no_idx_file_is_refused(packed: bytes) -> None:
    with pytest.raises(DataError, match="x "):
        tasks.parse_idx(packed, "x")


def test_a_batch_must_fit_into_the_data(data: Data) -> None:
    check_batch(data, 95)
    with pytest.raises(SgError, match="96 is more than the 95"):
        check_batch(data, 96)


def images(count: int, rows: int = 3, labels: int | None = None) -> tuple[bytes, bytes]:
    """The bytes of two IDX files, not packed."""
    pixels = bytes(i % 256 for i in range(count * rows * rows))
    kinds = bytes(i % 4 for i in range(count if labels is None else labels))
    return (
        struct.pack(">HBB3I", 0, 8, 3, count, rows, rows) + pixels,
        struct.pack(">HBBI", 0, 8, 1, len(kinds)) + kinds,
    )


def write(folder: Path, *, packed: bool = True, dotted: bool = False, **given: int) -> None:
    for name, (x, y) in {"train": images(12, **given), "t10k": images(5, **given)}.items():
        for kind, raw in ((f"{name}-images-idx3-ubyte", x), (f"{name}-labels-idx1-ubyte", y)):
            written = kind.replace("-idx", ".idx") if dotted else kind
            path = folder / (f"{written}.gz" if packed else written)
            path.write_bytes(gzip.compress(raw, mtime=0) if packed else raw)


@pytest.mark.parametrize("packed", [True, False])
@pytest.mark.parametrize("dotted", [True, False])
def test_any_folder_of_idx_files(tmp_path: Path, packed: bool, dotted: bool) -> None:
    write(tmp_path, packed=packed, dotted=dotted)
    data = tasks.load(settings_for("idx", data_dir=str(tmp_path)))
    assert data.train.images.tolist() == [[(9 * i + j) % 256 for j in range(9)] for i in range(12)]
    assert data.test.labels.tolist() == [0, 1, 2, 3, 0]
    assert (data.classes, data.pixels, len(data.test)) == (4, 9, 5)


def test_what_is_in_a_folder_decides_its_sum(tmp_path: Path) -> None:
    write(tmp_path)
    first = tasks.idx(tmp_path).sha256
    assert tasks.idx(tmp_path).sha256 == first
    path = tmp_path / "t10k-labels-idx1-ubyte.gz"
    raw = bytearray(gzip.decompress(path.read_bytes()))
    raw[-1] ^= 1
    path.write_bytes(gzip.compress(bytes(raw), mtime=0))
    assert tasks.idx(tmp_path).sha256 != first


def test_packed_or_not_it_is_the_same_data(tmp_path: Path) -> None:
    write(tmp_path)
    packed = tasks.idx(tmp_path).sha256
    for path in tmp_path.iterdir():
        path.unlink()
    write(tmp_path, packed=False, dotted=True)
    assert tasks.idx(tmp_path).sha256 == packed


@pytest.mark.parametrize("packed", [True, False])
def test_files_are_held_against_their_checksums(tmp_path: Path, packed: bool) -> None:
    write(tmp_path, packed=packed)
    files = sorted(tmp_path.iterdir())
    sums = "".join(f"{hashlib.sha256(p.read_bytes()).hexdigest()}  {p.name}\n" for p in files)
    (tmp_path / "SHA256SUMS").write_text(sums + "\n" + "0" * 64 + " *readme\n")
    data = tasks.idx(tmp_path)
    for path in files:
        whole = path.read_bytes()
        # A flag of gzip that nobody reads, a pixel or a label.
        place = 8 if packed else len(whole) - 1
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
        with pytest.raises(DataError, match=f"{path.name} is damaged.*SHA256SUMS"):
            tasks.idx(tmp_path)
        path.write_bytes(whole)
    assert tasks.idx(tmp_path).sha256 == data.sha256
    (tmp_path / "SHA256SUMS").write_text("nonsense\n")
    with pytest.raises(DataError, match="not in the format of sha256sum"):
        tasks.idx(tmp_path)


def test_images_of_two_sizes_are_refused(tmp_path: Path) -> None:
    write(tmp_path, packed=False)
    for path, raw in zip(
        ("t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte"), images(5, rows=4), strict=True
    ):
        (tmp_path / path).write_bytes(raw)
    with pytest.raises(DataError, match=r"images of \(3, 3\), but test images of \(4, 4\)"):
        tasks.idx(tmp_path)


def test_a_folder_without_files_or_with_wrong_ones(tmp_path: Path) -> None:
    with pytest.raises(SgError, match="needs a folder"):
        tasks.load(settings_for("idx"))
    with pytest.raises(DataError, match="has no train-images-idx3-ubyte"):
        tasks.idx(tmp_path)
    write(tmp_path, labels=4)
    with pytest.raises(DataError, match=r"\(12, 3, 3\) and \(4,\)"):
        tasks.idx(tmp_path)


def test_an_mnist_of_ones_own_is_mnist(copy: Path) -> None:
    own, shipped = tasks.idx(copy), tasks.mnist()
    assert torch.equal(own.train.images, shipped.train.images)
    assert torch.equal(own.test.labels, shipped.test.labels)


def test_digits() -> None:
    pytest.importorskip("sklearn")
    data = tasks.load(settings_for("digits"))
    assert (len(data.train), len(data.test), data.pixels, data.classes) == (1437, 360, 64, 10)
    assert data.train.images.max() == 255
    assert data.train.labels[:10].tolist() == list(range(10))


def test_digits_without_scikit_learn(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "sklearn.datasets", None)
    with pytest.raises(SgError, match="scikit-learn") as caught:
        tasks.load(settings_for("digits"))
    assert "sgcli[digits]" in caught.value.hint


@pytest.mark.parametrize("task", SEEDED)
def test_samples_hang_on_the_seed_alone(task: str) -> None:
    def load(seed: int) -> Data:
        torch.rand(3)  # whatever the global generator does
        return tasks.load(settings_for(task, seed=seed, time=8))

    if task == "randman":
        one, again, other = (randman(s, 8, classes=3, samples=50) for s in (1, 1, 2))
    else:
        one, again, other = load(1), load(1), load(2)
    assert one.sha256 == again.sha256 != other.sha256
    assert torch.equal(one.train.images, again.train.images)
    assert not torch.equal(one.train.images, other.train.images)


@pytest.mark.parametrize("spectrum", ["paper", "code"])
def test_randman_fires_once_an_input_over_the_whole_interval(spectrum: str) -> None:
    data = randman(0, 50, spectrum, classes=4, inputs=7, samples=200)
    assert (len(data.train), len(data.test), data.pixels) == (4 * 160, 4 * 20, 7)
    validated = data.split("validation", 0)
    assert validated.train is data.train
    assert len(validated.test) == 4 * 20
    assert not torch.equal(validated.test.images, data.test.images)
    for part in (data.train, validated.test, data.test):
        assert torch.equal((part.images > 0).sum(1), torch.ones(len(part), 7))
        assert torch.bincount(part.labels).tolist() == [len(part) // 4] * 4
        # In no order of the classes.
        assert part.labels.tolist() != sorted(part.labels.tolist())
    fired = (data.train.images > 0).any(0).any(1)
    assert fired[0]
    assert fired[-1]


def test_randman_functions_by_hand() -> None:
    from sgcli.training.data.randman import CUTOFF, function

    for spectrum, first in (("paper", 1), ("code", 0)):
        a, b, c = torch.rand(
            3, 2, CUTOFF, dtype=torch.float64, generator=torch.Generator().manual_seed(5)
        ).tolist()
        f = function(2, spectrum, 1.5, torch.Generator().manual_seed(5))
        x = torch.tensor([[0.3, 0.9]], dtype=torch.float64)
        want = 1.0
        for j in range(2):
            if spectrum == "code":
                a[j][0] = 0.0
            total = 0.0
            for i in range(CUTOFF):
                k = i + 1
                size = k**-1.5 if spectrum == "paper" else 1 / (k**1.5 + 1)
                phase = 2 * math.pi * ((i + first) * x[0, j].item() * b[j][i] + c[j][i])
                total += size * a[j][i] * math.sin(phase)
            want *= total
        assert f(x).item() == pytest.approx(want, rel=1e-9)


def test_spytorchs_patterns_are_sparse_and_their_classes_even() -> None:
    data = tasks.load(settings_for("spytorch"))
    assert data.train.images.shape == (256, 200, 100)
    assert (data.train.images > 0).float().mean().item() == pytest.approx(0.005, rel=0.02)
    assert 0.35 < data.train.labels.float().mean().item() < 0.65
    assert torch.equal(data.train.images, data.test.images)


@pytest.mark.parametrize("task", [t for t in TASKS if t not in ("idx", "mnist", "randman")])
def test_a_small_task_has_no_validation_set(task: str) -> None:
    if task == "digits":
        pytest.importorskip("sklearn")
    with pytest.raises(SgError, match="go to validation"):
        tasks.load(settings_for(task)).split("validation", 0)
