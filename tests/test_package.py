"""The wheel carries all it needs: built, installed into a clean environment, and used there."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


def run(*command: str | Path, cwd: Path) -> str:
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stdout


@pytest.fixture(scope="module")
def built(tmp_path_factory) -> Path:
    """A folder with the sdist and the wheel that is made from the sdist."""
    work = tmp_path_factory.mktemp("build")
    left_out = (".venv*", ".git", "build", "dist", "*.egg-info", "runs", "__pycache__", ".*_cache")
    shutil.copytree(ROOT, work / "tree", ignore=shutil.ignore_patterns(*left_out))
    run(sys.executable, "-m", "build", "--outdir", work / "dist", cwd=work / "tree")
    return work / "dist"


@pytest.mark.slow
def test_the_wheel_holds_data_types_and_settings(built):
    (wheel,) = built.glob("*.whl")
    names = set(zipfile.ZipFile(wheel).namelist())
    wanted = {"sgcli/py.typed", "sgcli/surrogate/__init__.pyi", "sgcli/configs/mnist.toml"}
    assert wanted <= names
    assert len([n for n in names if n.startswith("sgcli/data/mnist/") and n.endswith(".gz")]) == 4
    assert not [n for n in names if n.startswith("tests")]
    assert len(list(built.glob("*.tar.gz"))) == 1


@pytest.mark.slow
def test_the_wheel_works_in_a_clean_environment(built, tmp_path):
    (wheel,) = built.glob("*.whl")
    run(sys.executable, "-m", "venv", tmp_path / "env", cwd=tmp_path)
    python, sg = tmp_path / "env/bin/python", tmp_path / "env/bin/sg"
    run(python, "-m", "pip", "install", "-q", "-c", ROOT / "constraints.txt", wheel, cwd=tmp_path)
    run(sg, "plot", "sigmoid", "--alpha", "5", "-o", "seed.png", cwd=tmp_path)
    assert (tmp_path / "seed.png").read_bytes().startswith(b"\x89PNG")
    done = run(sg, "train-toy", "mnist", "--limit", "500", "--format", "json", cwd=tmp_path)
    assert 0 <= json.loads(done)["rows"][0]["test_accuracy"] <= 1
