"""Surrogates for torch: modules in CamelCase, autograd functions in snake_case."""

from sgcli.definitions import REGISTRY, Definition
from sgcli.surrogate._face import Surrogate, face
from sgcli.surrogate.base import (
    SurrogateFunctionBase,
    check_manual_grad,
    heaviside,
    plot_surrogate_function,
)

__all__ = [
    "Surrogate",
    "SurrogateFunctionBase",
    "check_manual_grad",
    "heaviside",
    "of",
    "plot_surrogate_function",
]


def of(definition: type[Definition]) -> type[Surrogate]:
    """The module class of a definition, which need not be in the catalogue."""
    return face(definition).module


for _definition in REGISTRY.values():
    _face = face(_definition)
    globals()[_definition.__name__] = _face.module
    globals()[_definition.name] = _face.function
    globals()[f"{_definition.name}_backward"] = _face.backward
    globals()[f"{_definition.name}_primitive"] = _face.primitive
    __all__ += [_definition.__name__, _definition.name, f"{_definition.name}_backward"]
