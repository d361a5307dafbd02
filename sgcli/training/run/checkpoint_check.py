"""Whether a checkpoint's state fits a training, held against the training's own, value by value.

Torch compares the shapes of weights only: fused optimisers write past the end of a state that is
too small, and generators read past the end of one that is inconsistent.
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
SECONDS = 1e-9, 1e10  # of any training that took a step
COUNTED = 2**24  # steps: float32, in which Adam counts them, goes no further
MERSENNE = 624  # numbers that a generator of the CPU draws at once
# The tensors that an optimiser keeps for each weight, of its shape.
MOMENTS = {"adam": ("exp_avg", "exp_avg_sq"), "sgd": ("momentum_buffer",)}


@dataclass(frozen=True)
class Range:
    """Numbers of the type of both ends, between them."""

    low: float
    high: float


class Training(Protocol):
    """What a state is held against."""

    settings: Settings
    network: Network
    generators: dict[str, Generator]
    steps_per_epoch: int
    every: int

    @property
    def total(self) -> int: ...

    def state_dict(self) -> dict[str, Any]: ...


# What is asked of a tensor x beside the shape and dtype of y, which is expected; else it is finite.
RULES: dict[str, tuple[Callable[[Tensor, Tensor], bool], str]] = {
    # The square of a finite gradient may be infinite: the weight then stands still.
    "optimizer.state.*.exp_avg_sq": (lambda x, y: bool((x >= 0).all()), "holds no squares"),
    "optimizer.state.*.step": (torch.equal, "is not the number of steps"),
    "order": (
        lambda x, y: torch.equal(x.sort().values, y.sort().values),
        "is no permutation",
    ),
    "network.*.running_var": (
        lambda x, y: _finite(x) and bool((x >= 0).all()),
        "is no variance",
    ),
    "network.*.num_batches_tracked": (lambda x, y: bool(x >= 0), "is negative"),
    "network.*.deviation": (lambda x, y: _finite(x) and bool((x > 0).all()), "is not positive"),
}


def check(trainer: Training, state: object) -> None:
    """``ValueError`` with the first thing in which a state is none of this training."""
    now = trainer.state_dict()
    given = _with_keys("", state, now)
    place = {"epoch": given["epoch"], "step": given["step"]}
    steps = trainer.steps_per_epoch
    compare("epoch", place["epoch"], Range(0, math.ceil(trainer.total / steps)))
    left = trainer.total - place["epoch"] * steps
    compare("step", place["step"], Range(0, max(0, min(steps, left))))
    done = min(place["epoch"] * steps + place["step"], trainer.total)
    compare("", given, {**now, **place, **_expected(trainer, now["optimizer"], done)})
    right, samples = given["sums"]["right"], given["sums"]["samples"]
    if right > samples:
        raise ValueError(f"sums.right is {right} of {samples} samples")
    for name, generator in trainer.generators.items():
        _check_generator(f"generators.{name}", given["generators"][name], generator.device)
    memory = [x.untyped_storage().data_ptr() for x in _tensors(given) if x.numel()]
    if len(set(memory)) < len(memory):
        raise ValueError("some of its tensors share their memory")


def _expected(trainer: Training, optimizer: dict[str, Any], done: int) -> dict[str, Any]:
    """What the state holds after so many steps, where that is not what it holds now."""
    settings = trainer.settings
    most = trainer.every * settings.batch_size
    moments: dict[int, dict[str, Tensor]] = {}
    for i, weight in enumerate(trainer.network.parameters() if done else ()):
        moments[i] = dict.fromkeys(MOMENTS[settings.optimizer], weight.detach())
        if settings.optimizer == "adam":
            moments[i]["step"] = torch.tensor(float(min(done, COUNTED)))
    # A schedule may round up.
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
    """``ValueError`` where a value is not as expected: the same, in a range, or a like tensor."""
    if isinstance(expected, Tensor):
        _compare_tensors(name, value, expected)
    elif isinstance(expected, Range):
        if type(value) is not type(expected.low):
            raise _of_type(name, value, expected.low)
        # Not so for NaN either.
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
    # Neither a subclass nor a tensor of tensors, which have no shape.
    if type(value) is not Tensor or value.is_nested:
        raise _of_type(name, value, expected)
    # Memory of its own, in order: what is expanded has less of it than its shape says.
    plain = value.layout == torch.strided and value.device.type in ("cpu", expected.device.type)
    if not plain or value.requires_grad or value.is_neg() or not value.is_contiguous():
        raise ValueError(f"{name} is no plain tensor")
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
        raise ValueError(f"{name} is no state of a generator") from error
    if device.type == "cpu":
        # Drawn are the numbers from the place on until none is left.
        left, place = state[8:12].view(torch.int32), state[16:24].view(torch.int64)
        if left.item() + place.item() > MERSENNE + 1:
            raise ValueError(f"{name} is no state of a generator")


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
    return ValueError(f"{name or 'the state'} is of the type {kinds[0]}, not {kinds[1]}")


def _shown(value: object) -> str:
    """A value in a message, however long it is."""
    if isinstance(value, str):
        return repr(value[:40])
    if isinstance(value, int) and abs(value) >= 2**64:
        # Python refuses to write those of thousands of digits.
        return "a number beyond 64 bits"
    if value is None or isinstance(value, int | float):
        return repr(value)
    return f"something of the type {type(value).__name__}"
