"""What a user wrote, brought in: ``file.py:Name``, ``package.module:Name`` or a whole ``file.py``.

A file is loaded once, as a module that is registered by a stable name, so that what it defines can
be pickled. What it prints goes to stderr, and it has so many seconds to finish.
"""

from __future__ import annotations

import contextlib
import hashlib
import importlib
import importlib.util
import re
import signal
import sys
import traceback
from collections.abc import Iterator
from difflib import get_close_matches
from pathlib import Path
from types import FrameType, ModuleType
from typing import Any

from sgcli.definitions.catalogue import REGISTRY, definitions_in
from sgcli.definitions.core import Definition
from sgcli.errors import SgError, UnknownName

TIMEOUT = 30.0
SHA256: dict[str, str] = {}  # of the files that were loaded, by the names of their modules


class _TooLong(BaseException):
    """Time is up; no ``except Exception`` of the user's code may catch it."""


def is_reference(text: str) -> bool:
    """Whether a name is one of these and not one of the catalogue."""
    return ":" in text or text.endswith(".py")


def definition(text: str, timeout: float = TIMEOUT) -> type[Definition]:
    """The surrogate of that name; :class:`SgError` if it is not a :class:`Definition`."""
    found = resolve(text, timeout)
    if not (isinstance(found, type) and issubclass(found, Definition)):
        raise SgError(
            f"{text} is not a subclass of sgcli.definitions.Definition",
            "sg gradcheck takes any callable; `sg new` writes a definition to start from",
        )
    if REGISTRY.get(found.name) is not found:
        found.origin = text
    return found


def definitions(text: str, timeout: float = TIMEOUT) -> list[type[Definition]]:
    """Every surrogate that a file defines, in its order."""
    found = definitions_in(load(text, timeout))
    if not found:
        raise SgError(
            f"{text} defines no surrogate", f"a subclass of Definition, or name one: {text}:NAME"
        )
    for one in found:
        one.origin = f"{text}:{one.__qualname__}"
    return found


def resolve(text: str, timeout: float = TIMEOUT) -> Any:
    """The object that ``file.py:Name``, ``package.module:Name`` or ``….apply`` names."""
    source, _, path = text.rpartition(":")
    found: Any = load(source, timeout)
    for name in path.split("."):
        if not hasattr(found, name):
            names = [n for n in vars(found) if not n.startswith("_")]
            near = get_close_matches(name, names, n=3)
            meant = f"did you mean {' or '.join(near)}?" if near else f"it has {', '.join(names)}"
            raise UnknownName(f"there is no {name} in {text.removesuffix(f'.{name}')}", meant)
        found = getattr(found, name)
    return found


def load(source: str, timeout: float = TIMEOUT) -> ModuleType:
    """The module of a file or of a dotted name; :class:`SgError` says why there is none."""
    return _of_file(source, timeout) if source.endswith(".py") else _of_name(source, timeout)


def _of_file(file: str, timeout: float) -> ModuleType:
    path = Path(file).resolve()
    if not path.is_file():
        raise SgError(f"there is no file {file}", "`sg new FILE` writes one to start from")
    stem = re.sub(r"\W", "_", path.stem)
    source = path.read_bytes()
    digest = hashlib.sha256(str(path).encode() + source).hexdigest()
    name = f"{stem}_{digest[:12]}"
    if name in sys.modules:
        return sys.modules[name]
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    try:
        with _found_from(path.parent), guarded(f"{file} does not import", timeout, path):
            spec.loader.exec_module(module)
    except BaseException:
        del sys.modules[name]
        raise
    SHA256[name] = hashlib.sha256(source).hexdigest()
    return module


def _of_name(source: str, timeout: float) -> ModuleType:
    with _found_from(Path.cwd()):
        try:
            with guarded(f"{source} does not import", timeout):
                return importlib.import_module(source)
        except SgError as error:
            hint = error.hint or "a file is named with its suffix, as in mine.py:Name"
            raise SgError(error.message, hint) from error


@contextlib.contextmanager
def _found_from(folder: Path) -> Iterator[None]:
    """Let imports find what lies in a folder, as Python does for a script in it."""
    sys.path.insert(0, str(folder))
    try:
        yield
    finally:
        sys.path.remove(str(folder))


@contextlib.contextmanager
def guarded(failure: str, timeout: float = TIMEOUT, path: Path | None = None) -> Iterator[None]:
    """Run a user's code: its stdout becomes stderr, its time is limited, its errors are one line.

    ``failure`` begins the message; of ``path`` it says the line. The limit needs the main thread.
    """
    try:
        with contextlib.redirect_stdout(sys.stderr), _limited(timeout):
            yield
    except _TooLong:
        raise SgError(
            f"{failure}: it did not finish within {timeout:g} s", "--timeout gives it longer"
        ) from None
    except (Exception, SystemExit) as error:
        line = _line(error, path)
        # Python 3.11 wraps what comes up in a class body.
        cause = error.__cause__ if isinstance(error.__cause__, SgError) else error
        words = " ".join(str(cause.msg if isinstance(cause, SyntaxError) else cause).split())
        where = f" (line {line})" if line else ""
        raise SgError(f"{failure}: {type(cause).__name__}: {words}{where}".strip()) from error


def _line(error: BaseException, path: Path | None) -> int | None:
    """The line of the file at which an error came up."""
    if path is None:
        return None
    if isinstance(error, SyntaxError) and error.filename == str(path):
        return error.lineno
    frames = traceback.extract_tb(error.__traceback__)
    return next((f.lineno for f in reversed(frames) if f.filename == str(path)), None)


@contextlib.contextmanager
def _limited(seconds: float) -> Iterator[None]:
    def stop(number: int, frame: FrameType | None) -> None:
        raise _TooLong

    try:
        before = signal.signal(signal.SIGALRM, stop)
    except ValueError:  # not in the main thread, which alone receives signals
        yield
        return
    try:
        signal.setitimer(signal.ITIMER_REAL, seconds)
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
