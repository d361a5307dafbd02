"""Samples to train and to test on, and the SHA-256 of their source."""

from __future__ import annotations

import hashlib
import math
from dataclasses import dataclass

from torch import Tensor

from sgcli.errors import SgError

VALIDATION = 10_000


@dataclass(frozen=True)
class Samples:
    """Images [n, pixels] or spike rasters [n, T, inputs] as bytes, and their classes [n]."""

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
    """The training set, the test set and the number of classes of a task.

    Without a ``validation`` set, the end of the training set serves as one.
    """

    train: Samples
    test: Samples
    classes: int
    sha256: str
    validation: Samples | None = None

    @property
    def pixels(self) -> int:
        """Number of inputs of the network."""
        return self.train.images.shape[-1]

    def split(self, evaluate: str, limit: int) -> Data:
        """The data of a run: ``test`` is the set to evaluate on; ``limit`` shortens both sets."""
        train, test = self.train, self.test
        if evaluate == "validation" and self.validation is not None:
            test = self.validation
        elif evaluate == "validation":
            if len(train) <= VALIDATION:
                raise SgError(
                    f"{len(train)} training samples are too few: {VALIDATION:,} go to validation",
                    "--evaluate test",
                )
            count = len(train) - VALIDATION
            train, test = train.part(0, count), train.part(count, len(train))
        if limit:
            train, test = train.part(0, limit), test.part(0, limit)
        return Data(train, test, self.classes, self.sha256)

    def to(self, device: str) -> Data:
        return Data(self.train.to(device), self.test.to(device), self.classes, self.sha256)


def without_file(
    train: Samples, test: Samples, classes: int, validation: Samples | None = None
) -> Data:
    """Data that come from no file; the digest is that of the samples."""
    digest = hashlib.sha256()
    for tensor in (train.images, train.labels, test.images, test.labels):
        digest.update(tensor.numpy().tobytes())
    return Data(train, test, classes, digest.hexdigest(), validation)


def image_shape(pixels: int) -> tuple[int, int, int]:
    """Channels, rows and columns of a square image."""
    side = math.isqrt(pixels)
    if side * side != pixels:
        raise SgError(
            f"{pixels} inputs are not a square image", "convolutions and --augment need one"
        )
    return (1, side, side)


def check_batch(data: Data, batch_size: int) -> None:
    if batch_size > len(data.train):
        raise SgError(
            f"batch_size = {batch_size} is more than the {len(data.train)} training samples",
            f"use a batch size of at most {len(data.train)}, or a larger limit",
        )
