"""The laws of what is random: spikes and gradients that hold in the mean."""

from __future__ import annotations

import math

import numpy as np
import torch
from numpy.typing import NDArray

from sgcli.checks.dtypes import Format
from sgcli.checks.on_torch.computed import gradient
from sgcli.checks.subject import Subject
from sgcli.checks.verdict import Status, Verdict
from sgcli.definitions.evaluate import curve

CHANCE = 1e-8  # of a false alarm at one point of a random forward pass


def backward_in_mean(subject: Subject, format: Format, device: str) -> Verdict:
    """Drawn gradients have the declared mean to within 6 standard errors at each of 18 points."""
    draws = 20_000
    x = np.linspace(-1.5, 1.5, 18)  # without 0, where the side is a choice
    want = curve(subject.shape, x)
    drawn = gradient(subject.function, np.tile(x, (draws, 1)), format, device)
    room = 6 * drawn.std(axis=0) / np.sqrt(draws) + 8 * format.unit * np.abs(want)
    mean = drawn.mean(axis=0)
    off = np.abs(mean - want)
    at = int(np.argmax(off - room))
    status: Status = "pass" if (off <= room).all() else "fail"
    detail = f"mean of {draws} draws, within 6 standard errors"
    result = (at, "backward", status, format.name, x, want, mean)
    return Verdict.at(*result, points=x.size, detail=detail)


def forward_in_mean(subject: Subject, format: Format, device: str) -> Verdict:
    """Draws are 0 or 1, with the declared probability, as far as chance allows."""
    draws = 20_000
    x = np.linspace(-0.5, 1.5, 17)
    given = torch.tensor(x, dtype=getattr(torch, format.name), device=device)
    # The points as the format has them.
    want = curve(subject.shape, given.double().cpu().numpy(), "forward")
    drawn = subject.function(given.repeat(draws, 1)).detach().double().cpu().numpy()
    mean = drawn.mean(axis=0)
    off = np.abs(mean - want)
    wrong = (off > by_chance(want, draws)) | ~np.isin(drawn, [0.0, 1.0]).all(axis=0)
    at = int(np.argmax(np.where(wrong, np.inf, off)))
    status: Status = "fail" if wrong.any() else "pass"
    detail = f"mean of {draws} draws; chance exceeds the bound once in {1 / CHANCE:.0e} times"
    result = (at, "forward", status, format.name, x, want, mean)
    return Verdict.at(*result, points=x.size, detail=detail)


def by_chance(probability: NDArray[np.float64], draws: int) -> NDArray[np.float64]:
    """How far the mean of that many draws may be off, by Bernstein's inequality.

    Standard errors would not do: where a spike is rare, two of them are many.
    """
    third = math.log(2 / CHANCE) / 3
    variance = probability * (1 - probability) * draws
    room = (third + np.sqrt(third * third + 6 * third * variance)) / draws
    return np.where(variance == 0, 0.0, room)
