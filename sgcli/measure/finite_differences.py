"""The surrogate gradient of a small layer beside finite differences of its spiking loss.

Source: Dspike, Li et al., NeurIPS 2021, which chooses the width of its surrogate by them.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import mean, stdev

import torch
from torch import Tensor, nn

from sgcli.definitions.core import Definition, Shape
from sgcli.errors import SgError
from sgcli.surrogate import of

CLASSES = 10


@dataclass(frozen=True)
class Cosines:
    """Cosines of a surrogate gradient with finite differences, a row for each ``epsilon``.

    A row has a value for each network that spikes differently at some weight ± ε; ``note`` says why
    there are none at all.
    """

    shape: Shape
    epsilon: tuple[float, ...]
    values: tuple[tuple[float, ...], ...] = ()
    note: str = ""

    @property
    def means(self) -> tuple[float | None, ...]:
        return tuple(mean(row) if row else None for row in self.values)

    @property
    def deviations(self) -> tuple[float | None, ...]:
        """The standard deviation over the networks; None for one network."""
        return tuple(stdev(row) if len(row) > 1 else None for row in self.values)

    @property
    def best(self) -> int | None:
        """The row of the ε with the largest mean cosine."""
        there = [(m, i) for i, m in enumerate(self.means) if m is not None]
        return max(there)[1] if there else None


@dataclass(frozen=True)
class RandomLayer:
    """Heaviside units Θ(x·w + mu) and a linear readout, for a batch with random classes.

    ``x`` (batch, n), ``w`` (n, n), ``readout`` (n, classes), ``target`` (batch).
    """

    x: Tensor
    w: Tensor
    readout: Tensor
    target: Tensor
    mu: float

    @classmethod
    def draw(cls, width: int, batch: int, mu: float, seed: int) -> RandomLayer:
        """Normal inputs, and normal weights of variance 1/width, so that x·w has variance 1."""
        random = torch.Generator().manual_seed(seed)
        kind = torch.float64
        return cls(
            torch.randn(batch, width, generator=random, dtype=kind),
            torch.randn(width, width, generator=random, dtype=kind) / math.sqrt(width),
            torch.randn(width, CLASSES, generator=random, dtype=kind) / math.sqrt(width),
            torch.randint(CLASSES, (batch,), generator=random),
            mu,
        )

    def current(self) -> Tensor:
        return self.x @ self.w + self.mu

    def losses(self, spikes: Tensor) -> Tensor:
        """The cross entropy of each sample; ``spikes`` (batch, …, n), the result (batch, …)."""
        return self._cross_entropy(spikes @ self.readout)

    def flipped(self) -> Tensor:
        """By how much the loss of a sample grows where one of its units spikes: (batch, n)."""
        spikes = (self.current() >= 0).to(self.w)
        silent = (spikes @ self.readout)[:, None] - spikes[:, :, None] * self.readout
        return self._cross_entropy(silent + self.readout) - self._cross_entropy(silent)

    def _cross_entropy(self, logits: Tensor) -> Tensor:
        target = self.target.view(-1, *[1] * (logits.dim() - 1)).expand(*logits.shape[:-1], 1)
        return -logits.log_softmax(-1).gather(-1, target).squeeze(-1)

    def differences(self, epsilon: float) -> Tensor:
        """(L(w + ε) − L(w − ε)) / 2ε for each weight in turn, of the spiking loss: (n, n).

        A weight moves the current of one unit, so that all that can change is its spike.
        """
        current, flipped = self.current(), self.flipped()
        rows = []
        for x in self.x.T:
            step = epsilon * x[:, None]
            up, down = current + step >= 0, current - step >= 0
            rows.append((flipped * (up.to(self.w) - down.to(self.w))).mean(0))
        return torch.stack(rows) / (2 * epsilon)

    def surrogate(self, spike: nn.Module) -> Tensor:
        """The gradient of the same loss by autograd: (n, n)."""
        w = self.w.clone().requires_grad_()
        loss = self.losses(spike(self.x @ w + self.mu)).mean()
        return torch.autograd.grad(loss, w)[0]


def not_applicable(shape: Shape) -> str:
    """Why a surrogate has no spiking loss to take differences of; empty where it has one."""
    if shape.definition.stochastic:
        return "not applicable because its spikes are drawn, and so the loss is random"
    if shape.definition.forward is not Definition.forward:
        return "not applicable because its forward pass is not the Heaviside step"
    return ""


def cosines(
    shapes: Sequence[Shape],
    epsilon: Sequence[float] = (0.01, 0.03, 0.1, 0.3, 1.0, 3.0),
    width: int = 64,
    batch: int = 256,
    seeds: int = 5,
    mu: float = -0.5,
) -> list[Cosines]:
    """Compare surrogates on the same networks, one a seed, in float64.

    Raises :class:`SgError` for an ε that is not positive.
    """
    for step in epsilon:
        if not step > 0:
            raise SgError(f"a step cannot be {step:g}", "--epsilon in (0, inf)")
    usable = [shape for shape in shapes if not not_applicable(shape)]
    result: dict[Shape, list[list[float]]] = {shape: [[] for _ in epsilon] for shape in usable}
    for seed in range(seeds if usable else 0):
        layer = RandomLayer.draw(width, batch, mu, seed)
        differences = [layer.differences(step) for step in epsilon]
        for shape in usable:
            gradient = layer.surrogate(_spike(shape, seed))
            for row, difference in zip(result[shape], differences, strict=True):
                row.extend(_cosine(gradient, difference))
    return [
        Cosines(shape, tuple(epsilon), tuple(map(tuple, result[shape])), _why(result[shape]))
        if shape in result
        else Cosines(shape, tuple(epsilon), tuple(() for _ in epsilon), not_applicable(shape))
        for shape in shapes
    ]


def _why(rows: Sequence[Sequence[float]]) -> str:
    return "" if any(rows) else "not applicable because the gradient or every difference is 0"


def _spike(shape: Shape, seed: int) -> nn.Module:
    if shape.definition.random_gradient:
        return of(shape.definition)(**shape.params, generator=torch.Generator().manual_seed(seed))
    return of(shape.definition)(**shape.params)


def _cosine(a: Tensor, b: Tensor) -> list[float]:
    """The cosine, or nothing where one of the two is 0."""
    norms = float(a.norm()) * float(b.norm())
    return [float((a * b).sum()) / norms] if norms > 0 else []
