"""Calls of functions without torch's own ``apply``."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from torch import Tensor

from sgcli import surrogate
from sgcli.neuron import LIFNode


@pytest.mark.parametrize("factory", [surrogate.ATan, lambda: LIFNode(step_mode="m")])
def test_a_tensor_that_outlived_a_transform_still_has_its_gradient(
    factory: Callable[[], Callable[[Tensor], Tensor]],
) -> None:
    captured: list[Tensor] = []
    x = torch.randn(3, 4, requires_grad=True)

    def loss(z: Tensor) -> Tensor:
        captured.append(z)
        return z.sum()

    torch.func.grad(loss)(x)
    factory()(captured[0]).sum().backward()
    assert x.grad is not None
    assert x.grad.any()
