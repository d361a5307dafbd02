"""What is checked: a torch function of the input, and the shape that says what it should be."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sgcli.definitions.core import Shape
from sgcli.definitions.param import Param

if TYPE_CHECKING:
    from torch import Tensor

Function = Callable[["Tensor"], "Tensor"]


@dataclass(frozen=True)
class Subject:
    """A surrogate under test.

    ``primitive`` is what ``spiking=False`` returns, None if there is none. ``ours`` says that its
    capabilities decide the verdict, and not only its values. ``like`` says where the truth comes
    from. ``others`` are the same object at other parameter values.
    """

    name: str
    shape: Shape
    function: Function
    primitive: Function | None = None
    ours: bool = False
    like: str = ""
    others: tuple[Subject, ...] = ()


def of_shape(shape: Shape) -> Subject:
    """Our torch implementation of a shape, and of the shapes with one parameter changed."""
    others = []
    for name, p in shape.definition.params.items():
        other = Shape.of(
            shape.definition, **{**shape.params, name: _another(p, shape.params[name])}
        )
        others.append(_alone(other))
    alone = _alone(shape)
    return Subject(shape.label, shape, alone.function, alone.primitive, True, "own", tuple(others))


def _another(param: Param, value: float) -> float:
    """A typical value that is neither ``value`` nor one that squaring or halving leaves alone."""
    low, high = param.typical
    if param.integer:
        return high if value != high else low
    inside = low + 0.382 * (high - low)
    return inside if abs(inside - value) > 0.01 * (high - low) else low + 0.618 * (high - low)


def _alone(shape: Shape) -> Subject:
    from sgcli import surrogate

    made: Any = surrogate.of(shape.definition)
    primitive = None if shape.definition.no_primitive else made(*shape.values, spiking=False)
    return Subject(shape.label, shape, made(*shape.values), primitive, ours=True, like="own")
