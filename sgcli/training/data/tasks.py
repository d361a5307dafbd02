"""The tasks, and how the samples of each are read or generated."""

from __future__ import annotations

import gzip
import hashlib
import io
import math
import struct
import zlib
from collections.abc import Callable, Iterable
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

import torch
from torch import Tensor

from sgcli.errors import DataError, SgError
from sgcli.training.data.randman import randman
from sgcli.training.data.samples import Data, Samples, without_file
from sgcli.training.settings import Settings

SUMS = "SHA256SUMS"
LARGEST = 2**31  # bytes of an IDX file
DIGITS_TEST = 360  # the last digits, by writers who are not in the training set

MNIST_SHA256 = {
    "train-images-idx3-ubyte.gz":
        "0b367032e93c5d0cea0925647cfdb18614af8ee15f83e6f2fc2ad904a6835971",
    "train-labels-idx1-ubyte.gz":
        "1787548bbe0bff1ec2ecdc0ef292b02df999e2d1a6002d27500982c652b17203",
    "t10k-images-idx3-ubyte.gz":
        "1a1a05eab793c14bb050b398624a11b0ffd1a2953baed553b1b9bd079e2a20be",
    "t10k-labels-idx1-ubyte.gz":
        "b91679a0acfe4ba0e50a2437a903084cba1f5f92592b016a25a7dfd00455798b",
}  # fmt: skip


def load(settings: Settings) -> Data:
    """The data of a training; :class:`DataError` if a file is missing or damaged."""
    return LOADERS[settings.task](settings)


def mnist(folder: Traversable | None = None) -> Data:
    """LeCun, Cortes and Burges' handwritten digits, 28 × 28 pixels, as shipped with sgcli."""
    folder = files("sgcli.data.mnist") if folder is None else folder
    tensors = [_idx(folder / name, digest) for name, digest in MNIST_SHA256.items()]
    return _images(tensors, "".join(MNIST_SHA256.values()))


def idx(folder: Path) -> Data:
    """Four files named as MNIST's, gzipped or not: Fashion-MNIST, KMNIST, your own.

    Their checksums are compared with those in SHA256SUMS, if the folder has that file.
    """
    names = [name.removesuffix(".gz") for name in MNIST_SHA256]
    read = [parse_idx(path.read_bytes(), str(path)) for path in _intact(folder, names)]
    tensors = [tensor for tensor, _ in read]
    digests = "".join(digest for _, digest in read)
    for images, labels, name in zip(tensors[::2], tensors[1::2], names[::2], strict=True):
        if images.ndim < 2 or labels.shape != images.shape[:1] or not len(labels):
            raise DataError(
                f"{folder / name} and its labels have the shapes "
                f"{tuple(images.shape)} and {tuple(labels.shape)}",
                "[n, rows, columns] and [n]",
            )
    train, test = (tuple(images.shape[1:]) for images in tensors[::2])
    if train != test:
        raise DataError(f"{folder} has training images of {train}, but test images of {test}")
    return _images(tensors, digests)


def _images(tensors: list[Tensor], digests: str) -> Data:
    train_x, train_y, test_x, test_y = tensors
    return Data(
        Samples(train_x.flatten(1), train_y.long()),
        Samples(test_x.flatten(1), test_y.long()),
        classes=int(max(train_y.max(), test_y.max())) + 1,
        sha256=hashlib.sha256(digests.encode()).hexdigest(),
    )


def digits() -> Data:
    """Alpaydin and Kaynak's 1797 digits of 8 × 8 pixels (UCI, 1998), shipped with scikit-learn."""
    try:
        from sklearn.datasets import load_digits
    except ImportError as error:
        raise SgError("task digits needs scikit-learn", "pip install 'sgcli[digits]'") from error
    images, labels = load_digits(return_X_y=True)
    # 17 levels of grey become bytes.
    pixels = torch.from_numpy(images).mul(255 / 16).round().to(torch.uint8)
    samples = Samples(pixels, torch.from_numpy(labels).long())
    first = len(samples) - DIGITS_TEST
    return without_file(samples.part(0, first), samples.part(first, len(samples)), 10)


def random_patterns(
    seed: int, steps: int, *, samples: int = 256, inputs: int = 100, probability: float = 0.005
) -> Data:
    """Rasters [n, steps, inputs] of independent spikes, with one of two classes at random.

    5 Hz in steps of 1 ms, as in Zenke's SpyTorch tutorial 1. Random labels do not generalise, so
    the training set is also the test set.
    """
    g = torch.Generator().manual_seed(seed)
    fired = torch.rand(samples, steps, inputs, generator=g) < probability
    labels = (torch.rand(samples, generator=g) < 0.5).long()
    patterns = Samples(fired.to(torch.uint8) * 255, labels)
    return without_file(patterns, patterns, 2)


def _idx_folder(settings: Settings) -> Data:
    if not settings.data_dir:
        raise SgError("task idx needs a folder", "use --data-dir with the four IDX files")
    return idx(Path(settings.data_dir))


LOADERS: dict[str, Callable[[Settings], Data]] = {
    "mnist": lambda settings: mnist(),
    "idx": _idx_folder,
    "digits": lambda settings: digits(),
    "randman": lambda settings: randman(settings.seed, settings.time, settings.spectrum),
    "spytorch": lambda settings: random_patterns(settings.seed, settings.time),
}


SEEDED = ("randman", "spytorch")  # the seed decides their samples


def _intact(folder: Path, names: Iterable[str]) -> list[Path]:
    """The paths of these files; :class:`DataError` if a checksum differs from SHA256SUMS."""
    paths = [_idx_path(folder, name) for name in names]
    known = _sums(folder / SUMS)
    for path in paths:
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        if known.get(path.name, digest) != digest:
            raise DataError(
                f"{path} is damaged: its SHA-256 is {digest[:12]}…, not "
                f"{known[path.name][:12]}… as in {SUMS}",
                "download it again",
            )
    return paths


def _idx_path(folder: Path, name: str) -> Path:
    """The path of a file, which may be gzipped and may have ``.idx`` in place of ``-idx``."""
    dotted = name.replace("-idx", ".idx")
    for candidate in (f"{name}.gz", name, f"{dotted}.gz", dotted):
        if (folder / candidate).is_file():
            return folder / candidate
    raise DataError(f"{folder} has no {name}.gz", "--data-dir names a folder with four IDX files")


def _sums(path: Path) -> dict[str, str]:
    """Checksum by file name, from a file that ``sha256sum`` wrote; empty if it does not exist."""
    if not path.is_file():
        return {}
    try:
        lines = [line.split() for line in path.read_text(encoding="utf-8").splitlines()]
        return {name.removeprefix("*"): digest.lower() for digest, name in filter(None, lines)}
    except ValueError as error:
        raise DataError(f"{path} is not in the format of sha256sum", str(error)) from error


def _idx(path: Traversable, sha256: str) -> Tensor:
    """The tensor in a gzipped IDX file."""
    hint = "install sgcli again"
    try:
        packed = path.read_bytes()
    except OSError as error:
        raise DataError(f"cannot read {path}: {error.strerror or error}", hint) from error
    if (digest := hashlib.sha256(packed).hexdigest()) != sha256:
        raise DataError(
            f"{path} is damaged: its SHA-256 is {digest[:12]}…, not {sha256[:12]}…", hint
        )
    return parse_idx(packed, str(path))[0]


def parse_idx(content: bytes, origin: str) -> tuple[Tensor, str]:
    """The tensor in an IDX file, which may be gzipped, and the SHA-256 of what is unpacked.

    No more is unpacked than the header says. Raises :class:`DataError` for any other file.
    """
    raw = io.BytesIO(content)
    file = raw if content[:3] == b"\0\0\x08" else gzip.GzipFile(fileobj=raw)
    try:
        start = file.read(4)
        zero, kind, ndim = struct.unpack(">HBB", start)
        if zero != 0 or kind != 8:
            raise DataError(f"{origin} is not an IDX file of bytes", f"it begins with {start!r}")
        lengths = file.read(4 * ndim)
        shape = struct.unpack(f">{ndim}I", lengths)
        size = math.prod(shape)
        if size > LARGEST:
            raise DataError(f"{origin} has {size} bytes of data", f"at most {LARGEST} are read")
        body = file.read(size + 1)
    except struct.error as error:
        raise DataError(f"{origin} is not an IDX file", str(error)) from error
    except (EOFError, OSError, zlib.error) as error:
        raise DataError(f"{origin} is not a gzipped IDX file", str(error)) from error
    if not size:
        raise DataError(f"{origin} has no data", f"its shape is {shape}")
    if len(body) != size:
        number = len(body) if len(body) < size else f"more than {size}"
        raise DataError(
            f"{origin} has {number} bytes of data, not {size}", "it may be truncated or damaged"
        )
    digest = hashlib.sha256(start + lengths + body).hexdigest()
    return torch.frombuffer(bytearray(body), dtype=torch.uint8).view(shape), digest
