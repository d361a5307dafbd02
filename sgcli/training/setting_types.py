"""Types of settings: which values they allow, and how values are read from text and TOML."""

from __future__ import annotations

import math
import numbers
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from sgcli.definitions import load
from sgcli.definitions.core import Shape
from sgcli.definitions.param import Interval
from sgcli.errors import ParameterError, SgError, did_you_mean
from sgcli.training.network_spec import STAGES, normalised, parse_layers


class Kind(Protocol):
    """``check`` takes a typed value, as in TOML; ``parse`` takes text from the command line."""

    @property
    def allowed(self) -> str: ...

    def check(self, name: str, value: Any) -> Any: ...

    def parse(self, name: str, text: str) -> Any: ...


def refuse(name: str, value: Any, allowed: str) -> ParameterError:
    return ParameterError(f"{name} = {value!r} is not allowed", f"{name} is {allowed}")


@dataclass(frozen=True)
class Number:
    """A number in an interval."""

    domain: str
    integer: bool = False

    @property
    def allowed(self) -> str:
        return f"{'an integer' if self.integer else 'a number'} in {self.domain}"

    def check(self, name: str, value: Any) -> Any:
        if isinstance(value, bool) or not isinstance(value, numbers.Real):
            raise refuse(name, value, self.allowed)
        try:
            number = float(value)
        except OverflowError:  # an integer of hundreds of digits
            number = math.inf
        inside = not math.isnan(number) and number in Interval.parse(self.domain)
        if not inside or (self.integer and not number.is_integer()):
            raise refuse(name, value, self.allowed)
        if not self.integer:
            return number
        return int(number) if isinstance(value, float) else value

    def parse(self, name: str, text: str) -> Any:
        try:
            number = int(text) if self.integer else float(text)
        except ValueError:
            raise refuse(name, text, self.allowed) from None
        return self.check(name, number)


@dataclass(frozen=True)
class OneOf:
    """One of several words."""

    words: tuple[str, ...]

    @property
    def allowed(self) -> str:
        return " or ".join(self.words)

    def check(self, name: str, value: Any) -> str:
        if value not in self.words:
            hint = did_you_mean(str(value), self.words)
            raise refuse(name, value, "; ".join(filter(None, (self.allowed, hint))))
        return str(value)

    parse = check


@dataclass(frozen=True)
class Flag:
    """True or false."""

    allowed: str = "true or false"

    def check(self, name: str, value: Any) -> bool:
        if not isinstance(value, bool):
            raise refuse(name, value, self.allowed)
        return value

    def parse(self, name: str, text: str) -> bool:
        if text.lower() not in ("true", "false"):
            raise refuse(name, text, self.allowed)
        return text.lower() == "true"


@dataclass(frozen=True)
class Counts:
    """Numbers of updates in rising order, such as ``51,101``; an empty text has none."""

    allowed: str = "positive integers in rising order, such as 51,101"

    def check(self, name: str, value: Any) -> tuple[int, ...]:
        if isinstance(value, str):
            return self.parse(name, value)
        numbers = value if isinstance(value, Sequence) else [value]
        counts = all(type(number) is int and number > 0 for number in numbers)
        if not counts or list(numbers) != sorted(set(numbers)):
            raise refuse(name, value, self.allowed)
        return tuple(numbers)

    def parse(self, name: str, text: str) -> tuple[int, ...]:
        try:
            return self.check(name, [int(part) for part in text.split(",") if part])
        except ValueError:
            raise refuse(name, text, self.allowed) from None


@dataclass(frozen=True)
class Stages:
    """Hidden layers: ``1000``, ``512,256`` or ``12C5,MP2,64C5,MP2``; an empty text has none."""

    allowed: str = STAGES

    def check(self, name: str, value: Any) -> tuple[int | str, ...]:
        if isinstance(value, str):
            return self.parse(name, value)
        words = value if isinstance(value, Sequence) else [value]
        if not all(type(word) in (int, str) for word in words):
            raise refuse(name, value, self.allowed)
        return self._read(name, words, value)

    def parse(self, name: str, text: str) -> tuple[int | str, ...]:
        return self._read(name, re.split("[,-]", text) if text else [], text)

    def _read(self, name: str, words: Sequence[int | str], shown: Any) -> tuple[int | str, ...]:
        stages = tuple(word if isinstance(word, int) else normalised(word) for word in words)
        try:
            parse_layers(stages)
        except SgError as error:
            raise ParameterError(f"{name} = {shown!r}: {error.message}", error.hint) from None
        return stages


@dataclass(frozen=True)
class Text:
    """A text; its value is what ``reader`` returns, which raises for a text that is wrong."""

    allowed: str
    reader: Callable[[str], str]

    def check(self, name: str, value: Any) -> str:
        if not isinstance(value, str):
            raise refuse(name, value, self.allowed)
        return self.reader(value)

    parse = check


@dataclass(frozen=True)
class SurrogateSetting:
    """A surrogate: its name with parameters, or a shape. Its value is the shape."""

    allowed: str = "NAME[,PARAM=VALUE…]"

    def check(self, name: str, value: Any) -> Shape:
        if isinstance(value, Shape):
            return value
        if not isinstance(value, str):
            raise refuse(name, value, self.allowed)
        return load.parse(value).shape

    parse = check
