"""A user's code: its time is limited, its output is no data, and its errors are one line."""

from __future__ import annotations

import contextlib
import functools
import inspect
import os
import signal
import sys
import time
import traceback
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path
from types import FrameType
from typing import Any, NoReturn

from sgcli.definitions.core import Definition
from sgcli.errors import SgError, UserCodeError

TIMEOUT = 30.0
GRACE = 2.0  # seconds, after which code that catches the end of its time ends the process
LONGEST = 300  # characters of an error of a user's code
MOST_POINTS = 10_000  # kinks, jumps or breakpoints

# The functions of a definition by what they take before the parameters.
VALUES = {
    "primitive": ("m", "x"), "derivative": ("m", "x"), "forward": ("m", "x"),
    "textbook": ("m", "x"), "drawn": ("m", "x", "u"),
}  # fmt: skip
POINTS = dict.fromkeys(("kinks", "jumps", "breakpoints"), ("low", "high"))
NO_NUMBER = (str, bytes, list, tuple, dict, set, type)
BRANCHES = ("truth value", "branch on x", "Boolean value")  # of the errors of `if x > 0`


class _TooLong(BaseException):
    """The time limit is exceeded; ``except Exception`` in the user's code must not catch it."""


class _Watch:
    """Whether each call of a user's code is watched here, and whether one is under way."""

    on = True
    inside = False


def watch_calls(on: bool) -> None:
    """Switch the watch on calls; a process that is watched itself needs none."""
    _Watch.on = on


@contextlib.contextmanager
def guarded(failure: str, timeout: float = TIMEOUT, path: Path | None = None) -> Iterator[None]:
    """Run user code with its stdout on stderr, a time limit, and errors of one line.

    An error becomes :class:`UserCodeError`. Its message begins with ``failure`` and names the line
    of ``path``. The time limit works in the main thread only.
    """
    try:
        with contextlib.redirect_stdout(sys.stderr), _limited(failure, timeout):
            yield
    except _TooLong:
        raise UserCodeError(*_too_long(failure, timeout)) from None
    except (KeyboardInterrupt, GeneratorExit):
        raise
    except BaseException as error:
        line = _line(error, path)
        # Python 3.11 wraps the exceptions of __set_name__.
        cause = error.__cause__ if isinstance(error.__cause__, SgError) else error
        words = " ".join(str(cause.msg if isinstance(cause, SyntaxError) else cause).split())
        words = words if len(words) <= LONGEST else f"{words[:LONGEST]}…"
        where = f" (line {line})" if line else ""
        branches = any(phrase in words for phrase in BRANCHES)
        hint = "m.where(x > 0, a, b) chooses between two values" if branches else ""
        kind = "" if type(cause) is SgError else f"{type(cause).__name__}: "
        text = f"{failure}: {kind}{words}{where}".strip()
        raise UserCodeError(text, hint) from error


def _line(error: BaseException, path: Path | None) -> int | None:
    """The line of the file that raised the error."""
    if path is None:
        return None
    if isinstance(error, SyntaxError) and error.filename == str(path):
        return error.lineno
    frames = traceback.extract_tb(error.__traceback__)
    return next((f.lineno for f in reversed(frames) if f.filename == str(path)), None)


def _too_long(failure: str, timeout: float) -> tuple[str, str]:
    return f"{failure}: it did not finish within {timeout:g} s", "--timeout sets the limit"


@contextlib.contextmanager
def _limited(failure: str, seconds: float) -> Iterator[None]:
    over: list[int] = []

    def stop(number: int, frame: FrameType | None) -> None:
        if over:
            _end(*_too_long(failure, seconds))
        over.append(number)
        raise _TooLong

    try:
        previous = signal.signal(signal.SIGALRM, stop)
    except ValueError:  # only the main thread receives signals
        yield
        return
    left, interval = signal.setitimer(signal.ITIMER_REAL, seconds, GRACE)
    started = time.monotonic()
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, previous)
        if left:  # the timer of somebody else, such as a test's, goes on
            rest = max(left - (time.monotonic() - started), 1e-3)
            signal.setitimer(signal.ITIMER_REAL, rest, interval)


def _end(message: str, hint: str) -> NoReturn:
    """End the process: the code catches every exception."""
    print(f"Error: {message}\nhint: {hint}", file=sys.stderr, flush=True)
    os._exit(2)


def guard(definition: type[Definition], timeout: float) -> None:
    """Check a user's definition, and watch each call of its functions from now on.

    Raises :class:`UserCodeError` with the line of a function that is missing or takes the wrong
    arguments.
    """
    path, module = Path(inspect.getfile(definition)), definition.__module__
    for cls in definition.__mro__:
        if cls.__module__ == module and issubclass(cls, Definition):
            for name, first in {**VALUES, **POINTS}.items():
                _guard(cls, name, first, timeout, path)
    for name in ("derivative", "primitive"):
        if not _is_missing(definition, name):
            continue
        where = f"{definition.__name__} in {path.name} (line {_first_line(definition)})"
        hint = f"@staticmethod, then def {name}({', '.join(['m', 'x', *definition.params])}): …"
        if name == "primitive":
            hint += '; or no_primitive = "the reason"'
        raise UserCodeError(f"{where} has no {name}", hint)


def _is_missing(definition: type[Definition], name: str) -> bool:
    own = getattr(definition, name) is not getattr(Definition, name)
    return not own and not (name == "primitive" and definition.no_primitive)


def _first_line(definition: type[Definition]) -> int:
    try:
        return inspect.getsourcelines(definition)[1]
    except OSError:
        return 1


def _guard(
    cls: type[Definition], name: str, first: tuple[str, ...], timeout: float, path: Path
) -> None:
    made = vars(cls).get(name)
    function = getattr(made, "__func__", made)
    if not inspect.isfunction(function) or isinstance(made, classmethod):
        return
    if not hasattr(function, "__wrapped__"):
        _check_arguments(cls, name, function, first, path)
        setattr(cls, name, staticmethod(_watched(cls, name, function, timeout, path)))


def _check_arguments(
    cls: type[Definition], name: str, function: Any, first: tuple[str, ...], path: Path
) -> None:
    wanted = [*first, *cls.params]
    names = list(inspect.signature(function).parameters)
    try:
        inspect.signature(function).bind(*wanted)
    except TypeError:
        where = f"{cls.__name__}.{name} in {path.name} (line {function.__code__.co_firstlineno})"
        text = f"{where} takes {', '.join(names) or 'nothing'}, not {', '.join(wanted)}"
        selfless = "@staticmethod above it, and no self: " if names[:1] == ["self"] else ""
        raise UserCodeError(text, f"{selfless}def {name}({', '.join(wanted)})") from None


def _watched(
    cls: type[Definition], name: str, function: Callable[..., Any], timeout: float, path: Path
) -> Callable[..., Any]:
    """The function with its calls guarded and its results checked."""
    failure = f"{cls.__name__}.{name} in {path.name} fails"
    lists, file = name in POINTS, str(path)  # torch.compile knows no Path in a closure
    where = f"{cls.__name__}.{name} in {path.name} (line {function.__code__.co_firstlineno})"

    @functools.wraps(function)
    def call(*args: Any, **kwargs: Any) -> Any:
        if not _Watch.on or _Watch.inside or _compiling():
            result = function(*args, **kwargs)
        else:
            _Watch.inside = True
            try:
                with guarded(failure, timeout, Path(file)):
                    result = function(*args, **kwargs)
                    if (
                        lists and hasattr(result, "__iter__") and not isinstance(result, str)
                    ):  # a generator runs here
                        result = list(islice(result, MOST_POINTS + 1))
            finally:
                _Watch.inside = False
        return _points(result, where) if lists else _value(result, where)

    return call


def _compiling() -> bool:
    """Whether torch.compile traces this call, which has no graph for signals."""
    torch = sys.modules.get("torch")
    return torch is not None and torch.compiler.is_compiling()


def _value(result: Any, where: str) -> Any:
    if result is None:
        raise UserCodeError(f"{where} returns None", "is there a return?")
    if isinstance(result, NO_NUMBER):
        raise UserCodeError(
            f"{where} returns a {type(result).__name__}", "it returns a function of x"
        )
    return result


def _points(result: Any, where: str) -> list[Any]:
    hint = "it returns the points in [low, high], such as (-1 / alpha, 1 / alpha)"
    if isinstance(result, (str, bytes)) or not hasattr(result, "__iter__"):
        raise UserCodeError(f"{where} returns a {type(result).__name__}, not points", hint)
    points = list(islice(result, MOST_POINTS + 1))
    if len(points) > MOST_POINTS:
        raise UserCodeError(f"{where} returns more than {MOST_POINTS} points", hint)
    for point in points:
        if point is None or isinstance(point, NO_NUMBER):
            raise UserCodeError(f"{where} returns {str(point)[:40]!r}, which is no number", hint)
    return points
