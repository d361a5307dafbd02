"""The catalogue: the definitions of the family modules and of installed plug-in packages."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from types import ModuleType

from sgcli.definitions import masked, piecewise, series, smooth, stochastic
from sgcli.definitions.core import Definition
from sgcli.errors import SgError

FAMILIES: tuple[ModuleType, ...] = (smooth, piecewise, masked, series, stochastic)
ENTRY_POINTS = "sgcli.surrogates"


def definitions_in(module: ModuleType) -> list[type[Definition]]:
    """The definitions that a module itself defines, in the order of the file."""
    return [
        d
        for d in vars(module).values()
        if isinstance(d, type) and issubclass(d, Definition) and d.__module__ == module.__name__
    ]


REGISTRY: dict[str, type[Definition]] = {
    d.name: d for module in FAMILIES for d in definitions_in(module)
}


@cache
def announced() -> Mapping[str, type[Definition]]:
    """Definitions of other installed packages, announced as entry points ``sgcli.surrogates``."""
    from importlib.metadata import entry_points

    by_name: dict[str, type[Definition]] = {}
    for point in entry_points(group=ENTRY_POINTS):
        definition = point.load()
        if not (isinstance(definition, type) and issubclass(definition, Definition)):
            raise SgError(
                f"entry point {point.name} = {point.value} is not a Definition",
                "it must name a subclass of Definition",
            )
        if definition.name in REGISTRY:
            raise SgError(
                f"entry point {point.value} defines a second surrogate {definition.name}",
                "sgcli has that name already; choose another",
            )
        by_name[definition.name] = definition
    return by_name


def everything() -> Iterator[type[Definition]]:
    """The catalogue, then the definitions of other installed packages."""
    yield from REGISTRY.values()
    yield from announced().values()
