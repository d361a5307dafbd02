"""The one kind of error that a user can cause: what is wrong, and what to do about it."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches


class SgError(Exception):
    """A mistake in what was asked for: ``message`` says what is wrong, ``hint`` the remedy."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message} ({self.hint})" if self.hint else self.message

    def __reduce__(self) -> tuple[type[SgError], tuple[str, str]]:
        return type(self), (self.message, self.hint)


class ParameterError(SgError, ValueError):
    """A parameter outside its domain, or of the wrong kind."""


class UnknownName(SgError, LookupError):
    """A name that nothing answers to."""


class InputTypeError(SgError, TypeError):
    """A tensor of a dtype that the operation does not take."""


class DataError(SgError):
    """A file whose contents are not what they should be."""


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """``did you mean atan?``, empty where nothing known is like the word."""
    near = get_close_matches(word, list(known), n=1)
    return f"did you mean {near[0]}?" if near else ""
