"""Compares the state in a checkpoint with that of a training, value by value, before it is loaded.

Torch compares shapes of weights only: fused optimizers write past the end of a state that is too
small, and generators read past the end of one that is inconsistent.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any, Protocol

import torch
from torch import Generator, Tensor

from sgcli.training.network.network import Network
from sgcli.training.settings import Settings

FINITE = sys.float_info.max
SECONDS = 1e-9, 1e10  # duration of any training that took a step
COUNTED = 2**24  # steps; Adam counts them in float32, which goes no further
MERSENNE = 624  # numbers in the state of a generator on the CPU
# The tensors that an optimizer holds for each weight, of the shape of the weight.
MOMENTS = {"adam": ("exp_avg", "exp_avg_sq"), "sgd": ("momentum_buffer",)}


@dataclass(frozen=True)
class Range:
    """Numbers between two ends, of their type."""

    low: float
    high: float


class ResumedTraining(Protocol):
    """The training whose state is compared."""

    settings: Settings
    network: Network
    generators: dict[str, Generator]
    steps_per_epoch: int
    every: int

    @property
    def total(self) -> int: ...

    def state_dict(self) -> dict[str, Any]: ...


# Conditions for a tensor x beside the shape and dtype of the expected y; others have to be finite.
RULES: dict[str, tuple[Callable[[Tensor, Tensor], bool], str]] = {
    # The square of a finite gradient may be infinite; the weight then does not change.
    "optimizer.state.*.exp_avg_sq": (lambda x, y: bool((x >= 0).all()), "has negative values"),
    "optimizer.state.*.step": (torch.equal, "is not the number of steps"),
    "order": (
        lambda x, y: torch.equal(x.sort().values, y.sort().values),
        "is not a permutation",
    ),
    "network.*.running_var": (
        lambda x, y: _finite(x) and bool((x >= 0).all()),
        "is not a variance",
    ),
    "network.*.num_batches_tracked": (lambda x, y: bool(x >= 0), "is negative"),
    "network.*.deviation": (lambda x, y: _finite(x) and bool((x > 0).all()), "is not positive"),
}


def check(trainer: ResumedTraining, state: object) -> None:
    """Raise ``ValueError`` with the first entry in which a state does not fit this training."""
    own = trainer.state_dict()
    stored = _with_keys("", state, own)
    place = {"epoch": stored["epoch"], "step": stored["step"]}
    steps = trainer.steps_per_epoch
    compare("epoch", place["epoch"], Range(0, math.ceil(trainer.total / steps)))
    left = trainer.total - place["epoch"] * steps
    compare("step", place["step"], Range(0, max(0, min(steps, left))))
    done = min(place["epoch"] * steps + place["step"], trainer.total)
    compare("", stored, {**own, **place, **_expected(trainer, own["optimizer"], done)})
    right, samples = stored["sums"]["right"], stored["sums"]["samples"]
    if right > samples:
        raise ValueError(f"sums.right is {right} of {samples} samples")
    for name, generator in trainer.generators.items():
        _check_generator(f"generators.{name}", stored["generators"][name], generator.device)
    memory = [x.untyped_storage().data_ptr() for x in _tensors(stored) if x.numel()]
    if len(set(memory)) < len(memory):
        raise ValueError("some of its tensors share memory")


def _expected(trainer: ResumedTraining, optimizer: dict[str, Any], done: int) -> dict[str, Any]:
    """The entries of the state after ``done`` steps that differ from those of a new training."""
    settings = trainer.settings
    most = trainer.every * settings.batch_size
    moments: dict[int, dict[str, Tensor]] = {}
    for i, weight in enumerate(trainer.network.parameters() if done else ()):
        moments[i] = dict.fromkeys(MOMENTS[settings.optimizer], weight.detach())
        if settings.optimizer == "adam":
            moments[i]["step"] = torch.tensor(float(min(done, COUNTED)))
    # Schedules may round up.
    rates = Range(0.0, settings.lr * (1 + 1e-9))
    return {
        "optimizer": {
            "state": moments,
            "param_groups": [{**group, "lr": rates} for group in optimizer["param_groups"]],
        },
        "tested": Range(0, done),
        "seconds": Range(*SECONDS) if done else Range(0.0, SECONDS[1]),
        "sums": {"loss": Range(0.0, FINITE), "right": Range(0, most), "samples": Range(0, most)},
        "first_loss": Range(0.0, FINITE) if done else None,
    }


def compare(name: str, value: object, expected: object) -> None:
    """Raise ``ValueError`` if a value is not as expected: equal, in a range, or a tensor alike."""
    if isinstance(expected, Tensor):
        _compare_tensors(name, value, expected)
    elif isinstance(expected, Range):
        if type(value) is not type(expected.low):
            raise _of_type(name, value, expected.low)
        # NaN fails this comparison, too.
        number: Any = value
        if not expected.low <= number <= expected.high:
            raise ValueError(
                f"{name} is {_shown(value)}, not from {expected.low} to {expected.high}"
            )
    elif isinstance(expected, dict):
        for key, item in _with_keys(name, value, expected).items():
            compare(f"{name}.{key}" if name else str(key), item, expected[key])
    elif type(value) is not type(expected):
        raise _of_type(name, value, expected)
    elif isinstance(expected, list | tuple):
        items: Any = value
        compare(name, dict(enumerate(items)), dict(enumerate(expected)))
    elif value != expected:
        raise ValueError(f"{name} is {_shown(value)}, not {expected}")


def _with_keys(name: str, value: object, expected: dict[Any, Any]) -> dict[Any, Any]:
    if not isinstance(value, dict):
        raise _of_type(name, value, expected)
    within = f" in {name}" if name else ""
    for key in expected:
        if key not in value:
            raise ValueError(f"{key} is missing{within}")
    for key in value:
        if key not in expected:
            raise ValueError(f"{_shown(key)} is unknown{within}")
    return value


def _compare_tensors(name: str, value: object, expected: Tensor) -> None:
    # No subclass, and no nested tensor, which has no shape.
    if type(value) is not Tensor or value.is_nested:
        raise _of_type(name, value, expected)
    # With contiguous memory of its own: an expanded tensor has less memory than its shape needs.
    plain = value.layout == torch.strided and value.device.type in ("cpu", expected.device.type)
    if not plain or value.requires_grad or value.is_neg() or not value.is_contiguous():
        raise ValueError(f"{name} is not a plain tensor")
    if value.dtype != expected.dtype:
        raise ValueError(f"{name} is of {value.dtype}, not {expected.dtype}")
    if value.shape != expected.shape:
        raise ValueError(f"{name} has the shape {list(value.shape)}, not {list(expected.shape)}")
    for pattern, (rule, wrong) in RULES.items():
        if fnmatchcase(name, pattern):
            if not rule(value.cpu(), expected.cpu()):
                raise ValueError(f"{name} {wrong}")
            return
    if not _finite(value):
        raise ValueError(f"{name} is not finite")


def _check_generator(name: str, state: Tensor, device: torch.device) -> None:
    try:
        Generator(device).set_state(state)
    except RuntimeError as error:
        raise ValueError(f"{name} is not the state of a generator") from error
    if device.type == "cpu":
        # The generator reads ``left`` numbers, from ``place`` on.
        left, place = state[8:12].view(torch.int32), state[16:24].view(torch.int64)
        if left.item() + place.item() > MERSENNE + 1:
            raise ValueError(f"{name} is not the state of a generator")


def _tensors(tree: object) -> Iterator[Tensor]:
    if isinstance(tree, Tensor):
        yield tree
    elif isinstance(tree, dict):
        for value in tree.values():
            yield from _tensors(value)


def _finite(x: Tensor) -> bool:
    return bool(torch.isfinite(x).all())


def _of_type(name: str, value: object, expected: object) -> ValueError:
    kinds = type(value).__name__, type(expected).__name__
    return ValueError(f"{name or 'the state'} has the type {kinds[0]}, not {kinds[1]}")


def _shown(value: object) -> str:
    """A value as text for a message, shortened."""
    if isinstance(value, str):
        return repr(value[:40])
    if isinstance(value, int) and abs(value) >= 2**64:
        # Python refuses to write integers of thousands of digits.
        return "a number beyond 64 bits"
    if value is None or isinstance(value, int | float):
        return repr(value)
    return f"something of the type {type(value).__name__}"
