"""Scikit-learn's digits: 1797 images of 8 × 8 pixels, the smallest real task there is."""

from __future__ import annotations

import dataclasses

import torch

from sgcli.errors import SgError
from sgcli.training.samples import Data, Samples, sha256

TEST = 360  # the last ones, which other writers wrote


def digits() -> Data:
    """Alpaydin and Kaynak's digits (UCI, 1998) as scikit-learn ships them."""
    try:
        from sklearn.datasets import load_digits
    except ImportError as error:
        raise SgError("task digits needs scikit-learn", "pip install 'sgcli[digits]'") from error
    images, labels = load_digits(return_X_y=True)
    # Their 17 levels of grey as bytes.
    pixels = torch.from_numpy(images).mul(255 / 16).round().to(torch.uint8)
    classes = torch.from_numpy(labels).long()
    train = Samples(pixels[:-TEST], classes[:-TEST])
    data = Data(train, Samples(pixels[-TEST:], classes[-TEST:]), 10, "")
    return dataclasses.replace(data, sha256=sha256(data))
