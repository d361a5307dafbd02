"""What calling a function directly must not lose of torch's own ``apply``."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from torch import Tensor

from sgcli import surrogate
from sgcli.neuron import LIFNode


@pytest.mark.parametrize("made", [surrogate.ATan, lambda: LIFNode(step_mode="m")])
def test_a_tensor_that_outlived_a_transform_still_has_its_gradient(
    made: Callable[[], Callable[[Tensor], Tensor]],
) -> None:
    left: list[Tensor] = []
    x = torch.randn(3, 4, requires_grad=True)

    def seen(z: Tensor) -> Tensor:
        left.append(z)
        return z.sum()

    torch.func.grad(seen)(x)
    made()(left[0]).sum().backward()
    assert x.grad is not None
    assert x.grad.any()
