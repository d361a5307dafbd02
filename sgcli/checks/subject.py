"""What is checked: a torch function of the input, and the shape that says what it should be."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from sgcli.definitions.core import Shape
from sgcli.definitions.param import Param

if TYPE_CHECKING:
    from torch import Tensor

Function = Callable[["Tensor"], "Tensor"]
Begin = Callable[[str, str], None]  # hears of a subject and of what is about to be done with it


def silent(subject: str, what: str) -> None:
    """Nobody hears of it."""


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

    def made(self) -> Subject:
        """The same with the modules themselves in place of what would make them."""
        return replace(
            self,
            function=_made(self.function),
            primitive=None if self.primitive is None else _made(self.primitive),
            others=tuple(other.made() for other in self.others),
        )


def _made(function: Function) -> Function:
    return function.made() if isinstance(function, Unmade) else function


@dataclass(frozen=True)
class Unmade:
    """A placeholder for our torch implementation of a shape.

    Made only when needed, so that torch is not imported earlier.
    """

    shape: Shape
    spiking: bool = True

    def __call__(self, x: Tensor) -> Tensor:
        return self.made()(x)

    def made(self) -> Function:
        """The module itself."""
        from sgcli import surrogate  # torch, which the laws of the mathematics do without

        made: Any = surrogate.of(self.shape.definition)
        return made(*self.shape.values, spiking=self.spiking)  # type: ignore[no-any-return]


def of_shape(shape: Shape) -> Subject:
    """Our torch implementation of a shape, and of the shapes with one parameter changed."""
    others = [
        Shape.of(shape.definition, **{**shape.params, name: _another(p, shape.params[name])})
        for name, p in shape.definition.params.items()
    ]
    return replace(_alone(shape), others=tuple(map(_alone, others)))


def _alone(shape: Shape) -> Subject:
    primitive = None if shape.definition.no_primitive else Unmade(shape, spiking=False)
    return Subject(shape.label, shape, Unmade(shape), primitive, ours=True, like="own")


def _another(param: Param, value: float) -> float:
    """A typical value other than ``value``, and not 0 or 1, which are their own squares."""
    low, high = param.typical
    if param.integer:
        return high if value != high else low
    inside = low + 0.382 * (high - low)
    return inside if abs(inside - value) > 0.01 * (high - low) else low + 0.618 * (high - low)
