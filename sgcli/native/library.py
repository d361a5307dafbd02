"""The built libraries and their functions; libraries of other sources are not used."""

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

# Imported before the kernels are loaded, so that they share the OpenMP runtime and threads of
# torch.
import torch  # noqa: F401

from sgcli.definitions.core import Definition
from sgcli.native import writer

SUFFIXES = ("f32", "f64")
SWITCH = "SG_NATIVE"

_off = int(os.environ.get(SWITCH) == "0")


class Neuron(ctypes.Structure):
    """The struct ``sg::Neuron`` in neurons.cpp."""

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
    """The struct ``sg::Layout`` in neurons.cpp."""

    _fields_ = (("steps", c_int64), ("columns", c_int64), ("x_stride", c_int64))


@dataclass(frozen=True)
class Libraries:
    """The libraries of elementwise kernels and of neuron kernels."""

    surrogates: ctypes.CDLL
    neurons: ctypes.CDLL


@cache
def libraries() -> Libraries | str:
    """The libraries, or the reason why there are none."""
    loaded = []
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
        loaded.append(library)
    _declare(*loaded)
    return Libraries(*loaded)


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
    """The addresses of a surrogate's functions, by suffix.

    ``forward`` is None if the forward pass is the Heaviside step.
    """

    slope: dict[str, int | None]
    forward: dict[str, int | None]


_kernels: dict[type[Definition], Kernel | str] = {}


def kernel(definition: type[Definition]) -> Kernel | str:
    """The kernel of a definition, or the reason why there is none; cached."""
    if definition not in _kernels:
        _kernels[definition] = _kernel(definition)
    return _kernels[definition]


def _kernel(definition: type[Definition]) -> Kernel | str:
    available_libraries = libraries()
    if isinstance(available_libraries, str):
        return available_libraries
    if reason := writer.reason(definition):
        return reason
    name, library = definition.name, available_libraries.surrogates
    built_digest = getattr(library, f"sg_digest_{name}", None)
    if built_digest is None:
        return "it was not in the catalogue when sgcli was installed: install sgcli again"
    built_digest.restype = c_char_p
    if built_digest() != writer.digest(writer.text(definition)).encode():
        return "its definition has changed since sgcli was installed: install sgcli again"
    own = writer.has_forward(definition)
    return Kernel(
        {s: _address(library, f"sg_slope_{name}_{s}") for s in SUFFIXES},
        {s: _address(library, f"sg_forward_{name}_{s}") if own else None for s in SUFFIXES},
    )


def _address(library: ctypes.CDLL, name: str) -> int | None:
    return ctypes.cast(getattr(library, name), c_void_p).value


@cache
def function(name: str, suffix: str) -> Any:
    """A function of the libraries, for the dtype of ``suffix``."""
    loaded = libraries()
    assert isinstance(loaded, Libraries), loaded
    owner = loaded.neurons if name.startswith("sg_sequence") else loaded.surrogates
    return getattr(owner, f"{name}_{suffix}")


def available() -> bool:
    """Whether kernels are built and not switched off by ``SG_NATIVE=0`` or :func:`off`."""
    return not _off and not isinstance(libraries(), str)


@contextmanager
def off() -> Iterator[None]:
    """Switch the kernels off in a ``with`` block: torch's own functions are their reference."""
    global _off
    _off += 1
    try:
        yield
    finally:
        _off -= 1
