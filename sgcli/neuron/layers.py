"""Layers between neurons, for single steps [B, …] and for whole sequences [T, B, …]."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

import torch
from torch import Generator, Tensor, nn

from sgcli.definitions.param import Param
from sgcli.errors import ParameterError
from sgcli.neuron.memory import MemoryModule, check_step_mode, check_steps, length

P = Param(0.5, "[0, 1)", (0.1, 0.9), "probability that an element is dropped", name="p")


class Stepwise(nn.Module):
    """A layer of torch applied to every step, with all T·B samples in one batch.

    With ``step_mode='m'`` the input is [T, B, …]. The other arguments are those of torch.
    """

    def __init__(self, *args: Any, step_mode: str = "s", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.step_mode = check_step_mode(step_mode)

    def forward(self, x: Tensor) -> Tensor:
        if self.step_mode == "s":
            return _tensor(super().forward(x))
        length(x)
        if x.ndim < 2:
            raise ParameterError("the sequence has no batch dimension", "the input is [T, B, …]")
        y = _tensor(super().forward(x.flatten(0, 1)))
        return y.reshape(*x.shape[:2], *y.shape[1:])

    def extra_repr(self) -> str:
        return ", ".join(filter(None, [super().extra_repr(), f"step_mode={self.step_mode!r}"]))


def _tensor(value: Any) -> Tensor:
    assert isinstance(value, Tensor)
    return value


class Linear(Stepwise, nn.Linear):
    """``torch.nn.Linear`` at every step."""


class Conv2d(Stepwise, nn.Conv2d):
    """``torch.nn.Conv2d`` at every step."""


class AvgPool2d(Stepwise, nn.AvgPool2d):
    """``torch.nn.AvgPool2d`` at every step."""


class MaxPool2d(Stepwise, nn.MaxPool2d):
    """``torch.nn.MaxPool2d`` at every step."""


class Flatten(Stepwise, nn.Flatten):
    """``torch.nn.Flatten`` at every step."""


class BatchNorm2d(Stepwise, nn.BatchNorm2d):
    """``torch.nn.BatchNorm2d``; the statistics of a sequence cover all T·B samples."""


class VotingLayer(Stepwise):
    """The means over groups of ``voting_size`` neighbours: [B, n · voting_size] → [B, n].

    Source: Fang et al. 2021, arXiv:2007.05785.
    """

    def __init__(self, voting_size: int = 10, step_mode: str = "s") -> None:
        super().__init__(step_mode=step_mode)
        self.voting_size = voting_size

    def forward(self, x: Tensor) -> Tensor:
        if x.shape[-1] % self.voting_size:
            raise ParameterError(
                f"{x.shape[-1]} neurons cannot vote in groups of {self.voting_size}",
                "voting_size must divide the number of neurons",
            )
        return x.reshape(*x.shape[:-1], x.shape[-1] // self.voting_size, self.voting_size).mean(-1)

    def extra_repr(self) -> str:
        return f"voting_size={self.voting_size}, {super().extra_repr()}"


class Dropout(MemoryModule):
    """Dropout with one mask for all steps until ``reset()``.

    The mask is drawn on the CPU, from ``generator`` if one is passed. Source: Lee et al. 2020,
    doi:10.3389/fnins.2020.00119.
    """

    checks: ClassVar[dict[str, Callable[[Any], Any]]] = {**MemoryModule.checks, "p": P.check}
    repr_names = ("p", "step_mode")
    p: float

    def __init__(
        self, p: float = 0.5, step_mode: str = "s", generator: Generator | None = None
    ) -> None:
        super().__init__(step_mode)
        self.p = p
        self.generator = generator
        self.reset()

    def reset(self) -> None:
        self.mask: Tensor | None = None

    def detach(self) -> None:
        """Do nothing: a mask has no graph."""

    def single_step_forward(self, x: Tensor) -> Tensor:
        return x * self._mask(x) if self.training and self.p else x

    def multi_step_forward(self, x_seq: Tensor) -> Tensor:
        length(x_seq)
        return x_seq * self._mask(x_seq[0]) if self.training and self.p else x_seq

    def constant_forward(self, x: Tensor, steps: int) -> Tensor:
        check_steps(steps)
        return self.single_step_forward(x).expand(steps, *x.shape)

    def _mask(self, x: Tensor) -> Tensor:
        if self.mask is None or self.mask.shape != x.shape:
            mask = torch.rand(x.shape, generator=self.generator) >= self.p
            self.mask = mask / (1 - self.p)
        self.mask = self.mask.to(x)
        return self.mask
