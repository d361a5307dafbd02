"""The kernels as functions of tensors, registered with torch as ops of the namespace ``sgcli``."""

from __future__ import annotations

from collections.abc import Sequence
from ctypes import byref, c_double
from functools import cache, lru_cache
from typing import Any, NamedTuple

import torch
from torch import Tensor
from torch._C import _are_functorch_transforms_active, _len_torch_dispatch_stack
from torch._C._functorch import is_functorch_wrapped_tensor, is_legacy_batchedtensor
from torch.autograd import forward_ad
from torch.nn import Parameter

from sgcli.definitions import REGISTRY
from sgcli.definitions.core import Definition
from sgcli.native import library, registration
from sgcli.native.library import Layout, Neuron

SUFFIX = {torch.float32: "f32", torch.float64: "f64"}
_PLAIN = (Tensor, Parameter)
# keep, gain, drive, v_threshold, v_reset (or the amount that a soft reset subtracts), whether the
# reset is hard, whether it is detached
Numbers = Sequence[float]


def fallback_reason(definition: type[Definition]) -> str:
    """Why torch computes a definition; "" if it has a kernel that is switched on."""
    kernel = library.kernel(definition)
    if isinstance(kernel, str):
        return kernel
    return "" if library.available() else "switched off"


def serves(definition: type[Definition], x: Tensor, params: Sequence[Any]) -> bool:
    """Whether the kernel of a definition takes this input and these parameters."""
    for p in params:  # twice as fast as any(), and every call runs it
        if isinstance(p, Tensor):
            return False
    return x.is_cpu and x.dtype in SUFFIX and not fallback_reason(definition) and not forwards()


def forwards() -> bool:
    """Whether forward-mode differentiation is active, which kernels do not support."""
    return forward_ad._current_level >= 0


def plain(*tensors: Tensor | None) -> bool:
    """Whether an op may bypass torch's dispatcher: no tracing, transform or wrapped tensor."""
    if torch.compiler.is_compiling() or forwards():
        return False
    if _are_functorch_transforms_active() or _len_torch_dispatch_stack():
        return False
    for t in tensors:
        if t is None:
            continue
        if type(t) not in _PLAIN or t.is_neg() or is_functorch_wrapped_tensor(t):
            return False
        if is_legacy_batchedtensor(t):  # from torch.autograd.grad(…, is_grads_batched=True)
            return False
    return True


class Bound(NamedTuple):
    """The kernel of a surrogate with its parameters, for one dtype."""

    run_forward: Any
    forward: int | None
    run_slope: Any
    slope: int | None
    numbers: Any

    def spikes(self, x: Tensor) -> Tensor:
        """The forward pass of a deterministic surrogate, in the shape of ``x``."""
        x = _dense(x)
        run, kernel, _, _, numbers = self
        out, threads = torch.empty_like(x), torch.get_num_threads()
        run(kernel, x.data_ptr(), out.data_ptr(), x.numel(), numbers, threads)
        return out

    def gradient(self, grad: Tensor, x: Tensor) -> Tensor:
        """``grad`` · σ′(x)."""
        x = _dense(x)
        if grad.dtype != x.dtype or grad.shape != x.shape or grad.stride() != x.stride():
            # An expanded gradient, such as that of a sum, gets the memory layout of x.
            grad = torch.empty_like(x).copy_(grad)
        _, _, run, kernel, numbers = self
        out, threads = torch.empty_like(x), torch.get_num_threads()
        run(kernel, grad.data_ptr(), x.data_ptr(), out.data_ptr(), x.numel(), numbers, threads)
        return out


@lru_cache(maxsize=1024)
def bound(definition: Any, params: tuple[float, ...], dtype: torch.dtype) -> Bound:
    """The kernel of a definition, which must have one, with its parameters."""
    kernel = library.kernel(definition)
    assert isinstance(kernel, library.Kernel), kernel
    suffix = SUFFIX[dtype]
    return Bound(
        library.function("sg_map", suffix),
        kernel.forward[suffix],
        library.function("sg_gradient", suffix),
        kernel.slope[suffix],
        (c_double * max(len(params), 1))(*params),
    )


def _named(name: str, params: Numbers, dtype: torch.dtype) -> Bound:
    definition: Any = REGISTRY[name]  # mypy does not accept a class as hashable
    return bound(definition, tuple(params), dtype)


def _pointer(tensor: Tensor | None) -> int | None:
    return None if tensor is None else tensor.data_ptr()


def spikes(x: Tensor, name: str, params: Numbers) -> Tensor:
    """The forward pass of a deterministic surrogate."""
    return _named(name, params, x.dtype).spikes(x)


def gradient(grad: Tensor, x: Tensor, name: str, params: Numbers) -> Tensor:
    """``grad`` · σ′(x)."""
    return _named(name, params, x.dtype).gradient(grad, x)


def _dense(x: Tensor) -> Tensor:
    """``x`` itself if its elements fill a block of memory in any order, else a contiguous copy."""
    return x if x.is_contiguous() or _fills(x) else x.contiguous()


def _fills(x: Tensor) -> bool:
    size = 1
    for stride, length in sorted(zip(x.stride(), x.shape, strict=True)):
        if length != 1 and stride != size:
            return False
        size *= length
    return True


def _neuron(numbers: Numbers) -> Neuron:
    return Neuron(*numbers[:5], int(numbers[5]), int(numbers[6]))


def _layout(x: Tensor, v: Tensor, steps: int, constant: bool) -> Layout:
    """The memory layout of the steps; ``ValueError`` if the shapes do not match."""
    if x.numel() != (1 if constant else steps) * v.numel():
        raise ValueError(
            f"an input of shape {tuple(x.shape)} does not match {steps} steps of {tuple(v.shape)}"
        )
    return Layout(steps, v.numel(), 0 if constant else v.numel())


def _as(x: Tensor, shape: Sequence[int], tensor: Tensor | None) -> Tensor | None:
    """The tensor in the dtype of ``x``, expanded to ``shape`` and contiguous."""
    return None if tensor is None else tensor.to(x.dtype).expand(shape).contiguous()


def sequence(
    x: Tensor, v: Tensor, steps: int, constant: bool, neuron: Numbers
) -> tuple[Tensor, Tensor]:
    """Spikes [T, …] and the final potential [...], for an input [T, …] or a constant one [...]."""
    x, v = x.contiguous(), v.to(x.dtype).contiguous()
    out, last = x.new_empty((steps, *v.shape)), torch.empty_like(v)
    library.function("sg_sequence_forward", SUFFIX[x.dtype])(
        x.data_ptr(),
        v.data_ptr(),
        out.data_ptr(),
        last.data_ptr(),
        byref(_layout(x, v, steps, constant)),
        byref(_neuron(neuron)),
        torch.get_num_threads(),
    )
    return out, last


def sequence_gradient(
    grad_spikes: Tensor | None,
    grad_v: Tensor | None,
    x: Tensor,
    v: Tensor,
    steps: int,
    constant: bool,
    neuron: Numbers,
    name: str,
    params: Numbers,
) -> tuple[Tensor, Tensor]:
    """The gradients of ``x`` and the initial ``v`` from those of the spikes and the final ``v``."""
    x, v = x.contiguous(), v.to(x.dtype).contiguous()
    grads = _as(x, (steps, *v.shape), grad_spikes), _as(x, v.shape, grad_v)
    grad_x, grad_first = torch.empty_like(x), torch.empty_like(v)
    kernel = _named(name, params, x.dtype)
    failed = library.function("sg_sequence_backward", SUFFIX[x.dtype])(
        x.data_ptr(),
        v.data_ptr(),
        *map(_pointer, grads),
        grad_x.data_ptr(),
        grad_first.data_ptr(),
        byref(_layout(x, v, steps, constant)),
        byref(_neuron(neuron)),
        kernel.slope,
        kernel.numbers,
        torch.get_num_threads(),
    )
    if failed:
        raise MemoryError(f"not enough memory for the membrane potentials of {steps} steps")
    return grad_x, grad_first


OPS = (spikes, gradient, sequence, sequence_gradient)


def of(op: Any, *tensors: Tensor | None) -> Any:
    """The function to call for an op on these tensors: itself, or its registered form."""
    return op if plain(*tensors) else getattr(registered(), op.__name__)


@cache
def registered() -> Any:
    """``torch.ops.sgcli``, with the ops registered."""
    registration.register(OPS)
    return torch.ops.sgcli
