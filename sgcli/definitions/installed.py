"""The installed releases of the other libraries, and their surrogates."""

from __future__ import annotations

from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from sgcli.definitions.core import Definition
from sgcli.definitions.peers import LIBRARIES, Peer
from sgcli.errors import SgError


def release(package: str) -> str | None:
    """The installed release of a distribution; None if there is none."""
    try:
        return version(package)
    except PackageNotFoundError:
        return None


def required(library: str) -> str:
    """The installed release of a library; :class:`SgError` if there is none."""
    if installed := release(library):
        return installed
    raise SgError(
        f"{LIBRARIES[library].title} is not installed",
        f"pip install {library}=={LIBRARIES[library].release}",
    )


def peers_of(definition: type[Definition], library: str) -> list[Peer]:
    """The surrogates of a library that the definition can reproduce."""
    return [peer for peer in definition.peers if peer.library == library]


def surrogate_of(library: str, name: str) -> Any:
    """The surrogate of that name in the installed library: a class or a function."""
    return getattr(import_module(LIBRARIES[library].module), name)
