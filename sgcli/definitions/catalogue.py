"""The catalogue: every definition in the family modules, and those that other packages announce."""

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
    """The definitions that a module itself defines, in its order."""
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
    """Definitions of other installed packages, from the entry points ``sgcli.surrogates``."""
    from importlib.metadata import entry_points

    result: dict[str, type[Definition]] = {}
    for point in entry_points(group=ENTRY_POINTS):
        definition = point.load()
        if not (isinstance(definition, type) and issubclass(definition, Definition)):
            raise SgError(
                f"entry point {point.name} = {point.value} is not a Definition",
                "it must name a subclass",
            )
        if definition.name in REGISTRY:
            raise SgError(
                f"entry point {point.value} takes the name {definition.name}",
                "that name is sgcli's own",
            )
        result[definition.name] = definition
    return result


def everything() -> Iterator[type[Definition]]:
    """The catalogue and what other packages announce."""
    yield from REGISTRY.values()
    yield from announced().values()
