"""The names of surrogates on the command line, such as ``soft-sign,alpha=2``.

A name is an entry of the catalogue, a user's own surrogate (``file.py:Class`` or
``package.module:Class``), all surrogates of a file (``file.py``), or the formula of a gradient
(``formula:EXPRESSION``).
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from sgcli.definitions import formulas, guard, user
from sgcli.definitions.catalogue import FAMILIES, definitions_in
from sgcli.definitions.catalogue import everything as everything
from sgcli.definitions.core import Definition, Shape
from sgcli.definitions.param import Param
from sgcli.errors import ParameterError, UnknownName, did_you_mean


@dataclass(frozen=True)
class Named:
    """A definition and the parameter values that follow its name."""

    definition: type[Definition]
    parameters: tuple[tuple[str, float], ...] = ()

    @property
    def shape(self) -> Shape:
        return Shape.of(self.definition, **dict(self.parameters))


def plain(name: str) -> str:
    """A name in lower case without ``_`` and ``-``: SoftSign, soft-sign and soft_sign are equal."""
    return name.replace("_", "").replace("-", "").lower()


def find(name: str, timeout: float = guard.TIMEOUT) -> type[Definition]:
    """The definition of that name in any spelling.

    A user's file has ``timeout`` seconds to load. Raises :class:`UnknownName` with similar names.
    """
    if name.endswith(".py"):
        first, *others = user.definitions(name, timeout)
        if others:
            names = ", ".join(d.__name__ for d in (first, *others))
            raise UnknownName(
                f"{name} defines several surrogates", f"choose one of {names}, as in {first.origin}"
            )
        return first
    if user.is_reference(name):
        return user.definition(name, timeout)
    wanted = plain(name)
    for definition in everything():  # the catalogue first: entry points are slow to load
        if wanted in map(plain, definition.every_name()):
            return definition
    known = [name for d in everything() for name in d.every_name()]
    similar = did_you_mean(name.lower().replace("-", "_"), known, count=3, cutoff=0.5)
    raise UnknownName(f"there is no surrogate '{name}'", similar or "`sg list` shows all of them")


def parse(text: str, timeout: float = guard.TIMEOUT) -> Named:
    """Read ``NAME[,PARAM=VALUE…]``."""
    if text.startswith(formulas.PREFIX):
        name, assignments = formulas.split(text)
        definition: type[Definition] = formulas.definition(name.strip())
    else:
        name, *assignments = text.split(",")
        definition = find(name.strip(), timeout)
    parameters: dict[str, float] = {}
    for assignment in assignments:
        key, equals, value = assignment.partition("=")
        if not equals:
            raise ParameterError(
                f"'{assignment}' in '{text}' is not PARAM=VALUE", f"as in {name},alpha=2"
            )
        if key.strip() in parameters:
            raise ParameterError(
                f"'{text}' has two values of {key.strip()}", "give each parameter once"
            )
        parameters[key.strip()] = parameter_of(definition, key.strip()).parse(value)
    return Named(definition, tuple(parameters.items()))


def parameter_of(definition: type[Definition], key: str) -> Param:
    """The parameter of that name; :class:`ParameterError` lists the known ones."""
    if key not in definition.params:
        definition.bind({key: 0})  # raises
    return definition.params[key]


def choose(text: str, timeout: float = guard.TIMEOUT) -> list[Named]:
    """The surrogates that a word of the command line names: a name, file, family or ``all``."""
    if text == "all":
        return [Named(d) for d in everything()]
    for module in FAMILIES:
        if text == module.__name__.rpartition(".")[2]:
            return [Named(d) for d in definitions_in(module)]
    if text.endswith(".py") and not text.startswith(formulas.PREFIX):
        return [Named(d) for d in user.definitions(text, timeout)]
    return [parse(text, timeout)]


def expand(named: Iterable[Named], lists: Mapping[str, Sequence[str]]) -> list[Shape]:
    """The shapes of every name with every combination of the listed parameter values.

    A value that stands with a name wins over a listed one. Raises :class:`ParameterError` if a
    surrogate lacks a listed parameter or a value is outside its domain.
    """
    shapes = []
    for entry in named:
        parsed = [
            [(key, parameter_of(entry.definition, key).parse(text)) for text in texts]
            for key, texts in lists.items()
        ]
        for combination in itertools.product(*parsed):
            shapes.append(
                Shape.of(entry.definition, **{**dict(combination), **dict(entry.parameters)})
            )
    return list(dict.fromkeys(shapes))
