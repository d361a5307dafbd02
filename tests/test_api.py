"""What ``import sgcli`` gives: the commands as functions, each imported when it is asked for."""

from __future__ import annotations

import importlib
import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

import sgcli

FUNCTIONS = ["plot", "gradcheck", "compare", "flow", "recommend", "train"]
KINDS = ["loop", "sign", "escape", "fd"]
HEAVY = {"torch", "numpy", "matplotlib", "mpmath", "sympy"}


def imported(code: str) -> set[str]:
    """The heavy modules that some code imports, in a process of its own."""
    code = f"import sys; import sgcli; {code}; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return HEAVY & set(done.stdout.split())


def test_importing_it_imports_nothing_heavy():
    assert imported("dir(sgcli)") == set()


@pytest.mark.parametrize(
    "call",
    [
        "flow('all', depth=20, predict=True)",
        "compare(['atan', 'sigmoid'])",
        "recommend('atan')",
        "bias.loop(points=300)",
        "plot('atan')",
        "gradcheck('atan', quick=True)",
    ],
)
def test_what_needs_no_torch_imports_none(call):
    assert "torch" not in imported(f"sgcli.{call}")


@pytest.mark.parametrize("name", [*FUNCTIONS, "bias"])
def test_no_submodule_hides_a_name(name):
    assert find_spec(f"sgcli.{name}") is None
    assert name in dir(sgcli)
    assert getattr(sgcli, name) is getattr(sgcli, name)


@pytest.mark.parametrize("name", ["config", "testing", "surrogate", "neuron", "studies", "doctor"])
def test_submodules_are_what_they_were(name):
    assert importlib.import_module(f"sgcli.{name}") is getattr(sgcli, name)


def test_what_there_is_not_is_an_attribute_error():
    with pytest.raises(AttributeError, match="no attribute 'polt'"):
        _ = sgcli.polt
    with pytest.raises(ImportError):
        from sgcli import polt  # noqa: F401


@pytest.mark.parametrize("name", FUNCTIONS + [f"bias.{kind}" for kind in KINDS])
def test_each_is_documented(name):
    function = sgcli
    for part in name.split("."):
        function = getattr(function, part)
    assert function.__doc__.partition("\n\n")[0].endswith(".")
    parameters = set(function.__annotations__) - {"return"}
    assert [p for p in parameters if f"``{p}``" not in function.__doc__] == []


USER = """
import sgcli

reveal_type(sgcli.flow("atan", depth=3, alpha=2.0))
reveal_type(sgcli.flow(run="runs/x"))
reveal_type(sgcli.plot("sigmoid", alpha=[1, 2]))
reveal_type(sgcli.bias.loop("sigmoid").loops[0].integral)
reveal_type(sgcli.recommend(["atan", "erf"]).shapes[0].coherence)
reveal_type(sgcli.gradcheck("all")[0].ok)
reveal_type(sgcli.train("mnist", "atan", epochs=1)[0].accuracy)
sgcli.flow("atan", run="runs/x")
sgcli.flow("atan", depth="3")
sgcli.polt("atan")
"""


@pytest.mark.slow
def test_type_checkers_see_the_signatures(tmp_path: Path) -> None:
    file = tmp_path / "user.py"
    file.write_text(USER)
    done = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", "--no-error-summary", str(file)],
        capture_output=True,
        text=True,
        check=False,
        cwd=tmp_path,
        env={**os.environ, "MYPYPATH": str(Path(sgcli.__file__).parents[1])},
    )
    lines = done.stdout.splitlines()
    assert [line.split('"')[1] for line in lines if "Revealed" in line] == [
        "sgcli.studies.flow_predicted.Flow",
        "sgcli.studies.flow_run.RunFlow",
        "matplotlib.figure.Figure",
        "float | None",
        "float | None",
        "bool",
        "float | None",
    ]
    # Of an installed package mypy reports none of its own.
    errors = [line for line in lines if "user.py" in line and ": error: " in line]
    assert len(errors) == 3
    assert 'Module has no attribute "polt"' in errors[-1]
