"""What a torch surrogate computes at the points of the checks."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from sgcli.checks import points
from sgcli.checks.dtypes import Format
from sgcli.checks.judge import Pair
from sgcli.checks.subject import Function, Subject
from sgcli.checks.truth import Truth, densely, exactly

# Powers of two: dividing by them changes no bit. Large ones are for what would clip them, in
# dtypes where no gradient becomes too large by them.
UPSTREAM = (-2.0, -1.0, 1.0, 2.0)
LARGE = (-1024.0, 1024.0)


def truths(subject: Subject, format: Format) -> list[Truth]:
    truths = [densely(subject.shape, format)]
    return [*truths, exactly(subject.shape, format)] if format.precision >= 24 else truths


@lru_cache(maxsize=4)
def gradients(subject: Subject, format: Format, device: str) -> tuple[Pair, ...]:
    return tuple(
        (t, gradient(subject.function, t.x, format, device, mixed=True))
        for t in truths(subject, format)
    )


def gradient(
    function: Function, x: Any, format: Format, device: str, mixed: bool = False
) -> NDArray[np.float64]:
    """dy/dx at each x; with ``mixed`` upstream gradients, divided out again."""
    dtype = getattr(torch, format.name)
    leaf = torch.tensor(x, dtype=dtype, device=device, requires_grad=True)
    choices = (*UPSTREAM, *(LARGE if format.precision >= 24 else ())) if mixed else (1.0,)
    upstream = np.random.default_rng(0).choice(choices, size=x.shape)
    y = function(leaf)
    given = torch.tensor(upstream, dtype=y.dtype, device=device)
    (got,) = torch.autograd.grad(y, leaf, given)
    return np.asarray(got.detach().double().cpu().numpy() / upstream)


def values(function: Function, truth: Truth, device: str) -> NDArray[np.float64]:
    x = torch.tensor(truth.x, dtype=getattr(torch, truth.format.name), device=device)
    return function(x).detach().double().cpu().numpy()


def raises_at(subject: Subject, format: Format, device: str) -> float | None:
    """The x at which the surrogate raises, by halving; None where for all or for none."""
    x = points.dense(format)
    while x.size > 1:
        low, high = x[: x.size // 2], x[x.size // 2 :]
        bad = [half for half in (low, high) if _raises(subject, half, format, device)]
        if len(bad) != 1:
            return None
        x = bad[0]
    return float(x[0])


def _raises(subject: Subject, x: Any, format: Format, device: str) -> bool:
    try:
        gradient(subject.function, x, format, device)
    except (Exception, SystemExit):
        return True
    return False
