"""The one line that other projects put into their tests."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import pytest
import torch

from sgcli import surrogate
from sgcli.errors import SgError
from sgcli.testing import assert_surrogate_gradient


def test_a_correct_surrogate_passes():
    assert_surrogate_gradient(surrogate.ATan(alpha=3.0), like="atan,alpha=3")
    assert_surrogate_gradient(surrogate.ATan(alpha=3.0), like="atan", alpha=3.0, require=["half"])
    formula = "alpha/2/(1+(pi/2*alpha*x)**2)"
    assert_surrogate_gradient(surrogate.ATan(alpha=3.0), formula=formula, alpha=3.0)


def test_a_wrong_surrogate_is_reported_with_the_worst_point():
    with pytest.raises(AssertionError, match=r"backward float32: x = .*, expected = .*, got = "):
        assert_surrogate_gradient(surrogate.ATan(alpha=3.0), like="atan,alpha=3.003")


def test_a_required_capability():
    def unpicklable(x: torch.Tensor) -> torch.Tensor:
        return surrogate.ATan()(x)

    assert_surrogate_gradient(unpicklable, like="atan")
    with pytest.raises(AssertionError, match="pickle"):
        assert_surrogate_gradient(unpicklable, like="atan", require=["pickle"])


def test_a_reference_is_required():
    with pytest.raises(SgError, match="exactly one of like and formula"):
        assert_surrogate_gradient(surrogate.ATan())


def atan_but(change: Callable[[torch.Tensor, torch.Tensor], torch.Tensor]) -> Any:
    """Arctangent with alpha 2, whose gradient g · σ′(x) is changed by a function of g and σ′."""

    class Changed(torch.autograd.Function):
        @staticmethod
        def forward(ctx: Any, x: torch.Tensor) -> torch.Tensor:
            ctx.save_for_backward(x)
            return (x >= 0).to(x)

        @staticmethod
        def backward(ctx: Any, g: torch.Tensor) -> torch.Tensor:
            (x,) = ctx.saved_tensors
            return change(g, 1 / (1 + (math.pi * x) ** 2))

    return Changed.apply


def test_an_unchanged_surrogate_passes():
    assert_surrogate_gradient(atan_but(lambda g, s: g * s), like="atan,alpha=2")


@pytest.mark.parametrize(
    "change",
    [
        # Of an incoming gradient that is one number in many places, as of a sum.
        lambda g, s: (g if 0 not in g.stride() else 1.5 * g) * s,
        lambda g, s: (g if g.is_contiguous() else g.contiguous().view(-1).flip(0).view_as(g)) * s,
        lambda g, s: g.clamp(-100, 100) * s,
        lambda g, s: g * s * (2 if g.ndim > 2 else 1),
        lambda g, s: g * s / (s.mean() if g.ndim > 1 else 1),
    ],
    ids=["expanded", "strides", "clipped", "three dimensions", "across a batch"],
)
def test_a_gradient_that_is_wrong_for_some_incoming_gradients(change):
    with pytest.raises(AssertionError, match=r"backward|non_contiguous"):
        assert_surrogate_gradient(atan_but(change), like="atan,alpha=2")


@pytest.mark.parametrize("factor", [-3.0, 0.0])
def test_a_second_derivative_that_is_wrong(factor):
    def changed(g: torch.Tensor, s: torch.Tensor) -> torch.Tensor:
        return g * (s.detach() + factor * (s - s.detach()))

    required = ["double_backward"]
    assert_surrogate_gradient(atan_but(changed), like="atan,alpha=2")
    assert_surrogate_gradient(atan_but(lambda g, s: g * s), like="atan,alpha=2", require=required)
    with pytest.raises(AssertionError, match=r"double_backward.*not that of the truth"):
        assert_surrogate_gradient(atan_but(changed), like="atan,alpha=2", require=required)


def test_required_half_precision_is_checked():
    def nan_in_half(g: torch.Tensor, s: torch.Tensor) -> torch.Tensor:
        return g * s if g.dtype != torch.float16 else g * float("nan")

    assert_surrogate_gradient(atan_but(nan_in_half), like="atan,alpha=2")
    with pytest.raises(AssertionError, match="float16"):
        assert_surrogate_gradient(atan_but(nan_in_half), like="atan,alpha=2", require=["half"])


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ({"dtypes": ["float23"]}, "float23"),
        ({"dtypes": []}, "dtypes is empty"),
        ({"dtypes": "float32"}, "are lists"),
        ({"require": "vmap"}, "are lists"),
        ({"device": "abacus"}, "abacus"),
    ],
)
def test_unknown_arguments_are_an_error(arguments, says):
    with pytest.raises(SgError, match=says):
        assert_surrogate_gradient(surrogate.ATan(), like="atan", **arguments)


def test_a_class_is_not_a_surrogate():
    with pytest.raises(SgError, match="ATan is a class"):
        assert_surrogate_gradient(surrogate.ATan, like="atan")


@pytest.mark.parametrize("where", ["forward", "backward", "repr"])
@pytest.mark.parametrize("status", [0, None, "done"])
def test_a_surrogate_that_ends_the_program_fails(where, status):
    class Leaves(surrogate.ATan):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            if where == "forward":
                raise SystemExit(status)
            return atan_but(leave)(x)

        def __repr__(self) -> str:
            if where == "repr":
                raise SystemExit(status)
            return "Leaves()"

    def leave(g: torch.Tensor, s: torch.Tensor) -> torch.Tensor:
        if where == "backward":
            raise SystemExit(status)
        return g * s

    with pytest.raises(AssertionError, match="SystemExit"):
        assert_surrogate_gradient(Leaves(), like="atan,alpha=2", dtypes=["float32"])
