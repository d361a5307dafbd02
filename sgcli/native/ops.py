"""The kernels as torch ops, which compile, autograd and vmap see.

The ops have no autograd formulas of their own: the functions that call them do, and their second
derivatives go through torch.
"""

from __future__ import annotations

from collections.abc import Sequence
from ctypes import byref, c_double
from functools import lru_cache
from typing import Any

import torch
from torch import Tensor
from torch._C._functorch import is_functorch_wrapped_tensor
from torch.library import Library, register_fake, register_vmap
from torch.nn import Parameter

from sgcli.definitions import REGISTRY
from sgcli.definitions.core import Definition
from sgcli.native import library
from sgcli.native.library import Layout, Neuron

SUFFIX = {torch.float32: "f32", torch.float64: "f64"}
# keep, gain, drive, v_threshold, v_reset, whether the reset is hard, whether it is detached
Numbers = Sequence[float]


def obstacle(definition: type[Definition]) -> str:
    """Why a definition runs on torch only; empty if it has a kernel that is switched on."""
    found = library.kernel(definition)
    if isinstance(found, str):
        return found
    return "" if library.available() else "switched off"


def serves(definition: type[Definition], x: Tensor, params: Sequence[Any]) -> bool:
    """Whether the kernel of a definition takes this input and these parameters."""
    return (
        x.device.type == "cpu"
        and x.dtype in SUFFIX
        and all(isinstance(p, (int, float)) for p in params)
        and not obstacle(definition)
    )


def plain(*tensors: Tensor) -> bool:
    """Whether an op may be called as a function: nothing between torch and the memory watches."""
    return not torch.compiler.is_compiling() and all(
        type(t) in (Tensor, Parameter) and not is_functorch_wrapped_tensor(t) for t in tensors
    )


_library = Library("sgcli", "DEF")
_library.define("spikes(Tensor x, str name, float[] params) -> Tensor")
_library.define("gradient(Tensor grad, Tensor x, str name, float[] params) -> Tensor")
_library.define(
    "sequence(Tensor x, Tensor v, int steps, bool constant, float[] neuron) -> (Tensor, Tensor)"
)
_library.define(
    "sequence_gradient(Tensor? grad_spikes, Tensor? grad_v, Tensor x, Tensor v, int steps, "
    "bool constant, float[] neuron, str name, float[] params) -> (Tensor, Tensor)"
)


def _kernel(name: str) -> library.Kernel:
    found = library.kernel(REGISTRY[name])
    assert isinstance(found, library.Kernel), found
    return found


@lru_cache(maxsize=1024)
def _numbers(params: tuple[float, ...]) -> Any:
    return (c_double * max(len(params), 1))(*params)


def _pointer(tensor: Tensor | None) -> int | None:
    return None if tensor is None else tensor.data_ptr()


def spikes(x: Tensor, name: str, params: Numbers) -> Tensor:
    """The forward pass of a deterministic surrogate, in the shape of ``x``."""
    x = _dense(x)
    suffix, out = SUFFIX[x.dtype], torch.empty_like(x)
    library.function("sg_map", suffix)(
        _kernel(name).forward[suffix],
        x.data_ptr(),
        out.data_ptr(),
        x.numel(),
        _numbers(tuple(params)),
        torch.get_num_threads(),
    )
    return out


def gradient(grad: Tensor, x: Tensor, name: str, params: Numbers) -> Tensor:
    """``grad`` · σ′(x)."""
    x = _dense(x)
    # An expanded gradient, as of a sum, becomes as dense as x.
    grad = grad if grad.stride() == x.stride() else torch.empty_like(x).copy_(grad)
    suffix, out = SUFFIX[x.dtype], torch.empty_like(x)
    library.function("sg_gradient", suffix)(
        _kernel(name).slope[suffix],
        grad.data_ptr(),
        x.data_ptr(),
        out.data_ptr(),
        x.numel(),
        _numbers(tuple(params)),
        torch.get_num_threads(),
    )
    return out


def _dense(x: Tensor) -> Tensor:
    """As it is if its elements fill a block of memory, in whatever order; otherwise copied."""
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
    return Layout(steps, v.numel(), 0 if constant else v.numel())


def sequence(
    x: Tensor, v: Tensor, steps: int, constant: bool, neuron: Numbers
) -> tuple[Tensor, Tensor]:
    """Spikes [T, …] and the potential [...] after them, for an input [T, …] or a constant [...]."""
    x, v = x.contiguous(), v.contiguous()
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
    """The gradients of ``x`` and of the first ``v``, from those of the spikes and the last ``v``."""
    x, v = x.contiguous(), v.contiguous()
    given = [None if g is None else g.contiguous() for g in (grad_spikes, grad_v)]
    grad_x, grad_first = torch.empty_like(x), torch.empty_like(v)
    suffix = SUFFIX[x.dtype]
    failed = library.function("sg_sequence_backward", suffix)(
        x.data_ptr(),
        v.data_ptr(),
        *map(_pointer, given),
        grad_x.data_ptr(),
        grad_first.data_ptr(),
        byref(_layout(x, v, steps, constant)),
        byref(_neuron(neuron)),
        _kernel(name).slope[suffix],
        _numbers(tuple(params)),
        torch.get_num_threads(),
    )
    if failed:
        raise MemoryError(f"no memory for the membrane of {steps} steps")
    return grad_x, grad_first


OPS = (spikes, gradient, sequence, sequence_gradient)
for _op in OPS:
    _library.impl(_op.__name__, _op, "CPU")


def of(op: Any, *tensors: Tensor) -> Any:
    """What to call for an op on these tensors: itself, or through torch's dispatcher."""
    return op if plain(*tensors) else getattr(torch.ops.sgcli, op.__name__)


@register_fake("sgcli::spikes", lib=_library)
def _(x: Tensor, name: str, params: Numbers) -> Tensor:
    return torch.empty_like(x)


@register_fake("sgcli::gradient", lib=_library)
def _(grad: Tensor, x: Tensor, name: str, params: Numbers) -> Tensor:
    return torch.empty_like(x)


@register_fake("sgcli::sequence", lib=_library)
def _(
    x: Tensor, v: Tensor, steps: int, constant: bool, neuron: Numbers
) -> tuple[Tensor, Tensor]:
    return x.new_empty((steps, *v.shape)), torch.empty_like(v)


@register_fake("sgcli::sequence_gradient", lib=_library)
def _(
    grad_spikes: Tensor | None, grad_v: Tensor | None, x: Tensor, v: Tensor, *settings: Any
) -> tuple[Tensor, Tensor]:
    return torch.empty_like(x), torch.empty_like(v)


def _first(tensor: Tensor, dim: int | None, size: int) -> Tensor:
    """The mapped dimension first; none there is expanded."""
    return tensor.expand(size, *tensor.shape) if dim is None else tensor.movedim(dim, 0)


def _last(tensor: Tensor, dim: int | None, size: int) -> Tensor:
    """The mapped dimension last, where neurons do not mind it."""
    if dim is None:
        return tensor.unsqueeze(-1).expand(*tensor.shape, size)
    return tensor.movedim(dim, -1)


@register_vmap("sgcli::spikes", lib=_library)
def _(info: Any, dims: Any, x: Tensor, name: str, params: Numbers) -> tuple[Tensor, int]:
    return torch.ops.sgcli.spikes(_first(x, dims[0], info.batch_size), name, params), 0


@register_vmap("sgcli::gradient", lib=_library)
def _(
    info: Any, dims: Any, grad: Tensor, x: Tensor, name: str, params: Numbers
) -> tuple[Tensor, int]:
    size = info.batch_size
    moved = _first(grad, dims[0], size), _first(x, dims[1], size)
    return torch.ops.sgcli.gradient(*moved, name, params), 0


@register_vmap("sgcli::sequence", lib=_library)
def _(
    info: Any, dims: Any, x: Tensor, v: Tensor, *settings: Any
) -> tuple[tuple[Tensor, Tensor], tuple[int, int]]:
    size = info.batch_size
    out, last = torch.ops.sgcli.sequence(
        _last(x, dims[0], size), _last(v, dims[1], size), *settings
    )
    return (out, last), (out.ndim - 1, last.ndim - 1)


@register_vmap("sgcli::sequence_gradient", lib=_library)
def _(
    info: Any,
    dims: Any,
    grad_spikes: Tensor | None,
    grad_v: Tensor | None,
    x: Tensor,
    v: Tensor,
    *settings: Any,
) -> tuple[tuple[Tensor, Tensor], tuple[int, int]]:
    size = info.batch_size
    grads = [
        None if g is None else _last(g, dim, size)
        for g, dim in zip((grad_spikes, grad_v), dims, strict=False)
    ]
    gx, gv = torch.ops.sgcli.sequence_gradient(
        *grads, _last(x, dims[2], size), _last(v, dims[3], size), *settings
    )
    return (gx, gv), (gx.ndim - 1, gv.ndim - 1)
