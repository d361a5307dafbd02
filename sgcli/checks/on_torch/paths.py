"""Where compiled kernels compute, torch's own functions are the reference that they agree with."""

from __future__ import annotations

from itertools import product

import numpy as np
import torch
from torch import Tensor

from sgcli.checks import points
from sgcli.checks.dtypes import Format
from sgcli.checks.judge import judge
from sgcli.checks.on_torch.computed import gradient, truths
from sgcli.checks.subject import Subject
from sgcli.checks.verdict import Verdict
from sgcli.definitions.core import Shape
from sgcli.definitions.evaluate import condition
from sgcli.native import library, ops
from sgcli.neuron import LIFNode

STEPS, FEWEST, COLUMNS = 12, 2, 333


def torch_path(subject: Subject, format: Format, device: str) -> Verdict:
    """Without its kernel a surrogate fires the same spikes, and its gradient is as exact."""
    if reason := _reason(subject, device):
        return Verdict("torch path", "skip", format.name, detail=reason)
    x = torch.tensor(points.dense(format), dtype=getattr(torch, format.name))
    spikes = subject.function(x)
    with library.off():
        same = torch.equal(spikes, subject.function(x))
        pairs = [
            (t, gradient(subject.function, t.x, format, device, mixed=True))
            for t in truths(subject, format)
        ]
    if not same and not subject.shape.definition.stochastic:
        return Verdict("torch path", "fail", format.name, detail="the spikes differ")
    return judge("torch path", format.name, pairs)


def sequence(subject: Subject, format: Format, device: str) -> Verdict:
    """A sequence by the kernel has the spikes of torch's steps, to the bit, and their gradient."""
    if (
        reason := _reason(subject, device)
        or LIFNode(surrogate_function=subject.function).fallback_reason()
    ):
        return Verdict("sequence", "skip", format.name, detail=reason)
    sensitivity = _sensitivity(subject.shape)
    for v_reset, detach_reset, decay_input in product((0.25, None), (False, True), (True, False)):
        node = LIFNode(
            tau=3.0,
            decay_input=decay_input,
            v_reset=v_reset,
            detach_reset=detach_reset,
            surrogate_function=subject.function,
            step_mode="m",
        )
        if what := _difference(node, format, sensitivity):
            detail = f"{what} differ at {node.extra_repr()}"
            return Verdict("sequence", "fail", format.name, detail=detail)
    return Verdict("sequence", "pass", format.name, points=8 * STEPS * COLUMNS)


def _reason(subject: Subject, device: str) -> str:
    """Why there is nothing to compare."""
    if not subject.ours or device != "cpu":
        return "torch is the only path"
    return ops.fallback_reason(subject.shape.definition)


def _difference(node: LIFNode, format: Format, sensitivity: float, steps: int = STEPS) -> str:
    generator = torch.Generator().manual_seed(0)
    dtype = getattr(torch, format.name)
    x = 1.5 * torch.randn(steps, COLUMNS, generator=generator, dtype=dtype) + 1
    weight = torch.randn(steps, COLUMNS, generator=generator, dtype=dtype)

    def results() -> tuple[Tensor, Tensor, Tensor]:
        node.reset()
        leaf = x.clone().requires_grad_()
        spikes = node(leaf)
        assert isinstance(node.v, torch.Tensor)
        loss = (spikes * weight).sum() + (node.v * weight[0]).sum()
        return spikes.detach(), node.v.detach(), torch.autograd.grad(loss, leaf)[0]

    result = results()
    with library.off():
        wanted = results()
    for what, got, want in zip(("the spikes", "the potentials"), result, wanted, strict=False):
        if not torch.equal(got, want):
            return what
    if steps > FEWEST and not wanted[2].isfinite().all():
        return _difference(node, format, sensitivity, FEWEST)  # of a gradient that explodes
    scale = (1 + float(wanted[2].abs().max())) * sensitivity
    close = torch.allclose(result[2], wanted[2], rtol=0, atol=64 * scale * 2.0**-format.precision)
    return "" if close else "the gradients"


def _sensitivity(shape: Shape) -> float:
    """How far a rounding moves the gradient near the threshold, relative to its largest value."""
    value, moved = condition(shape, np.linspace(-5, 5, 2001))
    return max(1.0, float(moved.max() / np.abs(value).max())) if np.any(value) else 1.0
