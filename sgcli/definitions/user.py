"""Loading of user code: ``file.py:Name``, ``package.module:Name`` or a whole ``file.py``.

A file is loaded once, as a module with a stable name, so that its objects can be pickled. Its
output goes to stderr, and its running time is limited.
"""

from __future__ import annotations

import contextlib
import hashlib
import importlib
import importlib.util
import inspect
import re
import sys
from collections.abc import Iterator
from importlib.machinery import PathFinder
from pathlib import Path
from types import ModuleType
from typing import Any

from sgcli.definitions.catalogue import REGISTRY, definitions_in
from sgcli.definitions.core import Definition
from sgcli.definitions.guard import TIMEOUT, guard, guarded
from sgcli.errors import SgError, UnknownName, UserCodeError, did_you_mean

SOURCE = "__source_sha256__"  # in the module of a file


def is_reference(text: str) -> bool:
    """Whether a name refers to user code and not to the catalogue."""
    return ":" in text or text.endswith(".py")


def definition(text: str, timeout: float = TIMEOUT) -> type[Definition]:
    """The surrogate of that name; :class:`SgError` if it is not a :class:`Definition`."""
    user_object = resolve(text, timeout)
    if not (isinstance(user_object, type) and issubclass(user_object, Definition)):
        raise SgError(
            f"{text} is not a subclass of sgcli.definitions.Definition",
            "`sg gradcheck` accepts any callable; `sg new` writes a definition to start from",
        )
    if REGISTRY.get(user_object.name) is not user_object:
        user_object.origin = text
        guard(user_object, timeout)
    return user_object


def definitions(text: str, timeout: float = TIMEOUT) -> list[type[Definition]]:
    """The surrogates that a file defines, in the order of the file."""
    classes = definitions_in(load(text, timeout))
    if not classes:
        raise SgError(
            f"{text} defines no surrogate",
            f"a surrogate is a subclass of Definition; {text}:NAME names another object",
        )
    for cls in classes:
        cls.origin = f"{text}:{cls.__qualname__}"
        guard(cls, timeout)
    return classes


def resolve(text: str, timeout: float = TIMEOUT) -> Any:
    """The object that ``file.py:Name``, ``package.module:Name`` or ``….apply`` names."""
    source, _, path = text.rpartition(":")
    value: Any = load(source, timeout)
    for name in path.split("."):
        if not hasattr(value, name):
            names = [n for n in vars(value) if not n.startswith("_")]
            hint = did_you_mean(name, names, count=3) or f"it has {', '.join(names)}"
            raise UnknownName(f"there is no {name} in {text.removesuffix(f'.{name}')}", hint)
        value = getattr(value, name)
    return value


def load(source: str, timeout: float = TIMEOUT) -> ModuleType:
    """The module of a file or of a dotted name; :class:`SgError` if it cannot be loaded."""
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
        with _importable(path.parent), guarded(f"{source} does not import", timeout, path):
            exec(compile(code, path, "exec"), vars(module))
    except BaseException as error:
        del sys.modules[name]
        if isinstance(error, UserCodeError) and (hidden := _hiding(path.parent)):
            raise UserCodeError(error.message, f"{', '.join(hidden)}: rename it") from error
        raise
    return module


def _hiding(folder: Path) -> list[str]:
    """Files in a folder that were imported in place of a module of Python or of a package."""
    elsewhere = [p for p in sys.path if Path(p).resolve() != folder]
    return [
        f"{Path(file).name} beside it hides the module {name}"
        for name, module in list(sys.modules.items())
        if (file := getattr(module, "__file__", None)) and Path(file).parent == folder
        if name in sys.stdlib_module_names or PathFinder.find_spec(name, elsewhere)
    ]


def _of_name(source: str, timeout: float) -> ModuleType:
    with _importable(Path.cwd()):
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
def _importable(folder: Path) -> Iterator[None]:
    """Let imports find the modules in a folder, as Python does for a script in it."""
    sys.path.insert(0, str(folder))
    try:
        yield
    finally:
        sys.path.remove(str(folder))
