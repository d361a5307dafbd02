"""Everything that ``sg show`` and notebooks display about a shape."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sgcli.definitions.bibliography import Source, source
from sgcli.definitions.code import is_number, peer_parameters
from sgcli.definitions.core import Shape
from sgcli.definitions.evaluate import exact
from sgcli.definitions.facts import FAR, Facts, facts
from sgcli.definitions.param import Param
from sgcli.definitions.peers import LIBRARIES, Equal, Library, Peer, factor


@dataclass(frozen=True)
class Elsewhere:
    """The same surrogate in another library.

    ``parameters`` are the peer's parameters with the values that reproduce this shape at
    v_threshold = 1, ``factor`` the ratio of its gradient to ours, ``default_peak`` the peak of its
    default, and ``draws`` whether the forward pass is random.
    """

    library: Library
    peer: Peer
    parameters: Mapping[str, Any]
    factor: float
    default_peak: float
    draws: bool

    @property
    def differences(self) -> list[str]:
        """The differences from ours, as phrases."""
        differences = []
        if self.library.fires != "x >= 0" and not self.draws:
            differences.append(f"fires at {self.library.fires}: an input of 0 gives no spike")
        if self.peer.height != "1":
            by = "" if is_number(self.peer.height) else f" = {self.peer.height}"
            differences.append(f"its gradient is {self.factor:.4g}{by} times ours")
        if self.peer.only:
            differences.append(f"it equals ours for {self.peer.only_text} only")
        if self.peer.shift != "0":
            differences.append(f"its gradient is ours shifted right by {self.peer.shift}")
        if abs(self.default_peak - 1) > 1e-12:
            differences.append(f"its default has the peak {self.default_peak:.4g}, ours 1")
        if self.peer.note:
            differences.append(self.peer.note)
        return differences


@dataclass(frozen=True)
class Page:
    """A shape with its formulas (SymPy), facts, sources, and its names in other libraries."""

    shape: Shape
    summary: str
    params: tuple[Param, ...]
    facts: Facts
    derivative: Any
    primitive: Any
    primitive_reason: str
    gradient_at_threshold: float
    kinks: tuple[float, ...]
    jumps: tuple[float, ...]
    forward: str
    equals: tuple[Equal, ...]
    sources: tuple[Source, ...]
    elsewhere: tuple[Elsewhere, ...]
    note: str


def page(shape: Shape) -> Page:
    """Compute the page of a shape."""
    from sgcli.definitions.formula import formula

    definition = shape.definition
    no_primitive = definition.no_primitive or definition.by_quadrature
    reach = FAR if shape.period is None else shape.period / 2
    identifiers = dict.fromkeys([*definition.sources, *(a.source for a in definition.aliases)])
    return Page(
        shape=shape,
        summary=definition.summary(),
        params=tuple(definition.params.values()),
        facts=facts(shape),
        derivative=formula(definition, "derivative"),
        primitive=None if no_primitive else formula(definition, "primitive"),
        primitive_reason=no_primitive,
        gradient_at_threshold=float(exact(shape, 0)),
        kinks=tuple(shape.kinks(-reach, reach)),
        jumps=tuple(shape.jumps(-reach, reach)),
        forward=_forward(shape),
        equals=definition.equals,
        sources=tuple(map(source, identifiers)),
        elsewhere=tuple(_elsewhere(shape, peer) for peer in definition.peers),
        note=definition.note,
    )


def _forward(shape: Shape) -> str:
    """The forward pass in words, including its value exactly at the threshold."""
    if shape.definition.stochastic:
        return shape.definition.stochastic
    at = float(exact(shape, 0, "forward"))
    spikes = [float(exact(shape, x, "forward")) for x in (-3, -0.3, 0.3, 3)]
    if spikes == [0, 0, 1, 1]:
        return f"a spike for x >= 0, Θ(0) = {at:g}"
    return f"graded: {at:g} at the threshold, {spikes[3]:g} at x = 3"


def _elsewhere(shape: Shape, peer: Peer) -> Elsewhere:
    theirs = Shape.of(shape.definition, **peer.default)
    return Elsewhere(
        library=LIBRARIES[peer.library],
        peer=peer,
        parameters=peer_parameters(shape, peer),
        factor=factor(peer, shape),
        default_peak=factor(peer, theirs) * facts(theirs).peak,
        draws=bool(shape.definition.stochastic),
    )
