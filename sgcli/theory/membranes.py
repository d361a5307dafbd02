"""Where membranes are, beside where surrogates have a gradient."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sgcli.definitions.core import Shape
from sgcli.theory.curves import Sampled, sample

BINS = 80
NEAR = 2.5  # the least that is shown to either side of the threshold
BEYOND = 5e-4  # the share of membranes that may be out of sight at either side


@dataclass(frozen=True)
class Membranes:
    """Share of the membranes of each layer between ``edges`` of x = H − v_threshold; gradients."""

    edges: NDArray[np.float64]
    shares: Mapping[str, NDArray[np.float64]]
    curves: Sequence[Sampled]


def histogram(x: Mapping[str, NDArray[np.float64]], shapes: Sequence[Shape]) -> Membranes:
    """Count membranes x of each layer, and sample the gradients over the same range."""
    together = np.concatenate([*x.values()])
    low, high = np.quantile(together, [BEYOND, 1 - BEYOND])
    low, high = min(float(np.floor(low)), -NEAR), max(float(np.ceil(high)), NEAR)
    edges = np.linspace(low, high, BINS + 1)
    return Membranes(
        edges,
        {name: np.histogram(values, edges)[0] / len(values) for name, values in x.items()},
        [sample(shape, low, high, which=["derivative"]) for shape in shapes],
    )
