"""What is learnt: samples to train on and to test on, and the SHA-256 of what they came from."""

from __future__ import annotations

import hashlib
import math
from dataclasses import dataclass

from torch import Tensor

from sgcli.errors import SgError

VALIDATION = 10_000


@dataclass(frozen=True)
class Samples:
    """Images [n, pixels] or rasters of spikes [n, T, inputs], as bytes; and their classes [n]."""

    images: Tensor
    labels: Tensor

    def __len__(self) -> int:
        return len(self.labels)

    def part(self, start: int, stop: int) -> Samples:
        return Samples(self.images[start:stop], self.labels[start:stop])

    def to(self, device: str) -> Samples:
        return Samples(self.images.to(device), self.labels.to(device))


@dataclass(frozen=True)
class Data:
    """What a training learns from, and what it is measured on.

    Without a ``validation`` set of its own it is the end of the training set.
    """

    train: Samples
    test: Samples
    classes: int
    sha256: str
    validation: Samples | None = None

    @property
    def pixels(self) -> int:
        """Inputs of the network."""
        return self.train.images.shape[-1]

    def split(self, evaluate: str, limit: int) -> Data:
        """The data of a run: with the validation set in the place of the test set, or shortened."""
        train, test = self.train, self.test
        if evaluate == "validation" and self.validation is not None:
            test = self.validation
        elif evaluate == "validation":
            if len(train) <= VALIDATION:
                raise SgError(
                    f"{len(train)} training samples leave none beside {VALIDATION:,} to validate",
                    "--evaluate test",
                )
            kept = len(train) - VALIDATION
            train, test = train.part(0, kept), train.part(kept, len(train))
        if limit:
            train, test = train.part(0, limit), test.part(0, limit)
        return Data(train, test, self.classes, self.sha256)

    def to(self, device: str) -> Data:
        return Data(self.train.to(device), self.test.to(device), self.classes, self.sha256)


def made(train: Samples, test: Samples, classes: int, validation: Samples | None = None) -> Data:
    """Data that were made rather than read: the digest is that of the samples."""
    digest = hashlib.sha256()
    for tensor in (train.images, train.labels, test.images, test.labels):
        digest.update(tensor.numpy().tobytes())
    return Data(train, test, classes, digest.hexdigest(), validation)


def image_shape(pixels: int) -> tuple[int, int, int]:
    """Channels, rows and columns of a square image."""
    side = math.isqrt(pixels)
    if side * side != pixels:
        raise SgError(f"{pixels} inputs are no square image", "convolutions and --augment need one")
    return (1, side, side)


def check_batch(data: Data, batch_size: int) -> None:
    if batch_size > len(data.train):
        raise SgError(
            f"batch_size = {batch_size} is more than the {len(data.train)} training samples",
            f"a batch size of at most {len(data.train)}, or a larger limit",
        )
