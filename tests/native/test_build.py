"""The build: from nothing but the definitions, and without a compiler too."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import sgcli
from sgcli.definitions import REGISTRY, Definition
from sgcli.errors import SgError
from sgcli.maths.dialects import CPP
from sgcli.maths.writer import parts, write
from sgcli.native import writer

ROOT = Path(sgcli.__file__).parents[1]
pytestmark = pytest.mark.skipif(not (ROOT / "setup.py").exists(), reason="no source tree here")


def test_the_source_is_the_same_every_time_and_has_every_kernel() -> None:
    text = writer.source()
    assert text == writer.source()
    for definition in writer.native():
        written = writer.text(definition)
        loops = "SG_HALVES" if "_first_half" in written else "SG_WHOLE"
        assert f'SG_SLOPE({definition.name}, {loops}, "{writer.digest(written)}")' in text


def test_a_foreign_definition_of_the_same_name_has_no_kernel() -> None:
    class Twin(REGISTRY["sigmoid"], name="sigmoid"):  # type: ignore[misc]
        """A definition with the name of a catalogue entry."""

    assert "catalogue" in writer.reason(Twin)


@pytest.mark.parametrize("argument", ["scaled", "varying"])
def test_a_wrapped_expression_stays_on_torch(argument: str) -> None:
    class Wave(Definition, name="wave"):
        """Wraps an expression other than x, or by an expression."""

        @staticmethod
        def derivative(m: Any, x: Any) -> Any:
            return m.cospi(m.wrap(2 * x, 1.5) if argument == "scaled" else m.wrap(x, 1 + x * x))

    with pytest.raises(SgError, match="wrap takes x itself"):
        writer.text(Wave)


def test_a_decomposable_derivative_becomes_two_loops() -> None:
    def halves(derivative: Any) -> Any:
        return writer.halves(write(derivative, ["alpha"], CPP).node)

    first, second = halves(lambda m, x, alpha: m.decay(alpha * m.log1p(m.abs(x))))
    assert {"log1p", "abs"} < {part.op for part in parts(first)}
    assert [part.op for part in parts(second)] == ["decay", "x"]
    # A sum of two terms has no waist but x, and a single long operation is not worth two loops.
    assert halves(lambda m, x, alpha: m.decay(x * x) + m.log1p(m.abs(x))) is None
    assert halves(lambda m, x, alpha: alpha * m.decay(m.abs(x))) is None


def test_an_entry_that_cpp_cannot_express_stays_on_torch(monkeypatch: pytest.MonkeyPatch) -> None:
    class Gate(Definition, name="arctan_gate"):
        """A gradient with a function that the kernels lack."""

        @staticmethod
        def derivative(m: Any, x: Any) -> Any:
            return 1 + m.atan(x)

    monkeypatch.setitem(REGISTRY, "arctan_gate", Gate)
    assert "atan" in writer.reason(Gate)
    assert Gate not in writer.native()
    assert "arctan_gate" not in writer.source()


def test_the_writer_needs_neither_torch_nor_numpy() -> None:
    code = (
        "import sys; from sgcli.native import writer; writer.source(); "
        "sys.exit(','.join({'torch', 'numpy', 'mpmath', 'sympy'} & set(sys.modules)) or 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.slow
def test_without_a_compiler_there_is_no_kernel_and_no_failure(tmp_path: Path) -> None:
    pytest.importorskip("setuptools")
    copy = tmp_path / "source"
    ignored = shutil.ignore_patterns(".*", "*.so", "build", "runs", "tests", "mnist")
    shutil.copytree(ROOT, copy, ignore=ignored)
    command = [sys.executable, "setup.py", "-q", "build_ext", "--inplace"]
    none = {"CC": "/bin/false", "CXX": "/bin/false"}
    done = subprocess.run(
        command, cwd=copy, env={**os.environ, **none}, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert not list(copy.glob("sgcli/native/*.so"))
    code = (
        "from sgcli.native import library; from sgcli import surrogate; import torch; "
        "print(library.libraries()); print(surrogate.Sigmoid()(torch.ones(2)).sum().item())"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=copy, capture_output=True, text=True, check=False
    )
    assert done.stdout.splitlines() == [
        "not built: no C++ compiler when sgcli was installed", "2.0"
    ], done.stderr  # fmt: skip
