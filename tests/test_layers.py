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
    "floats": set(),
    "files": {"errors"},
    "config": {"errors"},
    "devices": {"errors"},
    "maths": {"errors", "torch"},
    "numerics": {"maths", "errors"},
    "definitions": {"floats", "numerics", "maths", "errors"},
    "native": {"definitions", "maths", "errors", "torch"},
    "surrogate": {"native", "definitions", "maths", "errors", "torch"},
    "neuron": {"surrogate", "native", "definitions", "maths", "errors", "torch"},
    "adapters": {"surrogate", "definitions", "maths", "errors", "torch"},
    "checks": {
        "floats", "definitions", "numerics", "maths", "native", "surrogate", "neuron", "errors",
        "devices", "torch",
    },
    "theory": {"floats", "definitions", "numerics", "maths", "errors"},
    "figures": {"definitions", "numerics", "maths", "theory", "errors", "files"},
    "measure": {"theory", "neuron", "surrogate", "definitions", "maths", "errors", "torch"},
    "training": {
        "native",
        "measure", "neuron", "surrogate", "definitions", "numerics", "maths", "theory", "errors",
        "files", "config", "devices", "data", "configs", "torch",
    },
    "studies": {
        "training", "measure", "checks", "theory", "definitions", "maths", "errors",
    },
    "bench": {
        "training", "measure", "neuron", "surrogate", "native", "definitions", "maths", "errors",
        "torch",
    },
    "data": set(),
}  # fmt: skip
# The checks without torch lead to what needs it here only, inside functions: `--quick` needs none.
TO_TORCH = {"crossing.py", "subject.py"}
WITH_TORCH = ("torch", "checks.on_torch", "native", "surrogate", "neuron")
# Figures draw the results of other packages, but only name their types.
TYPES_ONLY = {"figures": {"studies", "training", "checks", "measure"}}
# The rooms of training and the files on its top floor, each of which imports those before it only.
TRAINING = (
    "network_spec", "setting_types", "settings", "protocols", "data", "network", "run",
    "initial_gradient", "grid", "prediction_interval", "rank_correlation", "deep", "reproduce",
)  # fmt: skip
HEAVY = {"torch", "numpy", "matplotlib", "mpmath", "sympy", "rich"}
# Packages whose imports stand at the top of their files, and the files that import inside functions
# too, with what they put off. What only reads names and fields of definitions does without numpy
# and mpmath, which take longer than all the rest; facts.py is imported where facts are needed.
AT_THE_TOP = {
    "maths", "numerics", "definitions", "theory", "measure", "native", "surrogate", "neuron",
    "adapters", "checks", "training", "studies", "figures", "bench",
}  # fmt: skip
INSIDE = {
    "adapters/ours.py": "SymPy, which takes half a second, until parameters are solved for",
    "checks/crossing.py": "torch, until there is more to check than the mathematics",
    "checks/subject.py": "torch, until a surrogate of ours is made",
    "surrogate/base.py": "matplotlib, until a figure is drawn",
    "training/data/tasks.py": "scikit-learn, an extra",
    "training/run/tensorboard.py": "TensorBoard, an extra",
    "definitions/catalogue.py": "importlib.metadata, until a name is not one of the catalogue",
    "definitions/evaluate.py": "numpy and mpmath, until a value is asked for",
    "definitions/formulas.py": "numpy and mpmath, until there is a formula",
    "studies/bias.py": "torch, until finite differences are taken",
    "studies/compare.py": "torch, until a cost is measured",
    "studies/flow.py": "torch, until something is measured",
    "definitions/page.py": "SymPy, which takes half a second, until a formula is to be read",
}


def imports(path: Path) -> list[tuple[str, bool, bool]]:
    """(module or name in one, inside a function, for typing only) of every import in a file."""
    found = []

    def visit(node: ast.AST, inside: bool, typing_only: bool) -> None:
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.Import):
                found.extend((a.name, inside, typing_only) for a in child.names)
            elif isinstance(child, ast.ImportFrom):
                found.extend((f"{child.module}.{a.name}", inside, typing_only) for a in child.names)
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

FILES_OF_TRAINING = [p for p in (ROOT / "training").rglob("*.py") if p.name != "__init__.py"]


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


@pytest.mark.parametrize("path", FILES_OF_TRAINING, ids=lambda p: str(p.relative_to(ROOT)))
def test_rooms_of_training_import_downwards(path):
    own = TRAINING.index(path.relative_to(ROOT).with_suffix("").parts[1])
    for module, *_ in imports(path):
        if module.startswith("sgcli.training."):
            assert TRAINING.index(module.split(".")[2]) <= own, f"{path.name} imports {module}"


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(ROOT)))
def test_imports_stand_at_the_top(path):
    put_off = [module for module, inside, _ in imports(path) if inside]
    if package(path) in AT_THE_TOP and put_off:
        assert str(path.relative_to(ROOT)) in INSIDE, put_off


@pytest.mark.parametrize("name", COMMANDS)
def test_commands_import_what_is_heavy_inside(name):
    path = ROOT / "cli" / f"{name.replace('-', '_')}.py"
    for module, inside, typing_only in imports(path):
        assert inside or typing_only or module.split(".")[0] not in HEAVY, module


def imported(code: str) -> set[str]:
    """What is heavy and imported after that code in a process of its own."""
    code = f"import sys; {code}; print(*({HEAVY} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    return set(done.stdout.split())


@pytest.mark.parametrize("own", ["definitions", "cli.main", "cli.output", "theory"])
def test_importing_a_package_imports_nothing_heavy(own):
    assert imported(f"import sgcli.{own}") == set()


@pytest.mark.parametrize(
    ("own", "may"),
    [
        (
            "definitions",
            {"numpy", "mpmath", "sympy"},
        ),  # formula.py, put off by page.py
        ("numerics", {"numpy", "mpmath"}),
        ("theory", {"numpy", "mpmath"}),
    ],
)
def test_all_modules_of_a_package_import_only_what_they_may(own, may):
    names = [".".join(("sgcli", *p.relative_to(ROOT).with_suffix("").parts)) for p in FILES]
    own_names = [name for name in names if name.startswith(f"sgcli.{own}.")]
    assert imported(f"import {', '.join(own_names)}") <= may


def test_definitions_are_loaded_and_bound_without_numbers():
    code = "from sgcli.definitions.load import choose; [n.shape.label for n in choose('all')]"
    assert imported(code) == set()


@pytest.mark.parametrize("path", sorted((ROOT / "checks").glob("*.py")), ids=lambda p: p.name)
def test_checks_lead_to_torch_in_one_place(path):
    for module, inside, typing_only in imports(path):
        if module.removeprefix("sgcli.").startswith(WITH_TORCH) and not typing_only:
            assert inside, f"{path.name} imports {module} when it is imported"
            assert path.name in TO_TORCH, f"{path.name} imports {module}"


def test_the_checks_of_the_mathematics_import_no_torch():
    assert "torch" not in imported("import sgcli.checks.session, sgcli.checks.apart")
