"""Spikes without any structure, to be learnt by heart."""

from __future__ import annotations

import dataclasses

import torch

from sgcli.training.samples import Data, Samples, sha256


def random_patterns(
    seed: int, steps: int, *, samples: int = 256, inputs: int = 100, probability: float = 0.005
) -> Data:
    """Rasters [n, steps, inputs] of independent spikes in two classes drawn at random.

    5 Hz in steps of 1 ms, as in Zenke's SpyTorch tutorial 1. There is nothing to generalise to:
    the test set is the training set.
    """
    g = torch.Generator().manual_seed(seed)
    fired = torch.rand(samples, steps, inputs, generator=g) < probability
    labels = (torch.rand(samples, generator=g) < 0.5).long()
    patterns = Samples(fired.to(torch.uint8) * 255, labels)
    data = Data(patterns, patterns, 2, "")
    return dataclasses.replace(data, sha256=sha256(data))
