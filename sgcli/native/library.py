"""The built libraries: whether they are there and of today's source, and their functions."""

from __future__ import annotations

import ctypes
import os
from collections.abc import Iterator
from contextlib import contextmanager
from ctypes import POINTER, c_char_p, c_double, c_int, c_int32, c_int64, c_void_p
from dataclasses import dataclass
from functools import cache
from importlib.machinery import EXTENSION_SUFFIXES
from pathlib import Path
from typing import Any

# Before the kernels: its OpenMP runtime then serves them too, with one pool of threads.
import torch  # noqa: F401

from sgcli.definitions.core import Definition
from sgcli.native import writer

SUFFIXES = ("f32", "f64")
SWITCH = "SG_NATIVE"

_off = int(os.environ.get(SWITCH) == "0")


class Neuron(ctypes.Structure):
    """As ``sg::Neuron`` in neurons.cpp."""

    _fields_ = (
        ("keep", c_double),
        ("gain", c_double),
        ("drive", c_double),
        ("v_threshold", c_double),
        ("reset", c_double),
        ("hard", c_int32),
        ("detach_reset", c_int32),
    )


class Layout(ctypes.Structure):
    """As ``sg::Layout`` in neurons.cpp."""

    _fields_ = (("steps", c_int64), ("columns", c_int64), ("x_stride", c_int64))


@dataclass(frozen=True)
class Libraries:
    """The libraries of elementwise kernels and of neurons."""

    surrogates: ctypes.CDLL
    neurons: ctypes.CDLL


@cache
def libraries() -> Libraries | str:
    """The libraries, or why there are none."""
    result = []
    for name in ("_surrogates", "_neurons"):
        path = _path(name)
        if path is None:
            return "not built: no C++ compiler when sgcli was installed"
        try:
            library = ctypes.CDLL(str(path))
        except OSError as error:
            return f"not loadable: {error}"
        library.sg_digest.restype = c_char_p
        if library.sg_digest() != writer.templates_digest().encode():
            return "built from other sources: install sgcli again"
        result.append(library)
    _declare(*result)
    return Libraries(*result)


def _path(name: str) -> Path | None:
    paths = (Path(__file__).with_name(name + suffix) for suffix in EXTENSION_SUFFIXES)
    return next((path for path in paths if path.exists()), None)


def _declare(surrogates: ctypes.CDLL, neurons: ctypes.CDLL) -> None:
    numbers = POINTER(c_double)
    layout, neuron = POINTER(Layout), POINTER(Neuron)
    pointers = [c_void_p] * 6
    for suffix in SUFFIXES:
        for library, name, types in (
            (surrogates, "sg_map", [*pointers[:3], c_int64, numbers, c_int]),
            (surrogates, "sg_gradient", [*pointers[:4], c_int64, numbers, c_int]),
            (neurons, "sg_sequence_forward", [*pointers[:4], layout, neuron, c_int]),
            (
                neurons,
                "sg_sequence_backward",
                [*pointers, layout, neuron, c_void_p, numbers, c_int],
            ),
        ):
            function = getattr(library, f"{name}_{suffix}")
            function.argtypes = types
            function.restype = c_int if name.endswith("backward") else None


@dataclass(frozen=True)
class Kernel:
    """The addresses of one surrogate's functions by suffix; ``forward`` is None for the step."""

    slope: dict[str, int | None]
    forward: dict[str, int | None]


_kernels: dict[type[Definition], Kernel | str] = {}


def kernel(definition: type[Definition]) -> Kernel | str:
    """The kernel of a definition, or why there is none; looked for once."""
    if definition not in _kernels:
        _kernels[definition] = _kernel(definition)
    return _kernels[definition]


def _kernel(definition: type[Definition]) -> Kernel | str:
    result = libraries()
    if isinstance(result, str):
        return result
    if reason := writer.reason(definition):
        return reason
    name, library = definition.name, result.surrogates
    stamp = getattr(library, f"sg_digest_{name}", None)
    if stamp is None:
        return "it was not in the catalogue when sgcli was installed: install it again"
    stamp.restype = c_char_p
    if stamp() != writer.digest(writer.text(definition)).encode():
        return "its definition has changed since sgcli was installed: install it again"
    own = writer.has_forward(definition)
    return Kernel(
        {s: _address(library, f"sg_slope_{name}_{s}") for s in SUFFIXES},
        {s: _address(library, f"sg_forward_{name}_{s}") if own else None for s in SUFFIXES},
    )


def _address(library: ctypes.CDLL, name: str) -> int | None:
    return ctypes.cast(getattr(library, name), c_void_p).value


@cache
def function(name: str, suffix: str) -> Any:
    """A driver of the libraries for a type of numbers."""
    result = libraries()
    assert isinstance(result, Libraries), result
    owner = result.neurons if name.startswith("sg_sequence") else result.surrogates
    return getattr(owner, f"{name}_{suffix}")


def available() -> bool:
    """Whether kernels are there and switched on (``SG_NATIVE=0`` and :func:`off` do not)."""
    return not _off and not isinstance(libraries(), str)


@contextmanager
def off() -> Iterator[None]:
    """Use torch's own functions inside, as the reference that the kernels are compared with."""
    global _off
    _off += 1
    try:
        yield
    finally:
        _off -= 1
