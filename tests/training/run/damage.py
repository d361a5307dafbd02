"""Checkpoints with one wrong thing in them, each resumed in a process that may crash."""

from __future__ import annotations

import copy
import gc
import io
import json
import math
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from sgcli.errors import DataError
from sgcli.training.data.samples import Data
from sgcli.training.run import checkpoint
from sgcli.training.run.trainer import Trainer
from sgcli.training.settings import Settings

MISSING = object()
Place = tuple[Any, ...]  # the keys that lead to a value
Case = tuple[Place, str, Any]
# Of another kind than anything that is in a checkpoint, wherever it stands.
THINGS: dict[str, Any] = {
    "missing": MISSING, "nothing": None, "a text": "x", "a list": [], "a dictionary": {},
    "a set": {1}, "bytes": b"x", "a complex number": 1j,
    "a tensor": torch.ones((), dtype=torch.int16),
}  # fmt: skip
NUMBERS: dict[str, Any] = {
    "nan": math.nan, "inf": math.inf, "-inf": -math.inf, "negative": -1, "negative float": -1.0,
    "huge": 2**62, "beyond 64 bits": 2**70, "beyond 255 bytes": 2**3000, "huge float": 1e300,
    "true": True, "between": 0.5,
}  # fmt: skip


def with_first(x: Tensor, value: float) -> Tensor:
    x = x.clone()
    x.view(-1)[0] = value
    return x


TENSORS: dict[str, Callable[[Tensor], Any]] = {
    "one value": lambda x: x.new_zeros(1),
    "no value": lambda x: x.new_zeros(0),
    "a dimension more": lambda x: x.new_zeros(2, *x.shape),
    "one less": lambda x: x[:-1].clone() if x.ndim else None,
    "one more": lambda x: x.new_zeros(len(x) + 1, *x.shape[1:]) if x.ndim else None,
    "transposed": lambda x: x.mT if x.ndim > 1 else None,
    "flat": lambda x: x.flatten() if x.ndim > 1 else None,
    "expanded": lambda x: x.new_zeros(()).expand(x.shape) if x.ndim else None,
    "every other": lambda x: x.repeat(2)[::2] if x.ndim == 1 else None,
    "complex": lambda x: x.to(torch.complex64),
    "float64": lambda x: x.double(),
    "float16": lambda x: x.half(),
    "int8": lambda x: x.to(torch.int8),
    "bool": lambda x: x.bool() if x.dtype != torch.bool else None,
    "sparse": lambda x: x.to_sparse() if x.ndim else None,
    "without memory": lambda x: x.to("meta"),
    "a parameter": lambda x: nn.Parameter(x.clone()) if x.is_floating_point() else None,
    "with a gradient": lambda x: x.clone().requires_grad_() if x.is_floating_point() else None,
    "nested": lambda x: torch.nested.nested_tensor([x]) if x.ndim else None,
    "negated": lambda x: torch._neg_view(x) if x.is_floating_point() else None,
    "nan": lambda x: with_first(x, math.nan) if x.is_floating_point() else None,
    "inf": lambda x: with_first(x, math.inf) if x.is_floating_point() else None,
    "-inf": lambda x: with_first(x, -math.inf) if x.is_floating_point() else None,
}
# What a training may hold, so that it goes on.
FINE = {("first_loss", "huge float"), ("sums.loss", "huge float"), ("exp_avg_sq", "inf"),
        ("first_loss", "between"), ("sums.loss", "between"), ("seconds", "between")}  # fmt: skip


def cases(state: dict[str, Any]) -> Iterator[Case]:
    """Where something is wrong, what, and what stands there."""
    for place, value in values(state):
        for what, thing in THINGS.items():
            # No training is asked to begin here: nothing that is all right is in the way.
            if type(thing) is not type(value) or isinstance(value, Tensor):
                yield place, what, thing
        if isinstance(value, Tensor):
            for what, change in TENSORS.items():
                wrong = change(value)
                if wrong is not None:
                    yield place, what, wrong
        elif isinstance(value, dict):
            yield (*place, "extra"), "extra", torch.zeros(())
            yield (*place, 2**2000), "extra", 0
        elif isinstance(value, list | tuple):
            yield place, "longer", type(value)([*value, 0])
            yield place, "shorter", type(value)(value[:-1])
        else:
            for what, number in NUMBERS.items():
                if type(number) is not type(value) or number != value:
                    yield place, what, number
    yield from particular(state)


def particular(state: dict[str, Any]) -> Iterator[Case]:
    """What is wrong in one place only, and of the right kind."""
    order = state["order"]
    for i, wrong in (("repeated", order[1]), ("beyond", 10**9), ("negative", -1)):
        yield ("order",), i, with_first(order, wrong)
    yield ("sums", "right"), "more than all", state["sums"]["samples"] + 1
    yield ("tested",), "to come", state["step"] + 1
    yield ("epoch",), "after the last", 3
    yield ("step",), "after the last", 11
    for name, tensor in state["generators"].items():
        place = ("generators", name)
        yield place, "random", torch.randint(256, tensor.shape, dtype=torch.uint8)
        yield place, "zero", torch.zeros_like(tensor)
        # Torch takes it, and reads past its end.
        beyond = tensor.clone()
        beyond[8:12].view(torch.int32).fill_(624)
        beyond[16:24].view(torch.int64).fill_(624)
        yield place, "beyond its end", beyond
    for i, moments in state["optimizer"]["state"].items():
        for name, wrong in (("exp_avg_sq", -1.0), ("step", 2.0), ("step", -1.0)):
            if name in moments:
                place = ("optimizer", "state", i, name)
                yield place, f"{wrong}", with_first(moments[name], wrong)
        if "exp_avg" in moments:
            zeros = torch.zeros_like(moments["exp_avg"])
            shared = {**moments, "exp_avg": zeros, "exp_avg_sq": zeros}
            yield ("optimizer", "state", i), "shared", shared
    for name in state["network"]:
        place = ("network", name)
        for end, wrong in (("running_var", -1), ("deviation", 0), ("batches_tracked", -1)):
            if name.endswith(end):
                yield place, f"{wrong}", with_first(state["network"][name], wrong)


def values(tree: Any, place: Place = ()) -> Iterator[tuple[Place, Any]]:
    """Every value of a state, and every container."""
    yield place, tree
    if isinstance(tree, dict | list | tuple):
        for key, value in tree.items() if isinstance(tree, dict) else enumerate(tree):
            yield from values(value, (*place, key))


def replaced(tree: Any, place: Place, value: Any) -> Any:
    """A tree with another value in a place; what is not on the way to it is shared."""
    if not place:
        return {} if value is MISSING else value
    items = dict(tree) if isinstance(tree, dict) else dict(enumerate(tree))
    if value is MISSING and len(place) == 1:
        del items[place[0]]
    else:
        items[place[0]] = replaced(items.get(place[0]), place[1:], value)
    return items if isinstance(tree, dict) else type(tree)(items.values())


def same(one: Any, other: Any) -> bool:
    for (place, a), (there, b) in zip(values(one), values(other), strict=True):
        equal = torch.equal(a, b) if isinstance(a, Tensor) else type(a) is type(b)
        if isinstance(a, int | float):
            equal = a == b
        if place != there or not equal:
            return False
    return True


def resume_each(settings: Settings, data: Data, folder: Path, log: Path) -> None:
    """Write a line into ``log`` for each case, before it is tried and after."""
    torch.set_num_threads(1)
    warnings.simplefilter("ignore")  # of torch, of nested tensors
    torch.manual_seed(0)
    trained = Trainer(settings, data)
    for _ in range(7):
        trained.advance()
    state = trained.state_dict()
    fresh = Trainer(settings, data)
    with log.open("w") as file:
        for place, what, wrong in cases(state):
            name = ".".join(map(str, place))
            file.write(json.dumps([name, what]) + "\n")
            file.flush()
            before = copy.deepcopy(fresh.state_dict())
            refusal = resumed(fresh, replaced(state, place, wrong), folder)
            if refusal:
                unchanged = same(before, fresh.state_dict())
            else:
                fresh.advance()
                fresh.advance()
                fresh, unchanged = Trainer(settings, data), True
                gc.collect()
            file.write(json.dumps([name, what, refusal, unchanged]) + "\n")


def resumed(trainer: Trainer, state: Any, folder: Path) -> str:
    """Why a training does not go on from a state in a sealed file; nothing if it does."""
    packed = io.BytesIO()
    torch.save({"trainer": state, "metrics_bytes": 0}, packed)
    (folder / checkpoint.NEWEST).write_bytes(checkpoint.sealed(packed.getvalue()))
    notes: list[str] = []
    try:
        read = checkpoint.load(folder, notes.append)
        trainer.load_state_dict(read["trainer"])
    except DataError as error:
        return f"{error}, {notes}"
    except ValueError as error:
        return str(error)
    return ""
