"""Published trainings as data: the files in configs/ with a table ``protocol``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from functools import cache
from importlib.resources import files
from typing import Any

from sgcli.errors import SgError, UnknownName, did_you_mean
from sgcli.training.settings import PROTOCOL, Settings, checked, read, settings_for, settings_in


@dataclass(frozen=True)
class PublishedResult:
    """A claim about the result of an arm on the test set, after an epoch or an update.

    Either ``published``, a number measured on ``samples`` samples, has to lie in the prediction
    interval of seeds whose standard deviation is at most ``spread``; or the result has to lie
    within bounds. Without ``epoch`` and ``step``, the claim is about the last test, or the best.
    """

    what: str
    arm: str = ""
    measure: str = "accuracy"
    statistic: str = "mean"
    epoch: int = 0
    step: int = 0
    best: bool = False
    full: bool = False  # for trainings of full length only
    published: float | None = None
    samples: int = 10_000  # MNIST's test images
    spread: float = 0.01
    below: float | None = None
    above: float | None = None


@dataclass(frozen=True)
class Protocol:
    """Settings, named variants of them (arms), and the published claims."""

    name: str
    settings: Mapping[str, Any]
    source: str
    claims: Sequence[PublishedResult]
    arms: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    full: Mapping[str, Any] = field(default_factory=dict)  # settings of a training of full length
    gpu: bool = False

    def settings_of(self, arm: str, seed: int, full: bool = False) -> Settings:
        """Settings of one training; it has one thread, because trainings run in parallel."""
        values = {**self.settings, **self.arms.get(arm, {}), **(self.full if full else {})}
        if self.gpu:
            values["device"] = "cuda"
        return settings_for(**{**values, "seed": seed, "threads": 1})

    def claims_of(self, full: bool) -> list[PublishedResult]:
        """The claims about a training of this length."""
        return [claim for claim in self.claims if full or not claim.full]


@cache
def names() -> tuple[str, ...]:
    """The names of all protocols, in alphabetical order."""
    stems = [
        f.name.removesuffix(".toml")
        for f in files("sgcli.configs").iterdir()
        if f.name.endswith(".toml")
    ]
    return tuple(sorted(stem for stem in stems if PROTOCOL in read(stem)))


def named(name: str) -> Protocol:
    """The protocol of this name; :class:`UnknownName` if there is none."""
    if name not in names():
        known = f"protocols are {', '.join(names())}"
        hint = f"{did_you_mean(name, names())} {known}".strip()
        raise UnknownName(f"there is no protocol '{name}'", hint)
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
        wrong = ", ".join(sorted(unknown)) or "an unknown arm"
        raise SgError(f"{origin}: a claim has {wrong}")
    return PublishedResult(**values)
