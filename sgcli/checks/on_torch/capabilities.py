"""What a surrogate should be able to do besides its values; required of ours, reported for others.

Each function raises ``AssertionError`` or whatever the surrogate raises; its docstring is what is
claimed.
"""

from __future__ import annotations

import copy
import pickle
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from sgcli.checks.subject import Subject
from sgcli.checks.truth import exactly_at
from sgcli.checks.verdict import Verdict
from sgcli.definitions.core import Shape
from sgcli.definitions.evaluate import curve

STEP = 1e-5  # of a difference in float64


def _points(shape: Shape) -> Tensor:
    return torch.tensor([-2.3, -0.9, -0.3, -0.02, 0.0, 0.04, 0.2, 0.8, 2.1], dtype=torch.float64)


def _gradient(function: Callable[[Tensor], Tensor], x: Tensor) -> Tensor:
    leaf = x.detach().clone().requires_grad_()
    return torch.autograd.grad(function(leaf).sum(), leaf)[0]


def _same(a: Tensor, b: Tensor) -> None:
    torch.testing.assert_close(a, b, rtol=1e-6, atol=1e-9, equal_nan=True)


def no_grad(subject: Subject) -> None:
    """Under no_grad there are spikes and no graph."""
    with torch.no_grad():
        y = subject.function(_points(subject.shape).requires_grad_())
    assert y.grad_fn is None, "a graph was built"


def eval_mode(subject: Subject) -> None:
    """eval() changes no gradient."""
    x = _points(subject.shape)
    before, function = _gradient(subject.function, x), subject.function
    was_training = getattr(function, "training", None)
    if was_training is None:
        return
    function.eval()  # type: ignore[attr-defined]
    after = _gradient(function, x)
    function.train(was_training)  # type: ignore[attr-defined]
    _same(before, after)


def deepcopy(subject: Subject) -> None:
    """A deep copy has the same gradient."""
    x = _points(subject.shape)
    _same(_gradient(copy.deepcopy(subject.function), x), _gradient(subject.function, x))


def pickled(subject: Subject) -> None:
    """It can be pickled, as saving a model does, and has the same gradient afterwards."""
    x = _points(subject.shape)
    twin = pickle.loads(pickle.dumps(subject.function))
    _same(_gradient(twin, x), _gradient(subject.function, x))


def state_dict(subject: Subject) -> None:
    """It adds nothing to a model's state_dict."""
    state: dict[str, Any] = getattr(subject.function, "state_dict", dict)()
    assert not state, f"the state_dict has {', '.join(state)}"


def vmap(subject: Subject) -> None:
    """torch.func.vmap over a batch of inputs gives the gradients of each."""
    rows = _points(subject.shape).repeat(3, 1) * torch.tensor([[1.0], [0.5], [-1.0]]).double()
    each = torch.func.grad(lambda row: subject.function(row).sum())
    _same(torch.func.vmap(each, randomness="different")(rows), _gradient(subject.function, rows))


def func_grad(subject: Subject) -> None:
    """torch.func.grad gives the gradient of autograd."""
    x = _points(subject.shape)
    _same(torch.func.grad(lambda z: subject.function(z).sum())(x), _gradient(subject.function, x))


def double_backward(subject: Subject) -> None:
    """Second derivatives are those of the truth, finite everywhere, and 0 at kinks."""
    shape = subject.shape
    kinks = [float(k) for k in exactly_at(shape, "kinks") if float(k) == k and abs(k) <= 9]
    ends = torch.tensor([*kinks, -1e300, -0.0, 1e300], dtype=torch.float64)
    x = torch.cat([ends, _points(shape)]).requires_grad_()
    (first,) = torch.autograd.grad(subject.function(x).sum(), x, create_graph=True)
    (second,) = torch.autograd.grad(first.sum(), x)
    bad = ~second.isfinite()
    assert not bad.any(), f"{second[bad][0].item()} at x = {x[bad][0].item():g}"
    off = second[: len(kinks)].abs()
    assert not off.any(), f"{off.max().item():g} at a kink"
    if shape.definition.random_gradient:
        return
    # From differences, away from where there are none.
    at = _points(shape).numpy()
    step = STEP * min(1.0, shape.period or 1.0)
    apart = _distances(shape, at) > 2 * step
    want = (curve(shape, at + step) - curve(shape, at - step)) / (2 * step)
    wrong = apart & (np.abs(second[len(ends) :].numpy() - want) > 1e-4 * (1 + np.abs(want)))
    assert not wrong.any(), f"at x = {at[wrong][0]:g} not that of the truth"


def _distances(shape: Shape, x: NDArray[np.float64]) -> NDArray[np.float64]:
    """The distance of each ``x`` to the nearest kink or jump."""
    away = np.abs(x[:, None] - np.array(shape.edges(-9, 9)))
    if shape.period is not None:  # only those of the first periods are listed
        away %= shape.period
        away = np.minimum(away, shape.period - away)
    return np.asarray(away.min(axis=1, initial=np.inf))


def compiled(subject: Subject, backend: str = "aot_eager") -> None:
    """torch.compile(fullgraph=True) gives the same spikes and gradients."""
    torch._dynamo.reset()
    x = _points(subject.shape)
    function = torch.compile(subject.function, backend=backend, fullgraph=True)
    leaf = x.clone().requires_grad_()
    y = function(leaf)
    _same(torch.autograd.grad(y.sum(), leaf)[0], _gradient(subject.function, x))
    if not subject.shape.definition.stochastic:
        _same(y.detach(), subject.function(x))


def non_contiguous(subject: Subject) -> None:
    """Input and incoming gradient may have any shape and any strides."""
    x = _points(subject.shape).repeat(4, 1).t()[::2]
    weight = torch.linspace(-3, 4, x.numel(), dtype=x.dtype).view(x.shape[::-1]).t()
    leaf = x.flatten().requires_grad_()
    (flat,) = torch.autograd.grad(subject.function(leaf), leaf, torch.ones_like(leaf))
    want = flat.view(x.shape)
    # The gradient of a sum is one number, seen as many.
    _same(_gradient(subject.function, x), want)
    forms: tuple[Callable[[Tensor], Tensor], ...] = (
        lambda t: t,
        lambda t: t.contiguous(),
        lambda t: t[None, :, None],
        lambda t: t.repeat(3, 1, 1),
    )
    for form in forms:
        leaf = form(x).detach().requires_grad_()
        (got,) = torch.autograd.grad(subject.function(leaf), leaf, form(weight))
        _same(got, form(weight * want))


def zero_dimensional(subject: Subject) -> None:
    """A zero-dimensional tensor works."""
    x = _points(subject.shape)
    got = _gradient(subject.function, x[2])
    assert got.shape == (), f"the gradient has the shape {tuple(got.shape)}"
    _same(got, _gradient(subject.function, x)[2])


def empty(subject: Subject) -> None:
    """An empty tensor does."""
    got = _gradient(subject.function, torch.empty(0, 3, dtype=torch.float64))
    assert got.shape == (0, 3), f"the gradient has the shape {tuple(got.shape)}"


def saved_tensors(subject: Subject) -> None:
    """One tensor of the input's size is kept for the backward pass."""
    sizes: list[int] = []

    def keep(tensor: Tensor) -> Tensor:
        sizes.append(tensor.numel())
        return tensor

    x = torch.randn(1000, generator=torch.Generator().manual_seed(0)).requires_grad_()
    with torch.autograd.graph.saved_tensors_hooks(keep, lambda tensor: tensor):
        subject.function(x)
    large = sum(size >= 1000 for size in sizes)
    assert large <= 1, f"{large} are kept"


def input_kept(subject: Subject) -> None:
    """Neither pass modifies the input."""
    far = torch.tensor([-1e30, -1e9, 1e9, 1e30], dtype=torch.float64)
    x = torch.cat([_points(subject.shape), far]).requires_grad_()
    before = x.detach().clone()
    torch.autograd.grad(subject.function(x).sum(), x)
    assert torch.equal(x.detach(), before), "the input was modified"


def gradient_kept(subject: Subject) -> None:
    """The incoming gradient is not overwritten, so that a residual connection gets it whole."""
    for dtype in (torch.float64, torch.float32, torch.float16, torch.bfloat16):
        try:
            _check_gradient_kept(subject, dtype)
        except (RuntimeError, TypeError):
            if dtype is torch.float64:
                raise  # others may lack a dtype


def _check_gradient_kept(subject: Subject, dtype: torch.dtype) -> None:
    x = _points(subject.shape).to(dtype)
    # Every element by itself: a pattern may be overwritten in parts.
    upstream = torch.linspace(-2, 3, x.numel(), dtype=dtype)
    given = upstream.clone()
    leaf = x.clone().requires_grad_()
    torch.autograd.grad(subject.function(leaf), leaf, given)
    wrong = given != upstream
    if wrong.any():
        at = int(wrong.nonzero()[0])
        raise AssertionError(
            f"overwrites the incoming gradient: at x = {x[at].item():g} a residual connection gets "
            f"{given[at].item():g}, not {upstream[at].item():g}, in {str(dtype)[6:]}"
        )


def parameter_gradients(subject: Subject) -> None:
    """The gradients of trainable parameters are products with the incoming gradient."""
    module = subject.function
    trained = list(module.parameters()) if isinstance(module, torch.nn.Module) else []
    trained = [p for p in trained if p.requires_grad]
    x = _points(subject.shape)
    for parameter in trained:
        zero, once, twice = (
            torch.autograd.grad(
                module(x.to(parameter.dtype)), parameter,
                torch.full_like(x, g, dtype=parameter.dtype), allow_unused=True,
            )[0]
            for g in (0.0, 1.0, 2.0)
        )  # fmt: skip
        assert zero is not None, "a trainable parameter gets no gradient"
        assert zero.shape == parameter.shape, (
            f"a parameter of shape {tuple(parameter.shape)} gets one of {tuple(zero.shape)}"
        )
        assert not zero.any(), (
            f"the gradient of a parameter ignores the incoming gradient: {zero.flatten()[0]:g} for "
            "an incoming gradient of 0"
        )
        torch.testing.assert_close(twice, 2 * once, msg="the gradient of a parameter is not linear")


CAPABILITIES: dict[str, Callable[[Any], None]] = {
    "no_grad": no_grad,
    "eval": eval_mode,
    "deepcopy": deepcopy,
    "pickle": pickled,
    "state_dict": state_dict,
    "vmap": vmap,
    "func_grad": func_grad,
    "double_backward": double_backward,
    "compile": compiled,
    "non_contiguous": non_contiguous,
    "zero_dimensional": zero_dimensional,
    "empty": empty,
    "saved_tensors": saved_tensors,
    "input_kept": input_kept,
    "gradient_kept": gradient_kept,
    "parameter_gradients": parameter_gradients,
}
# Checks that compare two gradients at the same x; they say nothing about a random gradient.
COMPARE_GRADIENTS = (
    "eval", "deepcopy", "pickle", "vmap", "func_grad", "compile", "non_contiguous",
    "zero_dimensional",
)  # fmt: skip
# Required of every surrogate, since a failure makes values wrong: a modified input, for one, spoils
# every later computation.
VALUE_LIKE = ("input_kept", "gradient_kept", "parameter_gradients", "non_contiguous")


def capability(subject: Subject, name: str, required: bool, thorough: bool = False) -> Verdict:
    """The verdict on one capability: a failure where it is required, else a note."""
    function = CAPABILITIES[name]
    reason = subject.shape.definition.random_gradient
    if reason and name in COMPARE_GRADIENTS:
        return Verdict(name, "skip", detail=reason)
    try:
        # A warning is no failure, also where the caller turns warnings into errors.
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            function(subject)
            if thorough and name == "compile":
                compiled(subject, "inductor")
    except (Exception, SystemExit) as error:
        text = str(error).strip().splitlines() or [type(error).__name__]
        return Verdict(name, "fail" if required else "note", detail=f"fails: {text[0]}")
    return Verdict(name, "pass", detail=(function.__doc__ or "").strip())
