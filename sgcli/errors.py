"""The errors that a user can cause."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches


class SgError(Exception):
    """A user's mistake: ``message`` states the problem, ``hint`` the remedy."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message} ({self.hint})" if self.hint else self.message

    def __reduce__(self) -> tuple[type[SgError], tuple[str, str]]:
        return type(self), (self.message, self.hint)


class ParameterError(SgError, ValueError):
    """A parameter outside its domain or of the wrong type."""


class UnknownName(SgError, LookupError):
    """An unknown name."""


class InputTypeError(SgError, TypeError):
    """A tensor whose dtype the operation does not support."""


class DataError(SgError):
    """A file with invalid contents."""


class UserCodeError(SgError):
    """A fault in a user's code: never a property of the surrogate."""


def did_you_mean(word: str, known: Iterable[str], count: int = 1, cutoff: float = 0.6) -> str:
    """``did you mean atan or tanh?`` with at most ``count`` names; "" if none is similar."""
    similar = get_close_matches(word, list(known), n=count, cutoff=cutoff)
    return f"did you mean {' or '.join(similar)}?" if similar else ""
