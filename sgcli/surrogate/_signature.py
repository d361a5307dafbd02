"""Signatures of the functions and classes of a definition, as in the type stub."""

from __future__ import annotations

from collections.abc import Collection
from inspect import Parameter, Signature
from typing import Any

import torch
from torch import Tensor

from sgcli.definitions.core import Definition


def of_forward(definition: type[Definition]) -> Signature:
    """The signature of an autograd function: input, shape parameters, generator if random."""
    parameters = [_argument("x", annotation=Tensor), *_shape(definition), *_generator(definition)]
    return Signature(parameters, return_annotation=Tensor)


def of_init(definition: type[Definition]) -> Signature:
    """The signature of the ``__init__`` of a module, in SpikingJelly's order."""
    parameters = [
        _argument("self"),
        *_shape(definition),
        _argument("spiking", True, bool),
        _argument("learnable", False, bool | str | Collection[str]),
        *_generator(definition),
    ]
    return Signature(parameters, return_annotation=None)


def hints(signature: Signature) -> dict[str, Any]:
    """The ``__annotations__`` of a function with that signature."""
    annotations = {name: p.annotation for name, p in signature.parameters.items()}
    annotations["return"] = signature.return_annotation
    return {name: kind for name, kind in annotations.items() if kind is not Parameter.empty}


def _argument(
    name: str, default: Any = Parameter.empty, annotation: Any = Parameter.empty
) -> Parameter:
    kind = Parameter.POSITIONAL_OR_KEYWORD
    return Parameter(name, kind, default=default, annotation=annotation)


def _shape(definition: type[Definition]) -> list[Parameter]:
    values = zip(definition.params.items(), definition.defaults, strict=True)
    return [
        _argument(
            name,
            Parameter.empty if p.required else default,
            int if p.integer else float | Tensor,
        )
        for (name, p), default in values
    ]


def _generator(definition: type[Definition]) -> list[Parameter]:
    return [_argument("generator", None, torch.Generator | None)] if definition.is_random() else []
