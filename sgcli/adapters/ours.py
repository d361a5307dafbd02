"""From a peer's name and parameters to our surrogate: the maps of the definitions, inverted."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple, TypeVar

from sgcli.definitions import LIBRARIES, REGISTRY, Definition, Peer, Shape
from sgcli.definitions.expression import evaluate, names, parse, value
from sgcli.definitions.installed import peers_of
from sgcli.definitions.peers import variables_of
from sgcli.errors import SgError, UnknownName
from sgcli.surrogate import Surrogate, of

Spiking = TypeVar("Spiking")


class Ours(NamedTuple):
    """Our surrogate for one of another library, and what differs.

    The gradient of theirs at x is ``height`` times that of ``surrogate`` at x - ``shift``: 1 and 0
    wherever the catalogue has the very same.
    """

    surrogate: Surrogate
    height: float
    shift: float


def entries(library: str, name: str) -> Iterator[tuple[type[Definition], Peer]]:
    """The definitions that a surrogate of another library is a case of."""
    for definition in REGISTRY.values():
        for peer in peers_of(definition, library):
            if peer.name == name:
                yield definition, peer


def ours(
    library: str,
    name: str,
    theirs: Mapping[str, Any],
    v_threshold: float = 1.0,
    spiking: bool = True,
) -> Ours:
    """Our surrogate for ``name`` of a library with their parameter values.

    Raises :class:`UnknownName` if the catalogue has none, :class:`SgError` for values that none of
    ours gives.
    """
    # Several of ours may be the same up to a factor: the one without a factor comes first.
    result = sorted(entries(library, name), key=lambda e: (e[1].height, e[1].shift) != ("1", "0"))
    if not result:
        raise UnknownName(
            f"no surrogate of the catalogue is {LIBRARIES[library].title}'s {name}",
            "`sg list` shows all of them",
        )
    definition, peer = result[0]
    shape = Shape.of(definition, **_solved(definition, peer, theirs, v_threshold))
    values = variables_of(shape, v_threshold)
    for key, text in peer.params.items():
        if not math.isclose(evaluate(text, values), _number(key, theirs[key]), rel_tol=1e-12):
            title = LIBRARIES[library].title
            raise SgError(
                f"{title}'s {name} with {key} = {theirs[key]} has no counterpart in sgcli",
                f"{key} is {text} of {shape.label}",
            )
    return Ours(
        of(definition)(*shape.values, spiking=spiking),
        evaluate(peer.height, values),
        evaluate(peer.shift, values),
    )


def _solved(
    definition: type[Definition], peer: Peer, theirs: Mapping[str, Any], v_threshold: float
) -> dict[str, float]:
    """Our parameters, from their values: the equations of the map solved."""
    import sympy  # slow to import, and of use in this direction only

    from sgcli.maths import sympy_

    trees = {key: parse(text) for key, text in peer.params.items()}
    fixed: dict[str, float] = dict(peer.only)
    if "v_threshold" in definition.params:
        fixed["v_threshold"] = v_threshold
    given = {n: sympy.Float(v, 30) for n, v in {"v_threshold": v_threshold, **fixed}.items()}
    used = [n for tree in trees.values() for n in names(tree) if n not in given]
    unknown = {n: sympy.Symbol(n, real=True) for n in dict.fromkeys(used)}
    equations = [
        value(tree, sympy_, {**given, **unknown}) - sympy.Float(_number(key, theirs[key]), 30)
        for key, tree in trees.items()
    ]
    # Without unknowns there is nothing to solve; whether they agree is seen afterwards.
    solutions = sympy.solve(equations, list(unknown.values()), dict=True) if unknown else [{}]
    if not solutions:
        raise SgError(
            f"no {definition.name} has {', '.join(f'{k} = {theirs[k]}' for k in trees)}",
            f"of {LIBRARIES[peer.library].title}'s {peer.name}",
        )
    solved = {n: _round(definition, n, solutions[0][s]) for n, s in unknown.items()}
    return {**fixed, **solved}


def _round(definition: type[Definition], name: str, value: Any) -> float:
    return round(value) if definition.params[name].integer else float(value)


def _number(key: str, given: Any) -> float:
    """A parameter of theirs as a number; a trainable one has no fixed place in the catalogue."""
    if getattr(given, "requires_grad", False):
        raise SgError(f"{key} is trainable", "make ours with learnable=True and train that")
    try:
        return float(given)
    except (TypeError, ValueError):
        raise SgError(f"{key} = {given!r} is not a number", "one number a parameter") from None


def spiking(sg: Spiking) -> Spiking:
    """``sg`` itself; :class:`SgError` for what no neuron could call."""
    if not callable(sg):
        raise SgError(f"{sg!r} is no surrogate", "a module such as surrogate.ATan(alpha=2.0)")
    return sg
