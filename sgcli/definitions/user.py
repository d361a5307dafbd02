"""What a user wrote, brought in: ``file.py:Name``, ``package.module:Name`` or a whole ``file.py``.

A file is loaded once, as a module that is registered by a stable name, so that what it defines can
be pickled. What it prints goes to stderr, and it has so many seconds to finish.
"""

from __future__ import annotations

import contextlib
import hashlib
import importlib
import importlib.util
import inspect
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
SOURCE = "__source_sha256__"  # in the module of a file


class _TooLong(BaseException):
    """Time is up; no ``except Exception`` of the user's code may catch it."""


def is_reference(text: str) -> bool:
    """Whether a name is one of these and not one of the catalogue."""
    return ":" in text or text.endswith(".py")


def definition(text: str, timeout: float = TIMEOUT) -> type[Definition]:
    """The surrogate of that name; :class:`SgError` if it is not a :class:`Definition`."""
    result = resolve(text, timeout)
    if not (isinstance(result, type) and issubclass(result, Definition)):
        raise SgError(
            f"{text} is not a subclass of sgcli.definitions.Definition",
            "sg gradcheck takes any callable; `sg new` writes a definition to start from",
        )
    if REGISTRY.get(result.name) is not result:
        result.origin = text
    return result


def definitions(text: str, timeout: float = TIMEOUT) -> list[type[Definition]]:
    """Every surrogate that a file defines, in its order."""
    result = definitions_in(load(text, timeout))
    if not result:
        raise SgError(
            f"{text} defines no surrogate", f"a subclass of Definition, or name one: {text}:NAME"
        )
    for one in result:
        one.origin = f"{text}:{one.__qualname__}"
    return result


def resolve(text: str, timeout: float = TIMEOUT) -> Any:
    """The object that ``file.py:Name``, ``package.module:Name`` or ``….apply`` names."""
    source, _, path = text.rpartition(":")
    result: Any = load(source, timeout)
    for name in path.split("."):
        if not hasattr(result, name):
            names = [n for n in vars(result) if not n.startswith("_")]
            near = get_close_matches(name, names, n=3)
            meant = f"did you mean {' or '.join(near)}?" if near else f"it has {', '.join(names)}"
            raise UnknownName(f"there is no {name} in {text.removesuffix(f'.{name}')}", meant)
        result = getattr(result, name)
    return result


def load(source: str, timeout: float = TIMEOUT) -> ModuleType:
    """The module of a file or of a dotted name; :class:`SgError` says why there is none."""
    return _of_file(source, timeout) if source.endswith(".py") else _of_name(source, timeout)


def _of_file(source: str, timeout: float) -> ModuleType:
    path = Path(source).resolve()
    if not path.is_file():
        raise SgError(f"there is no file {source}", "`sg new FILE` writes one to start from")
    stem = re.sub(r"\W", "_", path.stem)
    code = path.read_bytes()
    contents = hashlib.sha256(code).hexdigest()
    name = f"{stem}_{hashlib.sha256(f'{path} {contents}'.encode()).hexdigest()[:12]}"
    if name in sys.modules:
        return sys.modules[name]
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    setattr(module, SOURCE, contents)
    sys.modules[name] = module
    try:
        with _found_from(path.parent), guarded(f"{source} does not import", timeout, path):
            exec(compile(code, path, "exec"), vars(module))
    except BaseException:
        del sys.modules[name]
        raise
    return module


def _of_name(source: str, timeout: float) -> ModuleType:
    with _found_from(Path.cwd()):
        try:
            with guarded(f"{source} does not import", timeout):
                return importlib.import_module(source)
        except SgError as error:
            hint = error.hint or "a file is named with its suffix, as in mine.py:Name"
            raise SgError(error.message, hint) from error


def source_sha256(definition: type[Definition]) -> str:
    """The SHA-256 of the file of a definition; empty for one of sgcli's."""
    module = definition.__module__
    if module.startswith("sgcli."):
        return ""
    known = getattr(sys.modules.get(module), SOURCE, None)
    return known or hashlib.sha256(Path(inspect.getfile(definition)).read_bytes()).hexdigest()


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
