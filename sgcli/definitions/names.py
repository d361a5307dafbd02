"""The names of surrogates in Python: words of the command line, definitions and shapes."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeAlias

from sgcli.definitions.core import Definition, Shape
from sgcli.definitions.load import Named, choose, expand
from sgcli.errors import SgError

Name: TypeAlias = str | Shape | type[Definition]
Names: TypeAlias = Name | Iterable[Name]
# The value of a shape parameter, or several values.
Values: TypeAlias = float | Iterable[float]


def shapes_of(names: Names, **parameters: Values) -> list[Shape]:
    """The shapes of ``names``, each with every combination of the parameter values.

    A name is a word of the command line (``"soft-sign,alpha=3"``, a family, ``"all"``,
    ``"mine.py"``, ``"formula:EXPRESSION"``), a definition or a shape. Raises
    :class:`~sgcli.errors.SgError` for an unknown name or parameter, for a value outside its domain,
    and if ``names`` is empty.
    """
    names = [names] if isinstance(names, (str, Shape, type)) else list(names)
    if not names:
        raise SgError("no surrogate is named", 'as in "atan" or ["atan", "soft-sign,alpha=3"]')
    named = [entry for name in names for entry in _named(name)]
    values = {key: texts_of(value) for key, value in parameters.items()}
    return expand(named, values)


def _named(name: Name) -> list[Named]:
    if isinstance(name, str):
        return choose(name)
    if isinstance(name, Shape):
        return [Named(name.definition, tuple(name.params.items()))]
    if not (isinstance(name, type) and issubclass(name, Definition)):
        raise SgError(
            f"{name!r} is not a surrogate", "a surrogate is a name, a definition or a shape"
        )
    return [Named(name)]


def texts_of(value: Values) -> list[str]:
    """The values as text, as the command line passes them."""
    values = [value] if isinstance(value, str) or not isinstance(value, Iterable) else value
    return [str(v) for v in values]
