"""The computations of the torch classes: spikes, primitive and gradients over tensors."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache, partial
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
    """The input in the working precision: half precision is computed in float32, rounded once."""
    return x.float() if x.dtype in HALVES else x


def _like(parameter: Any, x: Tensor) -> Any:
    return parameter.to(x.dtype) if isinstance(parameter, Tensor) else parameter


def _direct(
    definition: type[Definition], values: Sequence[Any], x: Tensor, *others: Tensor
) -> ops.Bound | None:
    """The kernel of the most frequent case, by a fast check: numbers, and plain CPU tensors."""
    if torch.compiler.is_compiling() or not library.available():
        return None
    for p in values:
        if type(p) not in NUMBERS:
            return None
    if not (ops.plain(x, *others) and x.is_cpu):
        return None
    hashable: Any = definition  # mypy does not accept a class as hashable
    return _bound(hashable, tuple(values), x.dtype)


@lru_cache(maxsize=1024)
def _bound(definition: Any, values: tuple[float, ...], dtype: torch.dtype) -> ops.Bound | None:
    if dtype not in ops.SUFFIX or isinstance(library.kernel(definition), str):
        return None
    return ops.bound(definition, tuple(checked(definition, values)), dtype)


def _native(definition: type[Definition], x: Tensor, params: Sequence[Any]) -> bool:
    """Whether the compiled kernel is used; torch.compile fuses torch's own functions instead."""
    return not torch.compiler.is_compiling() and ops.serves(definition, x, params)


def _tape(
    definition: type[Definition], grad: Tensor, x: Tensor, params: Sequence[Any]
) -> Tape | None:
    """The tape that computes ``grad`` · σ′(x) on a CPU without a kernel, in little memory."""
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
    """The values of all parameters: ``params``, then defaults."""
    missing = definition.defaults[len(params) :]
    return (*params, *missing) if missing else params


def checked(definition: type[Definition], values: Sequence[Any]) -> Sequence[Any]:
    """The values of all parameters: ``values``, then defaults; numbers are checked."""
    if torch.compiler.is_compiling():
        # Reading tensors would synchronise and break compile.
        return complete(definition, values)
    for p in values:
        if type(p) not in NUMBERS:
            return _checked(definition, values)
    hashable: Any = definition  # mypy does not accept a class as hashable
    params: Sequence[Any] = _checked_numbers(hashable, tuple(values))
    return params


@lru_cache(maxsize=1024)
def _checked_numbers(definition: Any, values: tuple[float, ...]) -> Sequence[Any]:
    return _checked(definition, values)


def _checked(definition: type[Definition], values: Sequence[Any]) -> Sequence[Any]:
    specs = definition.params.values()
    return tuple(
        value if isinstance(value, Tensor) and not spec.integer else spec.check(_number(value))
        for spec, value in zip(specs, complete(definition, values), strict=True)
    )


def _number(value: Any) -> Any:
    return value.item() if isinstance(value, Tensor) and value.ndim == 0 else value


def check_input(x: Any) -> None:
    """Raise :class:`InputTypeError` unless ``x`` is a floating point tensor."""
    if torch.compiler.is_compiling():
        return  # Dynamo of torch 2.5 cannot trace the construction of an error
    if not isinstance(x, Tensor):
        raise InputTypeError(
            f"a surrogate takes a tensor, not {type(x).__name__}", "torch.tensor(x)"
        )
    if not x.is_floating_point():
        raise InputTypeError(
            f"a surrogate takes floating point numbers, not {x.dtype}", "x.float()"
        )


def spikes(
    definition: type[Definition], x: Tensor, values: Sequence[Any], generator: Any
) -> Tensor:
    """The forward pass, in the dtype of ``x``."""
    if not definition.stochastic and (kernel := _direct(definition, values, x)):
        return kernel.spikes(x)
    check_input(x)
    params = checked(definition, values)
    if not definition.stochastic and _native(definition, x, params):
        out: Tensor = ops.of(ops.spikes, x)(x, definition.name, params)
        return out
    work = _working(x)
    y: Tensor = definition.forward(Torch(work), work, *params)
    if definition.stochastic:
        # torch.bernoulli rejects NaN, which must not spike.
        y = torch.rand(x.shape, generator=generator, device=x.device, dtype=work.dtype) < y
    return y.to(x.dtype) if y is not x else x.clone()


def primitive(
    definition: type[Definition], x: Tensor, values: Sequence[Any], generator: Any
) -> Tensor:
    """The primitive, in the dtype of ``x``; differentiable."""
    check_input(x)
    params = checked(definition, values)
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
    """``grad_output`` · σ′(x), rounded once to the dtype of ``x``, possibly in ``out``."""
    # torch computes gradients that may be differentiated again or need broadcasting.
    direct = grad_output.shape == x.shape and not torch.is_grad_enabled()
    if direct and (kernel := _direct(definition, params, x, grad_output)):
        return kernel.gradient(grad_output, x)
    if direct and _native(definition, x, params):
        call = ops.of(ops.gradient, x, grad_output)
        product: Tensor = call(grad_output, x, definition.name, params)
        return product
    if direct and (tape := _tape(definition, grad_output, x, params)):
        return tape(grad_output, x, out=out)
    work = _working(x)
    converted = [_like(p, work) for p in params]
    if definition.random_gradient:
        u = torch.rand(x.shape, generator=generator, device=x.device, dtype=work.dtype)
        slope = definition.drawn(Torch(work), work, u, *converted)
    else:
        slope = definition.derivative(Torch(work), work, *converted)
    if (
        torch.is_grad_enabled()
        and work.requires_grad
        and not getattr(slope, "requires_grad", False)
    ):
        # torch.where gives a constant slope the second derivative 0 instead of none.
        slope = torch.where(torch.zeros_like(work, dtype=torch.bool), work, slope)
    result: Tensor = grad_output.to(work.dtype) * slope
    return result.to(x.dtype)


def checked_gradient(
    definition: type[Definition], grad_output: Tensor, x: Tensor, values: Sequence[Any]
) -> Tensor:
    """``grad_output`` · σ′(x) for arguments of a user, which are checked."""
    if grad_output.device != x.device:
        raise InputTypeError(
            f"a gradient on {grad_output.device} for an input on {x.device}",
            f"grad_output.to({str(x.device)!r})",
        )
    return gradient(definition, grad_output, x, checked(definition, values))


def parameter_gradients(
    definition: type[Definition],
    grad_output: Tensor,
    x: Tensor,
    params: Sequence[Any],
    wanted: Sequence[bool],
) -> list[Tensor | None]:
    """``grad_output`` · ∂σ/∂p of the primitive for the ``wanted`` parameters, else None."""
    if reason := definition.no_primitive or definition.by_quadrature:
        raise ParameterError(f"the parameters of {definition.name} cannot be trained", reason)
    work = _working(x)
    trained = [p for p, want in zip(params, wanted, strict=True) if want]

    def primitive(x: Tensor, *trained: Tensor) -> Any:
        remaining = iter(trained)
        values = [next(remaining) if want else p for p, want in zip(params, wanted, strict=True)]
        return definition.primitive(Torch(x), x, *[_like(p, x) for p in values])

    grad = grad_output.to(work.dtype)
    pulled = torch.func.vjp(partial(primitive, work), *trained)[1](grad)
    if ops.plain(*pulled) and not all(bool(g.isfinite().all()) for g in pulled):
        pulled = _without_overflow(primitive, grad, work, trained)
    gradients = iter(pulled)
    return [next(gradients) if want else None for want in wanted]


def _without_overflow(
    primitive: Callable[..., Tensor], grad: Tensor, x: Tensor, trained: Sequence[Tensor]
) -> tuple[Tensor, ...]:
    """The gradients of parameters where a step such as x / alpha overflows, so that 0 · inf is NaN.

    The primitive is constant that far out. An ``x`` that is not finite itself is left alone.
    """
    each = [p + torch.zeros_like(x) for p in trained]  # a value for each x
    largest = torch.finfo(x.dtype).max * 2.0**-12

    def elementwise(x: Tensor) -> tuple[Tensor, ...]:
        pull = torch.func.vjp(partial(primitive, x), *each)[1]
        slopes: tuple[Tensor, ...] = pull(torch.ones_like(grad))
        return slopes

    pairs = zip(elementwise(x), elementwise(x.clamp(-largest, largest)), strict=True)
    slopes = [torch.where(s.isfinite() | ~x.isfinite(), s, closer) for s, closer in pairs]
    return tuple((grad * s).sum_to_size(p.shape) for s, p in zip(slopes, trained, strict=True))
