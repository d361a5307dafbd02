"""The laws of a torch implementation that decide for everybody: its values."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import torch
from numpy.typing import NDArray

from sgcli import surrogate
from sgcli.checks import points
from sgcli.checks.dtypes import Format
from sgcli.checks.judge import gathered, judge
from sgcli.checks.on_torch.chance import backward_in_mean, forward_in_mean
from sgcli.checks.on_torch.computed import gradient, gradients, raises_at, truths, values
from sgcli.checks.on_torch.paths import sequence, torch_path
from sgcli.checks.subject import Subject
from sgcli.checks.truth import densely, exactly
from sgcli.checks.verdict import Errors, Status, Verdict, words
from sgcli.definitions.evaluate import curve, parameter_slopes
from sgcli.definitions.facts import facts

Array = NDArray[np.float64]
Law = Callable[[Subject, Format, str], Verdict]


def backward(subject: Subject, format: Format, device: str) -> Verdict:
    """The gradient that autograd returns, for upstream gradients of both signs and sizes."""
    if subject.shape.definition.random_gradient:
        return backward_in_mean(subject, format, device)
    return judge("backward", format.name, gradients(subject, format, device))


def finite(subject: Subject, format: Format, device: str) -> Verdict:
    """The gradient is a number at every finite x."""
    result = truths(subject, format)
    x = np.concatenate([t.x for t in result])
    got = gradient(subject.function, x, format, device)
    want = np.concatenate([t.value for t in result])
    # What no number of the dtype can be is not asked for.
    wrong = ~np.isfinite(got) & (np.abs(want) <= format.largest)
    if not wrong.any():
        return Verdict("finite", "pass", format.name, points=x.size)
    nearest = int(np.argmin(np.where(wrong, np.abs(x), np.inf)))
    side = "down" if x[nearest] < 0 else "up"
    what = "NaN" if np.isnan(got[wrong]).all() else "not finite"
    detail = f"{what} at {wrong.sum()} of {x.size} points, from x = {x[nearest]:.6g} {side}"
    return Verdict.at(nearest, "finite", "fail", format.name, x, want, got, detail=detail)


def errors(subject: Subject, format: Format, device: str) -> Errors:
    """The errors behind :func:`backward`, where the truth is above what is judged absolutely."""
    x, want, got, ulp = gathered(gradients(subject, format, device), format)
    judged = (np.abs(want) >= format.slack) | ~np.isfinite(got)
    return Errors(format.name, x[judged], ulp[judged])


def symmetry(subject: Subject, format: Format, device: str) -> Verdict:
    """Where the gradient is even, it is so to the last bit."""
    if not facts(subject.shape).even:
        return Verdict("symmetry", "skip", format.name, detail="the gradient is not even")
    x = points.sizes(format)
    right, left = (gradient(subject.function, s * x, format, device) for s in (1, -1))
    wrong = (right != left) & ~(np.isnan(right) & np.isnan(left))
    if not wrong.any():
        return Verdict("symmetry", "pass", format.name, points=x.size)
    at = int(np.argmax(wrong))
    status: Status = "fail" if subject.ours else "note"
    return Verdict.at(at, "symmetry", status, format.name, -x, right, left, points=x.size)


def forward(subject: Subject, format: Format, device: str) -> Verdict:
    """The spikes are exactly those declared, in the dtype and shape of the input; NaN spikes 0."""
    x = np.concatenate([points.dense(format), [np.inf, -np.inf, np.nan]])
    given = torch.tensor(x, dtype=getattr(torch, format.name), device=device).reshape(1, -1)
    y = subject.function(given)
    if y.dtype != given.dtype or y.shape != given.shape:
        detail = f"{given.dtype} {tuple(given.shape)} became {y.dtype} {tuple(y.shape)}"
        return Verdict("forward", "fail", format.name, detail=detail)
    got = y.detach().double().cpu().numpy().ravel()
    if subject.shape.definition.stochastic:
        return forward_in_mean(subject, format, device)
    want = curve(subject.shape, x, "forward")
    wrong = ~((got == want) | (np.isnan(got) & np.isnan(want)))
    if not wrong.any():
        return Verdict("forward", "pass", format.name, points=x.size)
    at = int(np.argmax(wrong))
    return Verdict.at(at, "forward", "fail", format.name, x, want, got, points=x.size)


def primitive(subject: Subject, format: Format, device: str) -> Verdict:
    """``spiking=False`` returns the primitive, finite wherever the input is."""
    reason = subject.shape.definition.no_primitive or subject.shape.definition.by_quadrature
    if subject.primitive is None or reason:
        detail = reason or "it has no primitive"
        return Verdict("primitive", "skip", format.name, detail=detail)
    known = [densely(subject.shape, format, "primitive")]
    if format.precision >= 24:
        known.append(exactly(subject.shape, format, "primitive"))
    pairs = [(t, values(subject.primitive, t, device)) for t in known]
    return judge("primitive", format.name, pairs)


def parameters(subject: Subject, format: Format, device: str) -> Verdict:
    """Each shape parameter changes the gradient as the truth says; trainable ones get theirs."""
    if not subject.others:
        what = "it has no parameters" if not subject.shape.params else "one value of them was given"
        return Verdict("parameters", "skip", format.name, detail=what)
    if reason := subject.shape.definition.random_gradient:
        means = [backward(other, format, device) for other in subject.others]
        bad = [replace(v, check="parameters") for v in means if v.status == "fail"]
        return bad[0] if bad else Verdict("parameters", "pass", format.name, detail=reason)
    worst = Verdict("parameters", "pass", error=0.0)
    for other in subject.others:
        truth = densely(other.shape, format)
        got = gradient(other.function, truth.x, format, device)
        result = judge("parameters", format.name, [(truth, got)])
        if result.status == "fail":
            changed = {k: v for k, v in other.shape.params.items() if subject.shape.params[k] != v}
            what = ", ".join(f"{k} = {v:g}" for k, v in changed.items())
            own = gradient(subject.function, truth.x, format, device)
            same = np.array_equal(own, got, equal_nan=True)
            detail = f"at {what} the gradient is that of before" if same else f"at {what}"
            return replace(result, detail=detail)
        if (result.error or 0) > (worst.error or 0):
            worst = result
    trained = _trained(subject, device) if subject.ours else None
    return trained or worst


def _trained(subject: Subject, device: str) -> Verdict | None:
    """A failure if the gradient of a trainable parameter is not ∂σ/∂p of the primitive."""
    definition, params = subject.shape.definition, subject.shape.params
    if definition.no_primitive or definition.by_quadrature:
        return None
    # Far out at no multiple of a short number, where what is periodic would have an edge.
    x = np.concatenate([np.linspace(-6.03, 5.97, 601), [-1003.718281, 1003.718281]])
    given = torch.tensor(x, device=device)
    slopes = parameter_slopes(subject.shape, x)
    for name, want in slopes.items():
        each = torch.full_like(given, params[name]).requires_grad_()
        made = surrogate.of(definition).spiking_function
        (grad,) = torch.autograd.grad(made(given, **{**params, name: each}).sum(), each)
        got = grad.cpu().numpy()
        off = np.abs(got - want) - 1e-10 * (1 + np.abs(want))
        at = int(np.argmax(np.where(np.isfinite(off), off, np.inf)))
        if not off[at] <= 0:
            detail = f"the gradient of a trainable {name}"
            return Verdict.at(at, "parameters", "fail", "float64", x, want, got, detail=detail)
    return None


def neuron(subject: Subject, format: Format, device: str) -> Verdict:
    """In one and in many steps of a LIF neuron the gradient is that of an unrolled reference."""
    if reason := subject.shape.definition.random_gradient:
        return Verdict("neuron", "skip", "float64", detail=reason)
    random, tau = np.random.default_rng(0), 2.0
    for steps in (1, 12):
        x, weight = random.normal(1.2, 1.5, (steps, 400)), random.normal(size=(steps, 400))
        current = torch.tensor(x, device=device, requires_grad=True)
        v = torch.zeros_like(current[0])
        charged, spikes = [], []
        for current_t in current:
            h = v + (current_t - v) / tau
            s = subject.function(h - 1.0)
            v = (1.0 - s) * h
            charged.append(h)
            spikes.append(s)
        weights = torch.tensor(weight, device=device)
        total = (torch.stack(spikes) * weights).sum()
        got = torch.autograd.grad(total, current)[0].double().cpu().numpy()
        hs, ss = (
            np.stack([z.detach().double().cpu().numpy() for z in zs]) for zs in (charged, spikes)
        )
        want = _unrolled(curve(subject.shape, hs - 1.0), hs, ss, weight, tau)
        off = np.abs(got - want)
        scale = 1e-9 * np.abs(want).max()
        if not (off <= scale).all():
            at = np.unravel_index(int(np.argmax(np.where(np.isnan(off), np.inf, off))), off.shape)
            detail = f"step {at[0] + 1} of {steps}, tau = 2, hard reset, x is the current"
            return Verdict.at(at, "neuron", "fail", "float64", x, want, got, detail=detail)
    return Verdict("neuron", "pass", "float64", points=400 * 13)


def _unrolled(slope: Array, h: Array, s: Array, weight: Array, tau: float) -> Array:
    """Backpropagation through time by hand, for v = (1 − s)·h after each step."""
    grad, later = np.empty_like(h), np.zeros_like(h[0])
    for t in reversed(range(len(h))):
        to_h = (weight[t] - later * h[t]) * slope[t] + later * (1 - s[t])
        grad[t] = to_h / tau
        later = to_h * (1 - 1 / tau)
    return grad


def guarded(law: Law, subject: Subject, format: Format, device: str) -> Verdict:
    """The verdict of a law; an exception of the surrogate is a failure, with the first bad x."""
    try:
        return law(subject, format, device)
    except (Exception, SystemExit) as error:
        at = raises_at(subject, format, device)
        return Verdict(law.__name__, "fail", format.name, x=at, detail=words(error))


VALUES: tuple[Law, ...] = (forward, backward, finite, primitive)
ONCE: tuple[tuple[Law, str], ...] = (
    (symmetry, "float32"),
    (parameters, "float64"),
    (neuron, "float64"),
    (torch_path, "float32"),
    (torch_path, "float64"),
    (sequence, "float32"),
    (sequence, "float64"),
)
