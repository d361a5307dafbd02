from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from sgcli import surrogate
from sgcli.definitions import REGISTRY
from sgcli.errors import SgError
from tools import generate


def test_what_is_committed_is_what_is_derived(capsys: pytest.CaptureFixture[str]) -> None:
    assert generate.main(["--check"]) == 0, capsys.readouterr().err


def clone(folder: Path) -> Path:
    """A folder with a stub to write and a document with blocks."""
    (folder / "sgcli/surrogate").mkdir(parents=True)
    marks = [f"<!-- generated: {name} -->\nold\n<!-- end -->\n" for name in generate.BLOCKS]
    (folder / "README.md").write_text("before\n" + "".join(marks) + "after\n")
    return folder


def test_check_names_what_is_stale_and_writes_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    root = clone(tmp_path)
    before = (root / "README.md").read_text()
    assert generate.main(["--check"], root) == 1
    said = capsys.readouterr().err
    assert "stale: sgcli/surrogate/__init__.pyi" in said
    assert "stale: README.md" in said
    assert (root / "README.md").read_text() == before


def test_writing_makes_the_check_pass_and_keeps_the_rest(tmp_path: Path) -> None:
    root = clone(tmp_path)
    assert generate.main([], root) == 0
    assert generate.main(["--check"], root) == 0
    text = (root / "README.md").read_text()
    assert text.startswith("before\n")
    assert text.endswith("after\n")
    assert "\nold\n" not in text
    for definition in REGISTRY.values():
        assert f"`{definition.name}`" in text
        for peer in definition.peers:
            if peer.library == "spikingjelly":
                assert f"| `{peer.name}` |" in text


def test_an_unknown_block_is_an_error() -> None:
    with pytest.raises(SgError, match="unknown block 'nonsense'"):
        generate.blocks("<!-- generated: nonsense -->\n<!-- end -->")


def test_an_unknown_argument_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert generate.main(["--chekc"]) == 2
    assert "usage" in capsys.readouterr().err


def test_the_stub_exports_what_the_module_exports() -> None:
    scope: dict[str, object] = {}
    text = generate.stub("")
    exec(text[text.index("__all__") :], scope)
    assert scope["__all__"] == sorted(
        surrogate.__all__, key=lambda n: (not n.isupper(), n[0].islower(), n)
    )


USER = """
import torch
from sgcli import surrogate
x = torch.zeros(3, requires_grad=True)
module = surrogate.Sigmoid(alpha=4.0, spiking=True)
reveal_type(module(x))
module.alpha = 5
reveal_type(surrogate.sigmoid.apply(x, alpha=4.0))
reveal_type(surrogate.sigmoid_backward(x, x, 4.0))
reveal_type(surrogate.LeakyKReLU(leak=0.1, k=1.0, learnable="leak"))
reveal_type(surrogate.heaviside(x))
surrogate.Sigmoid(steepness=4.0)
surrogate.sigmoid.apply(x, beta=1.0)
surrogate.Sigmiod()
"""


@pytest.mark.slow
def test_type_checkers_see_names_and_signatures(tmp_path: Path) -> None:
    file = tmp_path / "user.py"
    file.write_text(USER)
    command = [sys.executable, "-m", "mypy", "--strict", "--no-error-summary", str(file)]
    run = subprocess.run(
        command,
        capture_output=True,
        text=True,
        check=False,
        cwd=tmp_path,
        env={**os.environ, "MYPYPATH": str(generate.ROOT)},
    )
    # Of an installed package mypy reports no errors of its own.
    lines = [line for line in run.stdout.splitlines() if "user.py" in line]
    revealed = [line.split('"')[1] for line in lines if "Revealed" in line]
    errors = [line.split("error: ")[1] for line in lines if "error" in line]
    assert revealed == [
        "Any",  # nn.Module's call
        "torch._tensor.Tensor",
        "tuple[torch._tensor.Tensor | None, ...]",
        "sgcli.surrogate.LeakyKReLU",
        "torch._tensor.Tensor",
    ]
    assert [e.split("[")[-1] for e in errors] == ["call-arg]", "call-arg]", "attr-defined]"]
