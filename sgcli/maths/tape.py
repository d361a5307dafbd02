"""A function of a definition, recorded once and run over tensors of the CPU block by block.

An expression over tensors makes a new one for every operation, and a processor spends most of its
time moving them. Here all that lies in between stays in a few buffers that its cache holds. The
operations are those of :class:`Torch`, and so are the bits of the result, but for functions that
torch itself rounds in another way where a block ends.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from sgcli.maths import composed
from sgcli.maths.torch_ import Torch
from sgcli.maths.writer import (
    COMPARISONS,
    Expression,
    as_expression,
    rebuilt,
    shared,
    uses,
)

BLOCK = 1 << 16  # elements a core, a few buffers of which its cache holds
TRUTHS = (*COMPARISONS, "and", "or")
# What torch has under another name, or without a place for its result; all else is torch's own.
FUNCTIONS: dict[str, Callable[..., Tensor]] = {
    "truediv": torch.div,
    "and": torch.logical_and,
    "or": torch.logical_or,
    "relu": lambda x, out: torch.clamp_min(x, 0, out=out),
    "heaviside": lambda x, out: torch.ge(x, 0, out=out),
}
LEAVES = ("x", "number", "exponent")
# Where a tape is held against what it records.
EXTREMES = (-0.0, 1e-30, -1e-30, 1e30, -1e30, math.inf, -math.inf, math.nan)
PROBES = (*(i / 8 for i in range(-32, 33)), *EXTREMES)


class Tracer:
    """The namespace ``m`` that records what is done with an ``x``; numbers are worked out."""

    pi = math.pi
    decay, cospi, wrap = composed.decay, composed.cospi, composed.wrap
    maximum, minimum, clip = composed.maximum, composed.minimum, composed.clip
    sum = staticmethod(Torch.sum)

    def __getattr__(self, name: str) -> Callable[..., Any]:
        def call(*args: Any) -> Any:
            if any(isinstance(a, Expression) for a in args):
                return Expression(name, *map(as_expression, args))
            return getattr(Torch, name)(*args)

        return call


@dataclass(frozen=True)
class Tape:
    """Operations in order: a function, the places of its operands and that of its result.

    The inputs have the first places and the result of all the next one. Then come the ``others``:
    constants, and buffers, of which there is the dtype.
    """

    operations: tuple[tuple[Callable[..., Tensor], tuple[int, ...], int], ...]
    others: tuple[Any, ...]

    def __call__(self, *inputs: Tensor, out: Tensor | None = None) -> Tensor:
        """The result for contiguous tensors of one shape, in ``out``, which is none of them."""
        out = torch.empty_like(inputs[0]) if out is None else out
        size = BLOCK * torch.get_num_threads()
        if out.numel() <= size:
            self._run([*inputs, out])
        else:
            for block in zip(*[torch.split(t.view(-1), size) for t in (*inputs, out)], strict=True):
                self._run([*block])
        return out

    def _run(self, held: list[Any]) -> None:
        like = held[-1]
        for other in self.others:
            buffer = isinstance(other, torch.dtype)
            held.append(torch.empty_like(like, dtype=other) if buffer else other)
        for function, operands, result in self.operations:
            function(*[held[i] for i in operands], out=held[result])


def record(function: Callable[..., Any], inputs: int, dtype: torch.dtype) -> Tape | None:
    """The tape of ``function(m, *inputs)``, None if it does what only a tensor can.

    It must have no other inputs: what it reads elsewhere is that of today for ever.
    """
    probes = torch.tensor(PROBES, dtype=dtype, device="cpu")
    given = [probes.roll(7 * i) for i in range(inputs)]
    try:
        want = function(Torch(probes), *given)
        root = function(Tracer(), *[Expression("x", i) for i in range(inputs)])
        tape = _Recording(shared(_as_torch(root)), inputs, dtype).tape()
        return tape if _equal(tape(*given), want) else None
    except Exception:  # whatever a user's function may do
        return None


def _equal(found: Tensor, want: Tensor) -> bool:
    """To the sign of a zero."""
    same = (found == want) & (found.signbit() == want.signbit()) | found.isnan() & want.isnan()
    return found.dtype == want.dtype and bool(same.all())


def _as_torch(root: Expression) -> Expression:
    """With a number over a tensor, and a tensor to the power of a number, as torch makes them."""
    if root.op == "x":
        raise ValueError("nothing is done with it")

    def make(node: Expression, args: list[Any]) -> Expression:
        if node.op == "truediv" and args[0].op == "number":
            inverse = Expression("reciprocal", args[1])
            return inverse if args[0].args[0] == 1 else Expression("mul", inverse, args[0])
        if node.op == "pow" and args[1].op == "number":
            args[1] = Expression("exponent", *args[1].args)
        return Expression(node.op, *args)

    return rebuilt(root, make)


class _Recording:
    """A tape being recorded: a place is free again after the last use of what it holds."""

    def __init__(self, root: Expression, inputs: int, dtype: torch.dtype) -> None:
        self.root, self.out, self.dtype = root, inputs, dtype
        self.places: dict[int, int] = {}
        self.free: dict[torch.dtype, list[int]] = {dtype: [self.out], torch.bool: []}
        self.operations: list[tuple[Callable[..., Tensor], tuple[int, ...], int]] = []
        self.others: list[Any] = []
        self.uses = uses(root)

    def tape(self) -> Tape:
        self._place(self.root)
        return Tape(tuple(self.operations), tuple(self.others))

    def _place(self, node: Expression) -> int:
        """Where the value of an expression lies, worked out before if need be."""
        if id(node) not in self.places:
            self.places[id(node)] = self._new(node)
        return self.places[id(node)]

    def _new(self, node: Expression) -> int:
        match node.op:
            case "x":
                return int(node.args[0])
            case "number":
                return self._other(torch.tensor(node.args[0], dtype=self.dtype, device="cpu"))
            case "exponent":
                return self._other(node.args[0])
        operands = tuple(self._place(a) for a in node.args)
        for a in node.args:
            self.uses[id(a)] -= 1
            if not self.uses[id(a)] and a.op not in LEAVES:
                self.free[self._dtype(a)].append(self.places[id(a)])
        result = self.out if node is self.root else self._free(self._dtype(node))
        function = FUNCTIONS.get(node.op) or getattr(torch, node.op)
        self.operations.append((function, operands, result))
        return result

    def _dtype(self, node: Expression) -> torch.dtype:
        return torch.bool if node.op in TRUTHS else self.dtype

    def _free(self, dtype: torch.dtype) -> int:
        places = self.free[dtype]
        return places.pop() if places else self._other(dtype)

    def _other(self, other: Any) -> int:
        self.others.append(other)
        return self.out + len(self.others)
