"""Nothing imports upwards."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import sgcli
from sgcli.cli.main import COMMANDS

ROOT = Path(sgcli.__file__).parent
# What each package may import of sgcli; `torch` where it may import torch when it is imported.
MAY = {
    "errors": set(),
    "files": {"errors"},
    "config": {"errors"},
    "devices": {"errors"},
    "maths": {"errors", "torch"},
    "numerics": {"maths", "errors"},
    "definitions": {"numerics", "maths", "errors"},
    "native": {"definitions", "maths", "errors", "torch"},
    "surrogate": {"native", "definitions", "maths", "errors", "torch"},
    "neuron": {"surrogate", "native", "definitions", "maths", "errors", "torch"},
    "adapters": {"surrogate", "definitions", "maths", "errors", "torch"},
    "checks": {
        "definitions", "numerics", "maths", "native", "surrogate", "neuron", "errors", "devices",
    },
    "theory": {"definitions", "numerics", "maths", "errors"},
    "figures": {"definitions", "maths", "theory", "errors", "files"},
    "measure": {"theory", "neuron", "surrogate", "definitions", "maths", "errors", "torch"},
    "training": {
        "native",
        "measure", "neuron", "surrogate", "definitions", "numerics", "maths", "theory", "figures",
        "errors",
        "files", "config", "devices", "data", "configs", "torch",
    },
    "bench": {
        "training", "measure", "neuron", "surrogate", "native", "definitions", "maths", "errors",
        "torch",
    },
    "data": set(),
}  # fmt: skip
# Figures draw the results of other packages, but only name their types.
TYPES_ONLY = {"figures": {"training", "checks", "theory", "measure", "numerics"}}
HEAVY = {"torch", "numpy", "matplotlib", "mpmath", "sympy", "rich"}


def imports(path: Path) -> list[tuple[str, bool, bool]]:
    """(module, inside a function, for typing only) of every import in a file."""
    found = []

    def visit(node: ast.AST, inside: bool, typing_only: bool) -> None:
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.Import):
                found.extend((a.name, inside, typing_only) for a in child.names)
            elif isinstance(child, ast.ImportFrom) and child.module:
                if child.module == "sgcli":
                    found.extend((f"sgcli.{a.name}", inside, typing_only) for a in child.names)
                else:
                    found.append((child.module, inside, typing_only))
            checking = isinstance(child, ast.If) and ast.unparse(child.test) == "TYPE_CHECKING"
            function = isinstance(child, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda))
            visit(child, inside or function, typing_only or checking)

    visit(ast.parse(path.read_text(encoding="utf-8")), False, False)
    return found


FILES = [
    p
    for p in sorted(ROOT.rglob("*.py"))
    if p.parent != ROOT and "cli" not in p.relative_to(ROOT).parts
]


def package(path: Path) -> str:
    return path.relative_to(ROOT).parts[0]


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(ROOT)))
def test_imports_go_downwards(path):
    own = package(path)
    for module, inside, typing_only in imports(path):
        if module.startswith("sgcli."):
            used = module.split(".")[1]
            allowed = MAY[own] | {own} | (TYPES_ONLY.get(own, set()) if typing_only else set())
            assert used in allowed or used.startswith("__"), f"{own} imports {module}"
        elif module.split(".")[0] == "torch" and not typing_only:
            assert inside or "torch" in MAY[own], f"{own} imports torch when it is imported"
            assert own not in ("definitions", "numerics", "theory", "figures"), f"{own} uses torch"


@pytest.mark.parametrize("name", COMMANDS)
def test_commands_import_what_is_heavy_inside(name):
    path = ROOT / "cli" / f"{name.replace('-', '_')}.py"
    for module, inside, typing_only in imports(path):
        assert inside or typing_only or module.split(".")[0] not in HEAVY, module


@pytest.mark.parametrize("own", ["definitions", "cli.main", "checks.run", "theory", "figures"])
def test_importing_a_package_imports_nothing_heavy(own):
    code = f"import sys, sgcli.{own}; sys.exit(','.join({HEAVY} & set(sys.modules)) or 0)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
