"""An import stands inside a function only where it would slow the help of a command down."""

from __future__ import annotations

import ast
import functools
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from sgcli import cli

FOLDER = Path(cli.__file__).parent
FILES = sorted(FOLDER.rglob("*.py"))


@functools.cache
def loaded_with_commands() -> frozenset[str]:
    code = (
        "import sys; from sgcli.cli.main import options; options(); "
        "print(*sys.modules, file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return frozenset(done.stderr.split())


def is_module(name: str) -> bool:
    return FOLDER.parents[1].joinpath(*name.split(".")).with_suffix(".py").exists()


def inside(path: Path) -> Iterator[str]:
    """The modules that a file imports inside functions."""
    tree = ast.parse(path.read_text("utf-8"))
    functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]
    for node in {node for function in functions for node in ast.walk(function)}:
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            below = [f"{node.module}.{name.name}" for name in node.names]
            yield from [name for name in below if is_module(name)] or [node.module]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_what_is_loaded_anyway_is_imported_at_the_top(path):
    assert set(inside(path)) & loaded_with_commands() == set()
