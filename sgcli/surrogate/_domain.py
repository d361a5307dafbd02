"""Maps between the real line and the domain of a trainable shape parameter."""

from __future__ import annotations

import math

import torch
from torch import Tensor
from torch.nn.functional import softplus

from sgcli.definitions.param import Interval


def into(interval: Interval, raw: Tensor) -> Tensor:
    """Map the real line onto the interval, differentiably, with a gradient that is nowhere 0.

    The map is a sigmoid for a bounded interval, softplus above an open lower end, and |raw| above a
    closed one, which can reach the end itself.
    """
    if math.isfinite(interval.high):
        return interval.low + (interval.high - interval.low) * torch.sigmoid(raw)
    if not math.isfinite(interval.low):
        return raw
    if interval.closed_low:
        return interval.low + torch.where(raw >= 0, raw, -raw)
    return interval.low + softplus(raw)


def out_of(interval: Interval, value: Tensor) -> Tensor:
    """The inverse of :func:`into`."""
    if math.isfinite(interval.high):
        return torch.logit((value - interval.low) / (interval.high - interval.low))
    if not math.isfinite(interval.low):
        return value
    above = value - interval.low
    if interval.closed_low:
        return above
    return above + torch.log(-torch.expm1(-above))
