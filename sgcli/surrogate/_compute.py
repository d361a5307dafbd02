"""What the torch classes compute: spikes, primitive and gradients of a definition over tensors."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any

import torch
from torch import Tensor

from sgcli.definitions.core import Definition
from sgcli.errors import InputTypeError, ParameterError
from sgcli.maths.tape import Tape, record
from sgcli.maths.torch_ import Torch
from sgcli.native import library, ops

HALVES = (torch.float16, torch.bfloat16)
NUMBERS = (float, int)


def _working(x: Tensor) -> Tensor:
    """Halves are computed in float32 and rounded once at the end."""
    return x.float() if x.dtype in HALVES else x


def _like(parameter: Any, x: Tensor) -> Any:
    return parameter.to(x.dtype) if isinstance(parameter, Tensor) else parameter


def _direct(
    definition: type[Definition], given: Sequence[Any], x: Tensor, *others: Tensor
) -> ops.Bound | None:
    """The kernel for what most calls have, found in one step: numbers, and tensors as they are."""
    if torch.compiler.is_compiling() or not library.available():
        return None
    for p in given:
        if type(p) not in NUMBERS:
            return None
    if not (ops.plain(x, *others) and x.is_cpu):
        return None
    kind: Any = definition  # mypy takes no class for hashable
    return _bound(kind, tuple(given), x.dtype)


@lru_cache(maxsize=1024)
def _bound(definition: Any, given: tuple[float, ...], dtype: torch.dtype) -> ops.Bound | None:
    if dtype not in ops.SUFFIX or isinstance(library.kernel(definition), str):
        return None
    return ops.bound(definition, tuple(checked(definition, given)), dtype)


def _native(definition: type[Definition], x: Tensor, params: Sequence[Any]) -> bool:
    """Whether the compiled kernel takes over; under torch.compile torch fuses its own functions."""
    return not torch.compiler.is_compiling() and ops.serves(definition, x, params)


def _tape(
    definition: type[Definition], grad: Tensor, x: Tensor, params: Sequence[Any]
) -> Tape | None:
    """What works out ``grad`` · σ′(x) on a processor without a kernel, in little memory."""
    if not (x.is_cpu and x.dtype == grad.dtype and x.dtype in ops.SUFFIX and ops.plain(x, grad)):
        return None
    if not (x.is_contiguous() and grad.is_contiguous()):
        return None
    if definition.random_gradient or any(isinstance(p, Tensor) for p in params):
        return None
    return _recorded(definition.derivative, tuple(params), x.dtype)


@lru_cache(maxsize=1024)
def _recorded(
    derivative: Callable[..., Any], params: tuple[float, ...], dtype: torch.dtype
) -> Tape | None:
    return record(lambda m, grad, x: grad * derivative(m, x, *params), 2, dtype)


def complete(definition: type[Definition], params: Sequence[Any]) -> Sequence[Any]:
    missing = definition.defaults[len(params) :]
    return (*params, *missing) if missing else params


def checked(definition: type[Definition], given: Sequence[Any]) -> Sequence[Any]:
    """All parameters, of which the first are given; numbers are held against their domain."""
    if torch.compiler.is_compiling():
        # Reading tensors would synchronise and break compile.
        return complete(definition, given)
    for p in given:
        if type(p) not in NUMBERS:
            return _checked(definition, given)
    kind: Any = definition  # mypy takes no class for hashable
    result: Sequence[Any] = _checked_numbers(kind, tuple(given))
    return result


@lru_cache(maxsize=1024)
def _checked_numbers(definition: Any, given: tuple[float, ...]) -> Sequence[Any]:
    return _checked(definition, given)


def _checked(definition: type[Definition], given: Sequence[Any]) -> Sequence[Any]:
    specs = definition.params.values()
    return tuple(
        value if isinstance(value, Tensor) and not spec.integer else spec.check(_number(value))
        for spec, value in zip(specs, complete(definition, given), strict=True)
    )


def _number(value: Any) -> Any:
    return value.item() if isinstance(value, Tensor) and value.ndim == 0 else value


def check_input(x: Any) -> None:
    if torch.compiler.is_compiling():
        return  # Dynamo of torch 2.5 cannot trace the making of an error
    if not isinstance(x, Tensor):
        raise InputTypeError(
            f"a surrogate takes a tensor, not {type(x).__name__}", "torch.tensor(x)"
        )
    if not x.is_floating_point():
        raise InputTypeError(
            f"a surrogate takes floating point numbers, not {x.dtype}", "x.float()"
        )


def spikes(definition: type[Definition], x: Tensor, given: Sequence[Any], generator: Any) -> Tensor:
    if not definition.stochastic and (kernel := _direct(definition, given, x)):
        return kernel.spikes(x)
    check_input(x)
    params = checked(definition, given)
    if not definition.stochastic and _native(definition, x, params):
        result: Tensor = ops.of(ops.spikes, x)(x, definition.name, params)
        return result
    work = _working(x)
    y: Tensor = definition.forward(Torch(work), work, *params)
    if definition.stochastic:
        # bernoulli() refuses NaN, which fires no spike here as everywhere.
        y = torch.rand(x.shape, generator=generator, device=x.device, dtype=work.dtype) < y
    return y.to(x.dtype) if y is not x else x.clone()


def primitive(
    definition: type[Definition], x: Tensor, given: Sequence[Any], generator: Any
) -> Tensor:
    check_input(x)
    params = checked(definition, given)
    if definition.no_primitive:
        raise ParameterError(f"{definition.name} has no primitive", definition.no_primitive)
    work = _working(x)
    y: Tensor = definition.primitive(Torch(work), work, *[_like(p, work) for p in params])
    return y.to(x.dtype) if y is not x else x.clone()


def gradient(
    definition: type[Definition],
    grad_output: Tensor,
    x: Tensor,
    params: Sequence[Any],
    generator: torch.Generator | None = None,
    out: Tensor | None = None,
) -> Tensor:
    """``grad_output`` · σ′(x), rounded once to the dtype of ``x``; it may be put into ``out``."""
    # A gradient that may be differentiated again goes through torch, and one of another shape.
    same = grad_output.shape == x.shape and not torch.is_grad_enabled()
    if same and (kernel := _direct(definition, params, x, grad_output)):
        return kernel.gradient(grad_output, x)
    if same and _native(definition, x, params):
        call = ops.of(ops.gradient, x, grad_output)
        found: Tensor = call(grad_output, x, definition.name, params)
        return found
    if same and (tape := _tape(definition, grad_output, x, params)):
        return tape(grad_output, x, out=out)
    work = _working(x)
    given = [_like(p, work) for p in params]
    if definition.random_gradient:
        u = torch.rand(x.shape, generator=generator, device=x.device, dtype=work.dtype)
        slope = definition.drawn(Torch(work), work, u, *given)
    else:
        slope = definition.derivative(Torch(work), work, *given)
    if (
        torch.is_grad_enabled()
        and work.requires_grad
        and not getattr(slope, "requires_grad", False)
    ):
        # A constant slope has the second derivative 0; without this it would have none.
        slope = torch.where(torch.zeros_like(work, dtype=torch.bool), work, slope)
    result: Tensor = grad_output.to(work.dtype) * slope
    return result.to(x.dtype)


def given_gradient(
    definition: type[Definition], grad_output: Tensor, x: Tensor, given: Sequence[Any]
) -> Tensor:
    """``grad_output`` · σ′(x) of what somebody else gives than autograd."""
    if grad_output.device != x.device:
        raise InputTypeError(
            f"a gradient on {grad_output.device} for an input on {x.device}",
            f"grad_output.to({str(x.device)!r})",
        )
    return gradient(definition, grad_output, x, checked(definition, given))


def parameter_gradients(
    definition: type[Definition],
    grad_output: Tensor,
    x: Tensor,
    params: Sequence[Any],
    wanted: Sequence[bool],
) -> list[Tensor | None]:
    """``grad_output`` · ∂σ/∂p of the primitive, for the parameters that want it."""
    if reason := definition.no_primitive or definition.by_quadrature:
        raise ParameterError(f"the parameters of {definition.name} cannot be trained", reason)
    work = _working(x)
    trained = [p for p, want in zip(params, wanted, strict=True) if want]

    def primitive(*values: Tensor) -> Any:
        given = iter(values)
        filled = [next(given) if want else p for p, want in zip(params, wanted, strict=True)]
        return definition.primitive(Torch(work), work, *[_like(p, work) for p in filled])

    pull = torch.func.vjp(primitive, *trained)[1]
    result = iter(pull(grad_output.to(work.dtype)))
    return [next(result) if want else None for want in wanted]
