"""What --loop and --bias share: which surrogates they look at."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sgcli.cli.console import Talk


def named(shapes: Sequence[Any], talk: Talk) -> list[Any]:
    """Each surrogate once, sigmoid where none is named: its steepness is β, whatever was given."""
    from sgcli.definitions import REGISTRY, Shape
    from sgcli.theory.gygax_zenke import steepness

    if not shapes:
        return [Shape.of(REGISTRY["sigmoid"])]
    found: dict[Any, Any] = {}
    for shape in shapes:
        steep = None if shape.definition.no_primitive else steepness(shape)
        rest = tuple(v for k, v in shape.params.items() if not (steep and k == steep.name))
        if steep and shape.params[steep.name] != shape.definition.params[steep.name].default:
            talk.say(f"{shape.label}: {steep.name} is what --beta and --beta-sg set")
        found.setdefault((shape.definition, rest), shape)
    return list(found.values())
