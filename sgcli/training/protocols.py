"""Published trainings as data: the files in configs/ that have a table ``protocol``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from difflib import get_close_matches
from functools import cache
from importlib.resources import files
from typing import Any

from sgcli.errors import SgError, UnknownName
from sgcli.training.settings import PROTOCOL, Settings, checked, read, settings_for, settings_in


@dataclass(frozen=True)
class PublishedResult:
    """What is said to come out of an arm, on the test set after an epoch or an update.

    Either ``published``, counted on so many ``samples``, to lie in the prediction interval of
    seeds whose sd is at most ``spread``; or bounds. Without ``epoch`` and ``step`` the end is
    meant, or the ``best``.
    """

    what: str
    arm: str = ""
    measure: str = "accuracy"
    statistic: str = "mean"
    epoch: int = 0
    step: int = 0
    best: bool = False
    full: bool = False  # only where all epochs are trained
    published: float | None = None
    samples: int = 10_000  # MNIST's test images
    spread: float = 0.01
    below: float | None = None
    above: float | None = None


@dataclass(frozen=True)
class Protocol:
    """Settings, variants of them by name, and what was published."""

    name: str
    settings: Mapping[str, Any]
    source: str
    claims: Sequence[PublishedResult]
    arms: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    full: Mapping[str, Any] = field(default_factory=dict)  # what a training of full length has
    gpu: bool = False

    def settings_of(self, arm: str, seed: int, full: bool = False) -> Settings:
        """One training, by one thread: cells run side by side."""
        device = {"device": "cuda"} if self.gpu else {}
        more = self.full if full else {}
        given = {**self.settings, **self.arms.get(arm, {}), **more, **device}
        return settings_for(**{**given, "seed": seed, "threads": 1})

    def claims_of(self, full: bool) -> list[PublishedResult]:
        """Those that a training of this length can be held to."""
        return [claim for claim in self.claims if full or not claim.full]


@cache
def names() -> tuple[str, ...]:
    """Every protocol there is, in alphabetical order."""
    stems = [
        f.name.removesuffix(".toml")
        for f in files("sgcli.configs").iterdir()
        if f.name.endswith(".toml")
    ]
    return tuple(sorted(stem for stem in stems if PROTOCOL in read(stem)))


def named(name: str) -> Protocol:
    """The protocol of a name; :class:`UnknownName` if there is none."""
    if name not in names():
        near = get_close_matches(name, names(), n=1)
        meant = f"did you mean {near[0]}? " if near else ""
        raise UnknownName(
            f"there is no protocol '{name}'", f"{meant}protocols are {', '.join(names())}"
        )
    about = dict(read(name)[PROTOCOL])
    origin = f"configs/{name}.toml"
    arms = {arm: checked(values, origin) for arm, values in about.pop("arms", {}).items()}
    claims = [_claim(values, arms, origin) for values in about.pop("claims")]
    full = checked(about.pop("full", {}), origin)
    settings = settings_in(name)
    return Protocol(name=name, settings=settings, claims=claims, arms=arms, full=full, **about)


def _claim(values: Mapping[str, Any], arms: Mapping[str, Any], origin: str) -> PublishedResult:
    unknown = set(values) - {f.name for f in fields(PublishedResult)}
    if unknown or values.get("arm", "") not in (arms or {"": {}}):
        raise SgError(f"{origin}: a claim with {', '.join(sorted(unknown)) or 'no arm of its own'}")
    return PublishedResult(**values)
