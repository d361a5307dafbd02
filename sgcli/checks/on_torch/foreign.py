"""What others wrote, as subjects of the checks: modules, autograd functions and any callable."""

from __future__ import annotations

import ast
import copy
import inspect
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import torch
from torch import Tensor
from torch.autograd.function import BackwardCFunction

from sgcli.checks.on_torch import own
from sgcli.checks.subject import Function, Subject, of_shape
from sgcli.definitions import guard, user
from sgcli.definitions.core import Shape
from sgcli.definitions.evaluate import exact
from sgcli.definitions.peers import LIBRARIES
from sgcli.definitions.transform import transformed
from sgcli.errors import SgError
from sgcli.surrogate import Surrogate

NO_TRUTH = (
    "--like NAME -p alpha=… says which surrogate it should be, --formula EXPRESSION which gradient"
)


def subject_of(
    text: str,
    calls: Mapping[str, str],
    truth: Shape | None,
    timeout: float = guard.TIMEOUT,
) -> Subject:
    """The object that ``file.py:NAME`` or ``package.module:NAME`` names, called if it is a factory.

    ``truth`` is what it should be; without it, the autograd of its own primitive, if it has one.
    Raises :class:`SgError` for what cannot be loaded, called, or judged for want of a truth.
    """
    result = user.resolve(text, timeout)
    name = text + (f"({', '.join(f'{k}={v}' for k, v in calls.items())})" if calls else "")
    with guard.guarded(f"{text} cannot be called", timeout):
        function = _function(result, {k: _value(v) for k, v in calls.items()})
        primitive = _primitive_of(function)
    if truth is None and isinstance(function, Surrogate):
        # With spiking=False it returns the surrogate gradient itself, so that is no independent
        # truth.
        ours = Shape.of(function.definition, **function._sg_params)
        return replace(of_shape(ours), name=name)
    strict = fires_above(result)
    if truth is not None:
        same = primitive is not None and _same_constant(truth, primitive)
        shape = transformed(truth, strict=strict)
        return Subject(name, shape, function, primitive if same else None, like=truth.label)
    if primitive is None:
        raise SgError(f"{text} has no reference for its gradient", NO_TRUTH)
    shape = transformed(own.shape_of(primitive, name), strict=strict)
    others = tuple(_others(name, function, strict))
    return Subject(name, shape, function, primitive, like="own", others=others)


def _value(text: str) -> Any:
    """A literal of Python where it is one, else the text."""
    try:
        return ast.literal_eval(text)
    except (ValueError, SyntaxError):
        return text


def _function(target: Any, calls: Mapping[str, Any]) -> Function:
    """The function x → spikes behind an object; whatever it raises is the caller's to tell."""
    if inspect.isclass(target) and issubclass(target, torch.autograd.Function):
        target = target.apply
    operation = getattr(target, "__self__", None)
    if inspect.isclass(operation) and issubclass(operation, torch.autograd.Function):
        function: Any = Applied(operation, tuple(_ordered(operation, calls)))
    else:
        function = _called(target, calls)
    if not callable(function):
        raise SgError(f"it is {type(function).__name__}, which is not callable")
    y = _tried(function)
    if not isinstance(y, torch.Tensor) and callable(y) and not calls:
        _check_given(_required(target))  # a factory
        function = target()
        y = _tried(function)
    if not isinstance(y, torch.Tensor):
        raise SgError(f"it returned {type(y).__name__}, not a tensor")
    return function  # type: ignore[no-any-return]


def _called(target: Any, calls: Mapping[str, Any]) -> Any:
    """A class or a factory called with its arguments, or a function of x with those after x."""
    required = _required(target)
    missing = [name for name in required if name not in calls]
    if inspect.isclass(target) or (calls and not missing):
        _check_given(missing)
        return target(**calls)
    _check_given(missing[1:])
    return partial(target, **calls) if calls else target


def _required(target: Any) -> list[str]:
    """The names of the arguments without a default, as far as Python knows them."""
    try:
        parameters = inspect.signature(target).parameters.values()
    except (TypeError, ValueError):
        return []
    several = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)
    return [p.name for p in parameters if p.default is p.empty and p.kind not in several]


def _check_given(missing: Sequence[str]) -> None:
    if missing:
        values = " ".join(f"--call {name}=VALUE" for name in missing)
        raise SgError(f"it needs a value of {' and of '.join(missing)}: {values}")


def _tried(function: Any) -> Any:
    return function(torch.tensor([-0.5, 0.0, 0.5], dtype=torch.float64))


@dataclass(frozen=True)
class Applied:
    """An autograd function with the arguments that follow its input; it can be pickled."""

    operation: Any
    arguments: tuple[Any, ...] = ()

    def __call__(self, x: Tensor) -> Tensor:
        y: Tensor = self.operation.apply(x, *self.arguments)
        return y


def _ordered(operation: Any, calls: Mapping[str, Any]) -> list[Any]:
    """Arguments in the order of ``forward``, which begins with the context (or not) and x."""
    names = list(inspect.signature(operation.forward).parameters)
    modern = operation.setup_context is not torch.autograd.Function.setup_context
    names = names[1 if modern else 2 :]
    unknown = [k for k in calls if k not in names]
    if unknown:
        raise SgError(f"it has no argument {unknown[0]}; it has {', '.join(names) or 'none'}")
    given = [calls[n] for n in names if n in calls]
    if list(names[: len(given)]) != [n for n in names if n in calls]:
        raise SgError(f"its arguments are {', '.join(names)}: the values before it are needed, too")
    return given


def _primitive_of(function: Any) -> Function | None:
    """What ``spiking=False`` of a module returns, if plain autograd differentiates it."""
    if not isinstance(function, torch.nn.Module) or not hasattr(function, "spiking"):
        return None
    smooth: Any = copy.deepcopy(function)
    if hasattr(smooth, "set_spiking_mode"):
        smooth.set_spiking_mode(False)
    else:
        smooth.spiking = False
    x = torch.tensor([-0.5, 0.0, 0.5], dtype=torch.float64, requires_grad=True)
    try:
        y = smooth(x)
    except NotImplementedError:
        return None
    if not isinstance(y, torch.Tensor) or _has_own_backward(y.grad_fn):
        return None
    return smooth  # type: ignore[no-any-return]


def _has_own_backward(node: Any) -> bool:
    """Whether an autograd graph contains a hand-written backward, or has no backward at all.

    In both cases autograd is no reference.
    """
    if node is None:
        return True
    ahead, seen = [node], set()
    while ahead:
        node = ahead.pop()
        if isinstance(node, BackwardCFunction):
            return True
        seen.add(node)
        ahead += [n for n, _ in node.next_functions if n is not None and n not in seen]
    return False


def _same_constant(truth: Shape, primitive: Function) -> bool:
    """Whether a primitive is that of the truth and not another one, a constant away."""
    if truth.definition.no_primitive or truth.definition.by_quadrature:
        return False
    at = float(primitive(torch.zeros(1, dtype=torch.float64)))
    return abs(at - float(exact(truth, 0, "primitive"))) < 1e-6


def fires_above(target: Any) -> bool:
    """Whether it is of a library whose neurons fire above the threshold and not at it."""
    package = (getattr(target, "__module__", None) or "").partition(".")[0]
    return package in LIBRARIES and LIBRARIES[package].fires == "x > 0"


def _others(name: str, function: Any, strict: bool) -> list[Subject]:
    """The same module with one of its shape parameters changed, and its own truth there."""
    result = []
    for key in getattr(function, "_sg_param_names", ()):
        value = getattr(function, key)
        if isinstance(value, float):
            other = copy.deepcopy(function)
            setattr(other, key, 0.75 * value)
            primitive = _primitive_of(other)
            assert primitive is not None  # as it was before the change
            shape = transformed(
                own.shape_of(primitive, f"{name}, {key}={0.75 * value:g}"), strict=strict
            )
            result.append(Subject(shape.name, shape, other, primitive, like="own"))
    return result
