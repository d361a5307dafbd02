"""Faulty torch implementations derived from each definition, to measure what the checks catch.

``python -m tests.checks.mutation`` writes the table of docs/mutations.md.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from sgcli.checks.dtypes import FORMATS
from sgcli.checks.on_torch.capabilities import capability
from sgcli.checks.on_torch.run import of_torch
from sgcli.checks.subject import Subject, of_shape
from sgcli.checks.truth import both_sides, exactly_at
from sgcli.definitions import REGISTRY, Definition, Shape
from sgcli.definitions.evaluate import exact
from sgcli.definitions.facts import facts
from sgcli.maths.torch_ import Torch

Slope = Callable[[Tensor, tuple[float, ...]], Tensor]
DOCUMENT = Path(__file__).parents[2] / "docs" / "mutations.md"


class Planted(torch.autograd.Function):
    """Spikes and gradient as a mutant has them; ``plan`` holds its functions."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, plan: Mutant, values: tuple[float, ...]) -> Tensor:
        ctx.save_for_backward(x)
        ctx.plan, ctx.values = plan, values
        return plan.spikes(x)

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor, None, None]:
        return ctx.plan.gradient(grad, *ctx.saved_tensors, ctx.values), None, None


@dataclass(frozen=True)
class Mutant:
    """One fault in one definition, and the dtypes in which it may show."""

    kind: str
    definition: type[Definition]
    spikes: Callable[[Tensor], Tensor]
    gradient: Callable[[Tensor, Tensor, tuple[float, ...]], Tensor]
    dtypes: tuple[str, ...] = ("float64", "float32", "bfloat16", "float16")

    def subject(self) -> Subject:
        ours = of_shape(Shape.of(self.definition))
        others = tuple(self._at(other.shape) for other in ours.others)
        return replace(self._at(ours.shape), others=others)

    def _at(self, shape: Shape) -> Subject:
        return Subject(
            self.kind, shape, lambda x: Planted.apply(x, self, shape.values), None, ours=True
        )

    def caught(self) -> str:
        """The first check that fails, empty if none does."""
        subject = self.subject()
        for dtype in self.dtypes:
            for verdict in of_torch(subject, [dtype], capabilities=False):
                if verdict.status == "fail":
                    return verdict.name
        # Of the capabilities only this one: a mutant, being made of closures, is not picklable.
        kept = capability(subject, "input_kept", required=True)
        return kept.name if kept.status == "fail" else ""


def right(definition: type[Definition]) -> Slope:
    """σ′ as our own face computes it: halves in float32."""

    def slope(x: Tensor, values: tuple[float, ...]) -> Tensor:
        work = x.float() if x.dtype in (torch.float16, torch.bfloat16) else x
        found = definition.derivative(Torch(work), work, *values)
        return found if isinstance(found, Tensor) else torch.full_like(work, found)

    return slope


def spikes_of(definition: type[Definition]) -> Callable[[Tensor], Tensor]:
    def spikes(x: Tensor) -> Tensor:
        y: Tensor = definition.forward(Torch(x), x, *definition.defaults)
        if definition.stochastic:
            return (torch.rand(x.shape) < y).to(x.dtype)
        return y.clone() if y is x else y

    return spikes


def mutants(definition: type[Definition]) -> Iterator[Mutant]:
    """All faults of one definition."""
    slope, spikes = right(definition), spikes_of(definition)

    def made(kind: str, gradient: Any, spikes: Any = spikes, **more: Any) -> Mutant:
        return Mutant(kind, definition, spikes, gradient, **more)

    def of(change: Callable[[Tensor, Tensor], Tensor]) -> Any:
        return lambda g, x, values: (g * change(slope(x, values), x)).to(x.dtype)

    def unchanged(g: Tensor, x: Tensor, values: tuple[float, ...]) -> Tensor:
        return (g * slope(x, values)).to(x.dtype)

    def other_at_zero(x: Tensor) -> Tensor:
        other = torch.ones_like(x) if definition.stochastic else 1 - spikes(x)
        return torch.where(x == 0, other, spikes(x))

    def retyped(x: Tensor) -> Tensor:
        return spikes(x).to(torch.float32 if x.dtype == torch.float64 else torch.float64)

    yield made("a constant off by 0.1 %", of(lambda d, x: d * 1.001))
    yield made("the sign", of(lambda d, x: -d))
    yield made("upstream gradient ignored", lambda g, x, v: slope(x, v).to(x.dtype))
    yield made("sign of the upstream gradient lost", lambda g, x, v: unchanged(g.abs(), x, v))
    if len({float(exact(Shape.of(definition), x)) for x in (-1.3, -0.2, 0.4, 2.1)}) > 1:
        yield made("x off in float32's last digit", _off_in_the_last_digit(unchanged))
    yield made("wrong from x = 5 up", of(lambda d, x: torch.where(x > 5, d - 0.01, d)))
    yield made("NaN far out", of(lambda d, x: torch.where(x.abs() > 1e4, d * float("nan"), d)))
    yield made("wrong at the threshold itself", of(lambda d, x: torch.where(x == 0, d - 0.5, d)))
    yield made("another spike at x = 0", unchanged, other_at_zero)
    yield made("spikes in another dtype", unchanged, retyped)
    yield made("the input damaged in place", _damaging(slope))
    for i, (name, p) in enumerate(definition.params.items()):
        yield made(f"{name} ignored", _with_parameter(slope, i, lambda v, p=p: p.default))
        if not p.integer:
            yield made(f"{name} squared", _with_parameter(slope, i, lambda v: v * v))
            yield made(f"{name} off by 0.1 %", _with_parameter(slope, i, lambda v: v * 1.001))
    for jump in exactly_at(Shape.of(definition), "jumps")[:2]:
        yield from _edge(made, slope, definition, jump)
    draw = random.Random(definition.name)
    for _ in range(4):
        start = draw.uniform(-20, 19.995)
        yield made(
            "a wrong value in a region 0.005 wide",
            of(_region(start)),
            dtypes=("float64", "float32"),
        )
    if not facts(Shape.of(definition)).even:
        yield made("left and right exchanged", lambda g, x, v: (g * slope(-x, v)).to(x.dtype))


def _off_in_the_last_digit(gradient: Any) -> Any:
    return lambda g, x, v: gradient(g, x.float().to(x.dtype) * (1 + 1e-7), v)


def _region(start: float) -> Callable[[Tensor, Tensor], Tensor]:
    return lambda d, x: torch.where((x >= start) & (x < start + 0.005), d * 1.5 + 0.01, d)


def _damaging(slope: Slope) -> Any:
    def gradient(g: Tensor, x: Tensor, values: tuple[float, ...]) -> Tensor:
        found = (g * slope(x, values)).to(x.dtype)
        x.data.mul_(0.5)
        return found

    return gradient


def _with_parameter(slope: Slope, index: int, change: Callable[[float], float]) -> Any:
    def gradient(g: Tensor, x: Tensor, values: tuple[float, ...]) -> Tensor:
        changed = [change(v) if i == index else v for i, v in enumerate(values)]
        return (g * slope(x, tuple(changed))).to(x.dtype)

    return gradient


def _edge(made: Any, slope: Slope, definition: type[Definition], jump: Any) -> Iterator[Mutant]:
    """At a jump that is a float, the value of the side that was not declared."""
    shape = Shape.of(definition)
    at = float(exact(shape, jump))
    limits = [float(exact(shape, side)) for side in both_sides(jump)]
    other = next((limit for limit in limits if limit != at), None)
    if other is None or float(jump) != jump:
        return
    where = float(jump)

    def gradient(g: Tensor, x: Tensor, values: tuple[float, ...]) -> Tensor:
        d = slope(x, values)
        return (g * torch.where(x == where, torch.full_like(d, other), d)).to(x.dtype)

    yield made("< for ≤ at an edge of the support", gradient)


def _naive(kind: str, name: str, formula: Callable[[Tensor], Tensor], *dtypes: str) -> Mutant:
    definition = REGISTRY[name]
    return Mutant(kind, definition, spikes_of(definition), lambda g, x, v: g * formula(x), dtypes)


def naive() -> Iterator[Mutant]:
    """Forms of papers and libraries that overflow or cancel, in the input's own dtype."""
    s, exp = torch.sigmoid, torch.exp
    cancels, overflows = "a form that cancels", "a form that overflows"
    for dtype in FORMATS:
        yield _naive(cancels, "sigmoid", lambda x: 4 * s(4 * x) * (1 - s(4 * x)), dtype)
        yield _naive(overflows, "sigmoid", lambda x: 4 * exp(4 * x) / (1 + exp(4 * x)) ** 2, dtype)
        yield _naive(
            overflows, "sigmoid", lambda x: 4 * exp(-4 * x) / (1 + exp(-4 * x)) ** 2, dtype
        )
    for dtype in ("float16",):
        yield _naive(overflows, "soft_sign", lambda x: 1 / (1 + 2 * x.abs()) ** 2, dtype)
        yield _naive(overflows, "super_spike", lambda x: 1 / (1 + x.abs()) ** 2, dtype)
        yield _naive(overflows, "atan", lambda x: 1 / (1 + (torch.pi * x) ** 2), dtype)
        yield _naive(overflows, "fast_sigmoid", lambda x: 1 / (25 * x.abs() + 1) ** 2, dtype)
    yield _naive(cancels, "nonzero_sign_log_abs", lambda x: x.sign() / x, "float32")
    yield _naive(overflows, "fake_numerical_gradient", lambda x: (1 / x).clamp(max=1), "float32")


def everything() -> list[Mutant]:
    """The mutants of the whole catalogue, the stochastic gradients apart."""
    of_all = [m for d in REGISTRY.values() if _has_one_gradient(d) for m in mutants(d)]
    return [*of_all, *naive()]


def _has_one_gradient(definition: type[Definition]) -> bool:
    return not getattr(definition, "random_gradient", "")


def table(found: list[tuple[Mutant, str]]) -> str:
    """The table of the document: how many of each kind, how many caught, and by which checks."""
    lines = ["| fault | mutants | caught | first caught by |", "|---|---:|---:|---|"]
    kinds: dict[str, list[str]] = {}
    for mutant, by in found:
        kinds.setdefault(_kind(mutant), []).append(by)
    for kind, by in kinds.items():
        names = sorted({b.split()[0] for b in by if b})
        caught = sum(bool(b) for b in by)
        lines.append(f"| {kind} | {len(by)} | {caught} | {', '.join(names)} |")
    total = sum(bool(by) for _, by in found)
    lines.append(f"| **all** | **{len(found)}** | **{total}** | |")
    return "\n".join(lines)


def _kind(mutant: Mutant) -> str:
    words = mutant.kind.split(" ", 1)
    return f"a parameter {words[1]}" if words[0] in mutant.definition.params else mutant.kind


if __name__ == "__main__":
    results = [(m, m.caught()) for m in everything()]
    for missed in [m for m, by in results if not by]:
        print("missed:", missed.definition.name, missed.kind)
    before, _, after = DOCUMENT.read_text(encoding="utf-8").partition("<!-- mutations -->")
    rest = after.partition("<!-- end -->")[2]
    text = f"{before}<!-- mutations -->\n\n{table(results)}\n\n<!-- end -->{rest}"
    DOCUMENT.write_text(text, encoding="utf-8")
