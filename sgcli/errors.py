"""The one kind of error that a user can cause: what is wrong, and what to do about it."""

from __future__ import annotations


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
