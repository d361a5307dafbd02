"""The torch classes of a definition: an ``autograd.Function`` and an ``nn.Module``.

Only this file creates classes. They depend on the definition alone.
"""

from __future__ import annotations

import copyreg
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from inspect import Signature
from typing import Any, ClassVar

import torch
from torch import Tensor, nn
from torch.autograd import Function

from sgcli.definitions.core import Definition
from sgcli.definitions.param import Interval
from sgcli.errors import ParameterError
from sgcli.surrogate import _compute, _domain, _signature
from sgcli.surrogate._apply import KeywordFunction, apply
from sgcli.surrogate.base import SurrogateFunctionBase


@dataclass(frozen=True)
class Face:
    """The torch classes of one definition."""

    function: type[Function]
    primitive: type[Function]
    backward: Callable[..., tuple[Any, ...]]
    module: type[Surrogate]


_faces: dict[type[Definition], Face] = {}


def face(definition: type[Definition]) -> Face:
    """The torch classes of a definition; created once."""
    if definition not in _faces:
        _faces[definition] = _new_face(definition)
    return _faces[definition]


def _new_face(definition: type[Definition]) -> Face:
    name = definition.identifier()
    function = _function(definition, name, _compute.spikes)
    primitive = _function(definition, f"{name}_primitive", _compute.primitive)

    def backward(grad_output: Tensor, x: Tensor, *params: Any) -> tuple[Any, ...]:
        values = _ordered(definition, [*definition.params], params, {})
        grad = _compute.checked_gradient(definition, grad_output, x, values)
        return grad, *[None] * len(params)

    backward.__name__ = backward.__qualname__ = f"{name}_backward"
    backward.__module__ = "sgcli.surrogate"
    return Face(function, primitive, backward, _module(definition, function, primitive))


def _function(
    definition: type[Definition], name: str, compute: Callable[..., Tensor]
) -> type[Function]:
    count = len(definition.params)

    def forward(x: Tensor, *values: Any) -> Tensor:
        generator = values[count] if len(values) > count else None
        return compute(definition, x, values[:count], generator)

    def setup_context(ctx: Any, inputs: tuple[Any, ...], output: Tensor) -> None:
        # Under torch.compile arguments left at their defaults are missing here.
        x, *values = inputs
        params = _compute.complete(definition, values[:count])
        tensors = [p for p in params if isinstance(p, Tensor)]
        ctx.arguments = len(inputs)
        ctx.generator = values[count] if len(values) > count else None
        ctx.numbers = [None if isinstance(p, Tensor) else p for p in params] if tensors else params
        ctx.save_for_backward(x, *tensors)

    def backward(ctx: Any, grad_output: Tensor) -> tuple[Tensor | None, ...]:
        x, *tensors = ctx.saved_tensors
        params = ctx.numbers
        parameter_grads: list[Tensor | None] = [None] * count
        if tensors:
            saved = iter(tensors)
            params = [next(saved) if number is None else number for number in ctx.numbers]
            wanted = [
                isinstance(p, Tensor) and want
                for p, want in zip(params, _wants(ctx, count), strict=True)
            ]
            if any(wanted):
                parameter_grads = _compute.parameter_gradients(
                    definition, grad_output, x, params, wanted
                )
        grad_x = None
        if ctx.needs_input_grad[0]:
            grad_x = _compute.gradient(definition, grad_output, x, params, ctx.generator)
        return tuple([grad_x, *parameter_grads, None][: ctx.arguments])

    forward.__signature__ = _signature.of_forward(definition)  # type: ignore[attr-defined]
    body = {
        "__module__": "sgcli.surrogate",
        "__doc__": f"{definition.summary()}\n\nCall ``{name}.apply(x, …)``.",
        "generate_vmap_rule": True,
        "forward": staticmethod(forward),
        "setup_context": staticmethod(setup_context),
        "backward": staticmethod(backward),
    }
    return type(name, (KeywordFunction,), body)


def _wants(ctx: Any, count: int) -> list[bool]:
    wanted = list(ctx.needs_input_grad[1 : count + 1])
    return wanted + [False] * (count - len(wanted))


def _shape_parameter(name: str, interval: Interval) -> property:
    """A shape parameter as an attribute: reading maps a trainable one, and assigning validates.

    It is a property because Dynamo before torch 2.6 cannot trace other descriptors.
    """
    raw_name = f"raw_{name}"

    def read(module: Surrogate) -> Any:
        raw = module._parameters.get(raw_name)
        return module._values[name] if raw is None else _domain.into(interval, raw)

    def assign(module: Surrogate, value: Any) -> None:
        value = _valid(module.definition, name, value)
        raw = module._parameters.get(raw_name)
        if raw is None:
            module._values[name] = value
            return
        with torch.no_grad():
            raw.copy_(_raw(module.definition, name, value))

    return property(read, assign)


def _valid(definition: type[Definition], name: str, value: Any) -> Any:
    spec = definition.params[name]
    if isinstance(value, nn.Parameter):
        raise ParameterError(
            f"{name} must not be an nn.Parameter",
            f"{definition.__name__}({name}=…, learnable=True) trains it",
        )
    if not isinstance(value, Tensor):
        return spec.check(value)
    for number in value.detach().flatten().tolist():
        spec.check(number)
    return spec.check(value.item()) if spec.integer else value


def _raw(definition: type[Definition], name: str, value: Any) -> Tensor:
    number = (
        value.detach().clone()
        if isinstance(value, Tensor)
        else torch.tensor(value, dtype=torch.float64)
    )
    return _domain.out_of(definition.params[name].interval, number).to(torch.get_default_dtype())


class Surrogate(SurrogateFunctionBase):
    """A surrogate as a module: shape parameters first, then ``spiking`` and ``learnable``.

    ``learnable=True``, or the names of some parameters, stores these as unconstrained
    ``nn.Parameter`` mapped into their domain; the attribute is the mapped value. Random surrogates
    take a ``generator``. Raises :class:`sgcli.errors.ParameterError` for a value outside its
    domain.
    """

    definition: ClassVar[type[Definition]]
    _init_signature: ClassVar[Signature]
    _values: dict[str, Any]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        bound = self._init_signature.bind(self, *args, **kwargs)
        bound.apply_defaults()
        arguments = bound.arguments
        super().__init__(spiking=arguments["spiking"])
        names = tuple(self.definition.params)
        self._values = {name: _valid(self.definition, name, arguments[name]) for name in names}
        for name in _learnable(self.definition, arguments["learnable"]):
            self.register_parameter(
                f"raw_{name}", nn.Parameter(_raw(self.definition, name, self._values.pop(name)))
            )
        self._sg_param_names = names
        self.generator: torch.Generator | None = arguments.get("generator")

    def forward(self, x: Tensor) -> Tensor:
        # By position: sorting keywords at every call would cost time.
        values = [getattr(self, name) for name in self._sg_param_names]
        if not self.spiking:
            return self.primitive_function(x, *values)
        if self.generator is not None:
            values.append(self.generator)
        return self.spiking_function(x, *values)

    def __setattr__(self, name: str, value: Any) -> None:
        # nn.Module would register a Parameter before the property could reject it.
        if isinstance(value, nn.Parameter) and name in self.definition.params:
            _valid(self.definition, name, value)
        super().__setattr__(name, value)

    def __reduce__(self) -> tuple[Any, ...]:
        cls, state = type(self), dict(self.__dict__)
        if cls is face(self.definition).module:  # the class of a formula cannot be imported
            return _empty, (self.definition,), state
        return copyreg.__newobj__, (cls,), state  # type: ignore[attr-defined]


def _empty(definition: type[Definition]) -> Surrogate:
    module = face(definition).module
    return module.__new__(module)


def _learnable(definition: type[Definition], learnable: bool | str | Collection[str]) -> list[str]:
    """The names of the parameters to train."""
    real = [name for name, p in definition.params.items() if not p.integer]
    if isinstance(learnable, bool):
        names = real if learnable else []
    else:
        names = [learnable] if isinstance(learnable, str) else list(learnable)
    if not all(isinstance(name, str) for name in names):
        # An argument of SpikingJelly's in this place, such as grad_window.
        differences = [p.note for p in definition.peers if p.library == "spikingjelly" and p.note]
        raise ParameterError(
            f"learnable = {learnable!r} is neither True, False nor names of parameters",
            "; ".join(f"SpikingJelly: {note}" for note in differences),
        )
    for name in names:
        if name not in real:
            trainable = ", ".join(real) or "none"
            raise ParameterError(
                f"{name} of {definition.name} is not trainable", f"trainable: {trainable}"
            )
    if learnable is True and not names:
        raise ParameterError(f"{definition.name} has no trainable parameter", "omit learnable=True")
    return names


def _ordered(
    definition: type[Definition],
    names: Sequence[str],
    positional: Sequence[Any],
    keywords: dict[str, Any],
) -> Sequence[Any]:
    """All arguments by position, because torch.compile does not trace keywords of ``apply``."""
    if not keywords and len(positional) == len(definition.params):
        return positional
    count = len(positional)
    if count > len(names) or not set(names[count:]).issuperset(keywords):
        raise TypeError(f"{definition.identifier()} takes {', '.join(['x', *names])}, each once")
    values = dict(zip(names, _compute.complete(definition, positional), strict=False))
    return list((values | keywords).values())


def _constructor(definition: type[Definition], signature: Signature) -> Callable[..., None]:
    """``__init__`` with an explicit signature, which jsonargparse, Lightning and others read."""

    def __init__(self: Surrogate, *args: Any, **kwargs: Any) -> None:
        Surrogate.__init__(self, *args, **kwargs)

    __init__.__module__ = "sgcli.surrogate"
    __init__.__qualname__ = f"{definition.__name__}.__init__"
    __init__.__signature__ = signature  # type: ignore[attr-defined]
    __init__.__annotations__ = _signature.hints(signature)
    return __init__


def _module(
    definition: type[Definition], function: type[Function], primitive: type[Function]
) -> type[Surrogate]:
    names = [*definition.params, *(["generator"] if definition.is_random() else [])]

    def spiking_function(x: Tensor, *p: Any, **params: Any) -> Any:
        return apply(function, x, *_ordered(definition, names, p, params))

    def primitive_function(x: Tensor, *p: Any, **params: Any) -> Any:
        return apply(primitive, x, *_ordered(definition, names, p, params))

    def backward(grad_output: Tensor, x: Tensor, *params: Any) -> Tensor:
        values = _ordered(definition, [*definition.params], params, {})
        return _compute.checked_gradient(definition, grad_output, x, values)

    signature = _signature.of_init(definition)
    body = {
        "__module__": "sgcli.surrogate",
        "__qualname__": definition.__name__,
        "__doc__": definition.__doc__,
        "__init__": _constructor(definition, signature),
        "_init_signature": signature,
        "definition": definition,
        "spiking_function": staticmethod(spiking_function),
        "primitive_function": staticmethod(primitive_function),
        "backward": staticmethod(backward),
        **{name: _shape_parameter(name, p.interval) for name, p in definition.params.items()},
    }
    return type(definition.__name__, (Surrogate,), body)
