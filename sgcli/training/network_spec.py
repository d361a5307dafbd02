"""What a text such as ``12C5,MP2,64C5,MP2`` says of the layers of a network."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace

from sgcli.errors import SgError

STAGES = (
    "stages such as 1000 or 12C5,MP2: N neurons, NCk or NCkPp for N filters of k × k with a "
    "padding of p, BN, MPk or APk for a pooling, DP for a dropout of one half, and S where the "
    "neurons of a convolution are to stand before a pooling"
)

_WEIGHTS = re.compile(r"(?P<size>[1-9]\d*)(?:C(?P<kernel>[1-9]\d*)(?:P(?P<padding>\d+))?)?")
_OTHER = re.compile(r"(?:[MA]P(?P<size>[1-9]\d*)|BN|DP|S)")


@dataclass(frozen=True)
class Stage:
    """``full``, ``conv``, ``bn``, ``mp``, ``ap`` or ``dp``, and its sizes where it has any."""

    kind: str
    size: int = 0
    kernel: int = 0
    padding: int = 0


@dataclass(frozen=True)
class LayerSpec:
    """Weights, what their currents go through, the neurons, what the spikes go through."""

    weights: Stage
    before: tuple[Stage, ...] = ()
    after: tuple[Stage, ...] = ()


def normalised(word: str) -> int | str:
    """A number where it is one, else the word in capitals."""
    word = word.strip()
    return int(word) if word.isascii() and word.isdigit() else word.upper()


def parse_layers(words: Iterable[int | str]) -> list[LayerSpec]:
    """The hidden layers; :class:`SgError` names the word that cannot be read or stand there.

    Neurons stand where there is an S, else after normalisation and pooling and before dropout.
    """
    found: list[LayerSpec] = []
    fired = flat = False
    for word in map(str, words):
        if weights := _WEIGHTS.fullmatch(word):
            size, kernel, padding = (int(part or 0) for part in weights.groups())
            if kernel and flat:
                raise SgError(f"{word} comes after a fully connected layer", STAGES)
            found.append(LayerSpec(Stage("conv" if kernel else "full", size, kernel, padding)))
            fired, flat = False, not kernel
            continue
        other = _OTHER.fullmatch(word)
        if other is None:
            raise SgError(f"'{word}' is no stage of a network", STAGES)
        if not found:
            raise SgError(f"{word} has no layer before it", STAGES)
        if word == "S" and fired:
            raise SgError("S stands behind the neurons of its layer", STAGES)
        if flat and word[:2] in ("MP", "AP", "BN"):
            raise SgError(f"{word} comes after a fully connected layer", STAGES)
        fired = fired or word in ("S", "DP")
        if word != "S":
            layer, stage = found[-1], Stage(word[:2].lower(), int(other["size"] or 0))
            if fired:
                found[-1] = replace(layer, after=(*layer.after, stage))
            else:
                found[-1] = replace(layer, before=(*layer.before, stage))
    return found
