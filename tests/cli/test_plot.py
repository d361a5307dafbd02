"""sg plot."""

from __future__ import annotations

import csv
import io
import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from sgcli.cli.main import main
from sgcli.definitions import REGISTRY, Shape
from sgcli.definitions.evaluate import curve
from tests.cli.run import sg

MAGIC = {"png": b"\x89PNG\r\n\x1a\n", "pdf": b"%PDF-", "svg": b"<?xml"}


def files() -> list[str]:
    return sorted(p.name for p in Path().iterdir())


def test_the_seed_figure_in_three_formats(capsys):
    names = [f"seed.{suffix}" for suffix in MAGIC]
    done = sg(capsys, "plot", "sigmoid", "--alpha", "5", *[w for n in names for w in ("-o", n)])
    assert (done.status, done.out.split(), done.err) == (0, names, "")
    for suffix, magic in MAGIC.items():
        content = Path(f"seed.{suffix}").read_bytes()
        assert content.startswith(magic)
        assert b"sg plot sigmoid,alpha=5" in content
        assert b"seed" not in content


@pytest.mark.parametrize("suffix", MAGIC)
def test_two_runs_write_the_same_bytes_whatever_the_matplotlibrc(suffix, capsys):
    words = [sys.executable, "-m", "sgcli", "plot", "sigmoid", "rect", "-o"]
    subprocess.run([*words, f"one.{suffix}"], check=True, stdout=subprocess.DEVNULL)
    Path("matplotlibrc").write_text("lines.linewidth: 7\nfont.family: serif\nsvg.fonttype: none\n")
    subprocess.run([*words, f"two.{suffix}"], check=True, stdout=subprocess.DEVNULL)
    assert Path(f"one.{suffix}").read_bytes() == Path(f"two.{suffix}").read_bytes()


@pytest.mark.parametrize(
    ("words", "name"),
    [
        (["sigmoid", "--alpha", "5"], "sigmoid-alpha5.png"),
        (["sigmoid", "--alpha", "5", "--curves", "gradient"], "sigmoid-alpha5-gradient.png"),
        (["sigmoid", "--alpha", "5", "--log"], "sigmoid-alpha5-log.png"),
        (["sigmoid", "--alpha", "5", "--xlim", "-1,0.5"], "sigmoid-alpha5-x-1to0.5.png"),
        (["SoftSign"], "soft_sign-alpha2.png"),
        (["atan", "--alpha", "0.5,2"], "atan-alpha0.5-2.png"),
        (["s2nn", "-p", "beta=2"], "s2nn-alpha4-beta2.png"),
        (["rect", "deterministic-pass", "--figure-format", "svg"], "rect-deterministic_pass.svg"),
    ],
)
def test_without_a_name_the_file_is_named_after_its_contents(words, name, capsys):
    assert sg(capsys, "plot", *words) == (0, f"{name}\n", "")
    assert files() == [name]


def test_a_figure_on_stdout_is_alone_there(capsysbinary):
    status = main(["plot", "sigmoid", "-o", "-", "-o", "b.svg", "--figure-format", "pdf"])
    out, err = capsysbinary.readouterr()
    assert status == 0
    assert out.startswith(MAGIC["pdf"])
    assert out.rstrip().endswith(b"%%EOF")
    assert err == b"b.svg\n"


def test_data_on_stdout_is_alone_there_and_equals_the_curves(capsys):
    done = sg(capsys, "plot", "rect", "sigmoid", "--alpha", "5", "--data", "-", "-o", "a.png")
    assert (done.status, done.err) == (0, "a.png\n")
    rows = list(csv.DictReader(io.StringIO(done.out)))
    for name in ("rect", "sigmoid"):
        shape = Shape.of(REGISTRY[name], alpha=5)
        mine = [row for row in rows if row["surrogate"] == shape.label]
        x = np.array([float(row["x"]) for row in mine])
        for word, which in (("forward", "forward"), ("primitive",) * 2, ("gradient", "derivative")):
            assert [float(row[word]) for row in mine] == curve(shape, x, which).tolist()


def test_data_as_json_has_the_jumps(capsys):
    done = sg(capsys, "plot", "rect", "--data", "-", "--data-format", "json", "--points", "5")
    document = json.loads(done.out)
    (found,) = document["curves"]
    assert document["schema_version"] >= 1
    assert found["x"] == [-2.5, -1.25, -0.5, 0, 0.5, 1.25, 2.5]
    assert found["jumps"]["gradient"][0] == {"x": -0.5, "left": 0, "value": 0, "right": 1}
    assert files() == []


def test_a_data_file_goes_by_its_suffix(capsys):
    assert sg(capsys, "plot", "rect", "--data", "a.json", "--curves", "gradient") == (
        0,
        "a.json\n",
        "",
    )
    assert "primitive" not in json.loads(Path("a.json").read_text())["curves"][0]


def test_the_metadata_repeat_what_decides_and_nothing_else(capsys):
    given = ["--xlim", "-3,4.5", "--curves", "gradient,primitive", "--log", "--points", "1001"]
    assert sg(capsys, "plot", "sigmoid", *given, "--style", "paper", "-o", "a.svg").status == 0
    text = Path("a.svg").read_text()
    want = "sg plot sigmoid,alpha=4 --curves primitive,gradient --xlim -3,4.5 --log --style paper<"
    assert want in text
    again = want.removesuffix("<").split()[1:]
    assert sg(capsys, *again, "-o", "b.svg").status == 0
    assert Path("b.svg").read_text() == text


def test_quiet_says_nothing_where_stdout_is_taken(capsys):
    done = sg(capsys, "plot", "rect", "--data", "-", "-o", "a.svg", "-q")
    assert done.err == ""


@pytest.mark.parametrize(
    ("words", "error"),
    [
        (["-o", "a.gif"], "unknown suffix '.gif'"),
        (["-o", "a.png", "-o", "b"], "no suffix"),
        (["-o", "a.png", "-o", "no/b.png"], "there is no folder no"),
        (["--data", "a.txt"], ".csv or .json"),
        (["--data", "-", "-o", "-"], "both figure and data"),
        (["--xlim", "1,-1"], "cannot go from 1 to -1"),
        (["--xlim", "1"], "LO,HI"),
        (["--xlim", "0,inf"], "finite"),
        (["--points", "1"], "1 points"),
        (["--curves", "slope"], "'heaviside', 'primitive', 'gradient'"),
        (["--dpi", "2400", "--width", "90"], "pixels"),
        (["--width", "0"], "--width"),
        (["--style", "loud"], "paper"),
    ],
)
def test_an_error_is_told_with_its_remedy_and_writes_nothing(words, error, capsys):
    done = sg(capsys, "plot", "sigmoid", *words)
    assert done.status == 2
    assert error in done.err
    assert "Traceback" not in done.err
    assert done.out == ""
    assert files() == []


def test_an_unwritable_folder_is_an_error(capsys, monkeypatch):
    def refuse(*args, **kwargs):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("sgcli.files.tempfile.mkstemp", refuse)
    done = sg(capsys, "plot", "sigmoid", "-o", "a.png")
    assert (done.status, done.out) == (2, "")
    assert "Permission denied" in done.err


def test_a_terminal_gets_no_bytes(capsys, monkeypatch):
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    done = sg(capsys, "plot", "sigmoid", "-o", "-")
    assert (done.status, done.out) == (2, "")
    assert "redirect" in done.err


def test_neither_torch_nor_anything_slow_is_imported():
    code = (
        "import sys; from sgcli.cli.main import main; main(['plot', 'sigmoid', '--alpha', '5']); "
        "print({'torch', 'sympy', 'mpmath', 'rich', 'matplotlib.pyplot'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == ["sigmoid-alpha5.png", "set()"]
    assert done.stderr == ""


def test_numbers_alone_need_no_matplotlib():
    code = (
        "import sys; from sgcli.cli.main import main; main(['plot', 'atan', '--data', 'a.csv']); "
        "print('matplotlib' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == ["a.csv", "False"]
