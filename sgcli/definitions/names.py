"""What a Python program names surrogates by: the words of the command line, and objects."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeAlias

from sgcli.definitions.core import Definition, Shape
from sgcli.definitions.load import Named, choose, expand
from sgcli.errors import SgError

Name: TypeAlias = str | Shape | type[Definition]
Names: TypeAlias = Name | Iterable[Name]
# A value of a shape parameter, or several to be taken in turn.
Values: TypeAlias = float | Iterable[float]


def shapes_of(names: Names, **parameters: Values) -> list[Shape]:
    """The shapes that ``names`` stand for, each with every combination of the parameter values.

    A name is what the command line takes (``"soft-sign,alpha=3"``, a family, ``"all"``,
    ``"mine.py"``, ``"formula:EXPRESSION"``), a definition or a shape. Raises
    :class:`~sgcli.errors.SgError` for a name or a parameter that there is not, for a value outside
    its domain, and for no name at all.
    """
    several = [names] if isinstance(names, (str, Shape, type)) else list(names)
    if not several:
        raise SgError("no surrogate is named", 'as in "atan" or ["atan", "soft-sign,alpha=3"]')
    named = [one for name in several for one in _named(name)]
    values = {key: texts_of(value) for key, value in parameters.items()}
    return expand(named, values)


def _named(name: Name) -> list[Named]:
    if isinstance(name, str):
        return choose(name)
    if isinstance(name, Shape):
        return [Named(name.definition, tuple(name.params.items()))]
    if not (isinstance(name, type) and issubclass(name, Definition)):
        raise SgError(f"{name!r} does not name a surrogate", "use a name, a definition or a shape")
    return [Named(name)]


def texts_of(value: Values) -> list[str]:
    """Values as the command line has them."""
    several = [value] if isinstance(value, str) or not isinstance(value, Iterable) else value
    return [str(one) for one in several]
