"""Results are typed: no field of one is of any type at all."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import sgcli.studies

FILES = sorted(Path(sgcli.studies.__file__).parent.glob("*.py"))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_no_any(path):
    names = {n.id for n in ast.walk(ast.parse(path.read_text())) if isinstance(n, ast.Name)}
    assert "Any" not in names


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_results_are_frozen(path):
    for node in ast.parse(path.read_text()).body:
        if isinstance(node, ast.ClassDef):
            assert [ast.unparse(d) for d in node.decorator_list] == ["dataclass(frozen=True)"]
