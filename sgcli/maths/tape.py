"""A function of a definition, recorded once and run over CPU tensors block by block.

A torch expression allocates a tensor for every operation, and the processor spends most of its time
moving them through memory. A tape keeps the intermediate values in a few buffers that fit into the
cache. Its operations are those of :class:`Torch`. The results are equal bit for bit, except for
functions that torch itself rounds differently at the end of a block.
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

BLOCK = 1 << 16  # elements per core; a few buffers of this size fit into its cache
BOOLEANS = (*COMPARISONS, "and", "or")
# Operations with another name in torch, or without an `out` argument there.
FUNCTIONS: dict[str, Callable[..., Tensor]] = {
    "truediv": torch.div,
    "and": torch.logical_and,
    "or": torch.logical_or,
    "relu": lambda x, out: torch.clamp_min(x, 0, out=out),
    "heaviside": lambda x, out: torch.ge(x, 0, out=out),
}
LEAVES = ("x", "number", "exponent")
# The inputs at which a tape is compared with the recorded function.
EXTREMES = (-0.0, 1e-30, -1e-30, 1e30, -1e30, math.inf, -math.inf, math.nan)
PROBES = (*(i / 8 for i in range(-32, 33)), *EXTREMES)


class Tracer:
    """The namespace ``m`` that records operations on ``x`` and evaluates those on plain numbers."""

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
    """A sequence of operations: a function, the slots of its operands and the slot of its result.

    The inputs have the first slots, and the final result has the next one. The slots of ``others``
    follow: a constant, or the dtype of a buffer.
    """

    operations: tuple[tuple[Callable[..., Tensor], tuple[int, ...], int], ...]
    others: tuple[Any, ...]

    def __call__(self, *inputs: Tensor, out: Tensor | None = None) -> Tensor:
        """The result for contiguous tensors of one shape, written to ``out`` if it is passed.

        ``out`` must be none of the inputs.
        """
        out = torch.empty_like(inputs[0]) if out is None else out
        size = BLOCK * torch.get_num_threads()
        if out.numel() <= size:
            self._run([*inputs, out])
        else:
            for block in zip(*[torch.split(t.view(-1), size) for t in (*inputs, out)], strict=True):
                self._run([*block])
        return out

    def _run(self, slots: list[Any]) -> None:
        like = slots[-1]
        for other in self.others:
            buffer = isinstance(other, torch.dtype)
            slots.append(torch.empty_like(like, dtype=other) if buffer else other)
        for function, operands, result in self.operations:
            function(*[slots[i] for i in operands], out=slots[result])


def record(function: Callable[..., Any], inputs: int, dtype: torch.dtype) -> Tape | None:
    """The tape of ``function(m, *inputs)``; None if the function cannot be recorded.

    The function must depend on nothing but its inputs: other values are frozen into the tape.
    """
    probes = torch.tensor(PROBES, dtype=dtype, device="cpu")
    arguments = [probes.roll(7 * i) for i in range(inputs)]
    try:
        expected = function(Torch(probes), *arguments)
        root = function(Tracer(), *[Expression("x", i) for i in range(inputs)])
        tape = _Recording(shared(_as_torch(root)), inputs, dtype).tape()
        return tape if _equal(tape(*arguments), expected) else None
    except Exception:  # a user's function may raise anything
        return None


def _equal(a: Tensor, b: Tensor) -> bool:
    """Whether two tensors are equal, including the signs of zeros and the places of NaN."""
    equal = (a == b) & (a.signbit() == b.signbit()) | a.isnan() & b.isnan()
    return a.dtype == b.dtype and bool(equal.all())


def _as_torch(root: Expression) -> Expression:
    """The expression with number / tensor and tensor ** number as torch computes them."""
    if root.op == "x":
        raise ValueError("the function is the identity")

    def make(node: Expression, args: list[Any]) -> Expression:
        if node.op == "truediv" and args[0].op == "number":
            inverse = Expression("reciprocal", args[1])
            return inverse if args[0].args[0] == 1 else Expression("mul", inverse, args[0])
        if node.op == "pow" and args[1].op == "number":
            args[1] = Expression("exponent", *args[1].args)
        return Expression(node.op, *args)

    return rebuilt(root, make)


class _Recording:
    """A tape being recorded; the slot of a value is reused after its last use."""

    def __init__(self, root: Expression, inputs: int, dtype: torch.dtype) -> None:
        self.root, self.out, self.dtype = root, inputs, dtype
        self.slots: dict[int, int] = {}
        self.free: dict[torch.dtype, list[int]] = {dtype: [self.out], torch.bool: []}
        self.operations: list[tuple[Callable[..., Tensor], tuple[int, ...], int]] = []
        self.others: list[Any] = []
        self.uses = uses(root)

    def tape(self) -> Tape:
        self._slot(self.root)
        return Tape(tuple(self.operations), tuple(self.others))

    def _slot(self, node: Expression) -> int:
        """The slot of an expression; it is recorded first if necessary."""
        if id(node) not in self.slots:
            self.slots[id(node)] = self._new(node)
        return self.slots[id(node)]

    def _new(self, node: Expression) -> int:
        match node.op:
            case "x":
                return int(node.args[0])
            case "number":
                return self._other(torch.tensor(node.args[0], dtype=self.dtype, device="cpu"))
            case "exponent":
                return self._other(node.args[0])
        operands = tuple(self._slot(a) for a in node.args)
        for a in node.args:
            self.uses[id(a)] -= 1
            if not self.uses[id(a)] and a.op not in LEAVES:
                self.free[self._dtype(a)].append(self.slots[id(a)])
        result = self.out if node is self.root else self._free(self._dtype(node))
        function = FUNCTIONS.get(node.op) or getattr(torch, node.op)
        self.operations.append((function, operands, result))
        return result

    def _dtype(self, node: Expression) -> torch.dtype:
        return torch.bool if node.op in BOOLEANS else self.dtype

    def _free(self, dtype: torch.dtype) -> int:
        slots = self.free[dtype]
        return slots.pop() if slots else self._other(dtype)

    def _other(self, other: Any) -> int:
        self.others.append(other)
        return self.out + len(self.others)
