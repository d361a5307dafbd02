"""The layers of a network, parsed from a text such as ``12C5,MP2,64C5,MP2``."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace

from sgcli.errors import SgError

STAGES = (
    "stages such as 1000 or 12C5,MP2: N neurons; NCk or NCkPp, N filters of k × k with padding p; "
    "BN, batch norm; MPk or APk, max or average pooling; DP, dropout of one half; S, the neurons "
    "of a convolution before its pooling"
)

_WEIGHTS = re.compile(r"(?P<size>[1-9]\d*)(?:C(?P<kernel>[1-9]\d*)(?:P(?P<padding>\d+))?)?")
_OTHER = re.compile(r"(?:[MA]P(?P<size>[1-9]\d*)|BN|DP|S)")


@dataclass(frozen=True)
class Stage:
    """One stage: ``full``, ``conv``, ``bn``, ``mp``, ``ap`` or ``dp``, and its sizes."""

    kind: str
    size: int = 0
    kernel: int = 0
    padding: int = 0


@dataclass(frozen=True)
class LayerSpec:
    """A layer: weights, stages ``before`` its neurons, the neurons, stages ``after`` them."""

    weights: Stage
    before: tuple[Stage, ...] = ()
    after: tuple[Stage, ...] = ()


def normalised(word: str) -> int | str:
    """A number as an ``int``, any other word in capitals."""
    word = word.strip()
    return int(word) if word.isascii() and word.isdigit() else word.upper()


def parse_layers(words: Iterable[int | str]) -> list[LayerSpec]:
    """The hidden layers; :class:`SgError` names a word that is wrong or in a wrong place.

    The neurons of a layer stand at its S, or else after batch norm and pooling, before dropout.
    """
    layers: list[LayerSpec] = []
    fired = flat = False
    for word in map(str, words):
        if weights := _WEIGHTS.fullmatch(word):
            size, kernel, padding = (int(part or 0) for part in weights.groups())
            if kernel and flat:
                raise SgError(f"{word} comes after a fully connected layer", STAGES)
            layers.append(LayerSpec(Stage("conv" if kernel else "full", size, kernel, padding)))
            fired, flat = False, not kernel
            continue
        other = _OTHER.fullmatch(word)
        if other is None:
            raise SgError(f"'{word}' is not a stage of a network", STAGES)
        if not layers:
            raise SgError(f"{word} has no layer before it", STAGES)
        if word == "S" and fired:
            raise SgError("S comes after the neurons of its layer", STAGES)
        if flat and word[:2] in ("MP", "AP", "BN"):
            raise SgError(f"{word} comes after a fully connected layer", STAGES)
        fired = fired or word in ("S", "DP")
        if word != "S":
            layer, stage = layers[-1], Stage(word[:2].lower(), int(other["size"] or 0))
            if fired:
                layers[-1] = replace(layer, after=(*layer.after, stage))
            else:
                layers[-1] = replace(layer, before=(*layer.before, stage))
    return layers
