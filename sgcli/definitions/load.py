"""From what a user writes, ``soft-sign,alpha=2``, to a shape; every command reads names here.

Besides the catalogue, ``file.py:Class`` and ``package.module:Class`` name a user's own surrogate,
and ``file.py`` all that it defines; ``formula:EXPRESSION`` is a surrogate with that gradient.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from sgcli.definitions import formulas, user
from sgcli.definitions.catalogue import FAMILIES, definitions_in
from sgcli.definitions.catalogue import everything as everything
from sgcli.definitions.core import Definition, Shape
from sgcli.definitions.param import Param
from sgcli.errors import ParameterError, UnknownName


@dataclass(frozen=True)
class Named:
    """A definition and the parameter values given together with its name."""

    definition: type[Definition]
    given: tuple[tuple[str, float], ...] = ()

    @property
    def shape(self) -> Shape:
        return Shape.of(self.definition, **dict(self.given))


def plain(name: str) -> str:
    """A name without what spellings differ in: SoftSign, soft-sign and soft_sign are one."""
    return name.replace("_", "").replace("-", "").lower()


def find(name: str, timeout: float = user.TIMEOUT) -> type[Definition]:
    """The definition of that name in any spelling; :class:`UnknownName` names the nearest.

    A user's file has ``timeout`` seconds to load.
    """
    if name.endswith(".py"):
        first, *others = user.definitions(name, timeout)
        if others:
            names = ", ".join(d.__name__ for d in (first, *others))
            raise UnknownName(
                f"{name} defines several surrogates", f"one of {names}, as {first.origin}"
            )
        return first
    if user.is_reference(name):
        return user.definition(name, timeout)
    wanted = plain(name)
    for definition in everything():  # the catalogue first: what is announced is slow to find
        if plain(definition.name) == wanted:
            return definition
    known = {plain(d.name): d.name for d in everything()}
    near = [known[k] for k in get_close_matches(wanted, known, n=3, cutoff=0.5)]
    hint = f"did you mean {' or '.join(near)}?" if near else "`sg list` shows all of them"
    raise UnknownName(f"there is no surrogate '{name}'", hint)


def parse(text: str, timeout: float = user.TIMEOUT) -> Named:
    """Read ``NAME[,PARAM=VALUE…]``."""
    if text.startswith(formulas.PREFIX):
        name, assignments = formulas.split(text)
        definition: type[Definition] = formulas.definition(name.strip())
    else:
        name, *assignments = text.split(",")
        definition = find(name.strip(), timeout)
    given = {}
    for assignment in assignments:
        key, equals, value = assignment.partition("=")
        if not equals:
            raise ParameterError(
                f"'{assignment}' in '{text}' is not PARAM=VALUE", f"as in {name},alpha=2"
            )
        if key.strip() in given:
            raise ParameterError(f"'{text}' has two values of {key.strip()}", "one each")
        given[key.strip()] = parameter_of(definition, key.strip()).parse(value)
    return Named(definition, tuple(given.items()))


def parameter_of(definition: type[Definition], key: str) -> Param:
    if key not in definition.params:
        definition.bind({key: 0})  # raises, listing the parameters that there are
    return definition.params[key]


def choose(text: str, timeout: float = user.TIMEOUT) -> list[Named]:
    """What one word on the command line stands for: a name, a file, a family, or ``all``."""
    if text == "all":
        return [Named(d) for d in everything()]
    for module in FAMILIES:
        if text == module.__name__.rpartition(".")[2]:
            return [Named(d) for d in definitions_in(module)]
    if text.endswith(".py") and not text.startswith(formulas.PREFIX):
        return [Named(d) for d in user.definitions(text, timeout)]
    return [parse(text, timeout)]


def expand(named: Iterable[Named], lists: Mapping[str, Sequence[str]]) -> list[Shape]:
    """Every name times every combination of the listed parameter values, in that order.

    A value that stands with a name wins over a listed one. Raises :class:`ParameterError` where a
    name lacks a listed parameter or a value is outside its domain.
    """
    shapes = []
    for entry in named:
        parsed = [
            [(key, parameter_of(entry.definition, key).parse(text)) for text in texts]
            for key, texts in lists.items()
        ]
        for combination in itertools.product(*parsed):
            shapes.append(Shape.of(entry.definition, **{**dict(combination), **dict(entry.given)}))
    return list(dict.fromkeys(shapes))
