"""A capability is judged by what the surrogate does, not by what is said meanwhile."""

from __future__ import annotations

import warnings
from typing import Any

import pytest
import torch

from sgcli import surrogate
from sgcli.checks.on_torch.capabilities import CAPABILITIES, capability
from sgcli.checks.subject import Subject
from sgcli.definitions import Shape, load
from sgcli.definitions.catalogue import REGISTRY
from sgcli.surrogate import atan


def talkative(x: torch.Tensor) -> torch.Tensor:
    """As torch.compile, which warns of the release of Python that runs it."""
    warnings.warn("it may run slower", RuntimeWarning, stacklevel=1)
    return atan.apply(x, 2.0)


def test_a_warning_is_no_failure() -> None:
    """Warnings are errors in these tests, as with ``python -W error``."""
    subject = Subject("talkative", Shape.of(REGISTRY["atan"]), talkative)
    for name in CAPABILITIES.keys() - {"compile"}:  # Dynamo does not trace a warning
        assert capability(subject, name, required=True).status == "pass", name


WRITES = {
    "mask": "g = g.contiguous(); g[x.abs() >= 0.5] = 0; return g",
    "times": "g *= (x.abs() < 0.5).to(g); return g",
    "view": "h = g.view(-1); h[x.abs() >= 0.5] = 0; return g",
    "where": "return torch.where(x.abs() < 0.5, g, torch.zeros_like(g), out=g)",
}


def window(body: str) -> Any:
    namespace: dict[str, Any] = {"torch": torch}
    exec(f"def slope(x, g):\n    {body}", namespace)

    class Window(torch.autograd.Function):
        @staticmethod
        def forward(ctx: Any, x: torch.Tensor) -> torch.Tensor:
            ctx.save_for_backward(x)
            return (x >= 0).to(x)

        @staticmethod
        def backward(ctx: Any, g: torch.Tensor) -> Any:
            return namespace["slope"](*ctx.saved_tensors, g)

    return Window.apply


@pytest.mark.parametrize("body", WRITES.values(), ids=WRITES)
def test_a_backward_pass_that_overwrites_the_incoming_gradient_is_an_error(body: str) -> None:
    function = window(body)
    subject = Subject("mine", load.parse("rect").shape, function)
    verdict = capability(subject, "gradient_kept", required=True)
    assert verdict.status == "fail"
    assert "overwrites the incoming gradient" in verdict.detail
    # What it does to a residual connection: right are [2, 3, 2].
    x = torch.tensor([-2.0, 0.1, 2.0], dtype=torch.float64, requires_grad=True)
    i = 2 * x
    (i + function(x)).backward(torch.ones(3, dtype=torch.float64))
    assert x.grad is not None
    assert x.grad.tolist() == [0.0, 3.0, 0.0]


def test_a_right_backward_pass_keeps_the_incoming_gradient() -> None:
    subject = Subject("mine", load.parse("rect").shape, window("return g * (x.abs() < 0.5).to(g)"))
    assert capability(subject, "gradient_kept", required=True).status == "pass"


class Trained(torch.nn.Module):
    """A trainable alpha whose gradient is not one."""

    class Function(torch.autograd.Function):
        @staticmethod
        def forward(ctx: Any, x: torch.Tensor, alpha: torch.Tensor) -> torch.Tensor:
            ctx.save_for_backward(x, alpha)
            return (x >= 0).to(x)

        @staticmethod
        def backward(ctx: Any, g: torch.Tensor) -> Any:
            x, alpha = ctx.saved_tensors
            e = torch.exp(-(alpha * x).abs())
            return g * alpha * e / (1 + e) ** 2, x.abs().mean()

    def __init__(self) -> None:
        super().__init__()
        self.alpha = torch.nn.Parameter(torch.tensor(4.0, dtype=torch.float64))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.Function.apply(x, self.alpha)


def test_a_parameter_whose_gradient_ignores_the_incoming_one_is_an_error() -> None:
    subject = Subject("mine", load.parse("sigmoid").shape, Trained())
    verdict = capability(subject, "parameter_gradients", required=True)
    assert verdict.status == "fail"
    assert "the gradient of a parameter ignores the incoming gradient" in verdict.detail


def test_our_trainable_parameters_have_right_gradients() -> None:
    for definition in REGISTRY.values():
        real = [n for n, p in definition.params.items() if not p.integer]
        if real and not (definition.no_primitive or definition.by_quadrature):
            function = surrogate.of(definition)(learnable=True).double()
            subject = Subject(definition.name, Shape.of(definition), function)
            verdict = capability(subject, "parameter_gradients", required=True)
            assert verdict.status == "pass", (definition.name, verdict.detail)
