"""A user's own surrogate, from a file or a package, and its errors."""

from __future__ import annotations

import pickle
import sys
import textwrap
import threading
from pathlib import Path

import pytest
import torch

from sgcli import surrogate
from sgcli.cli.options import SurrogateName
from sgcli.definitions import guard, load, user
from sgcli.errors import SgError, UnknownName
from tests.cli.run import sg

MINE = '''
    from sgcli.definitions import Definition, Param

    print("a line that is no data")

    class Triangle(Definition):
        """A triangle."""

        alpha = Param(1.0, domain="(0, inf)", typical=(0.5, 3.0))

        @staticmethod
        def primitive(m, x, alpha):
            u = m.clip(alpha * x, -1, 1)
            return 0.5 + u - u * m.abs(u) / 2

        @staticmethod
        def derivative(m, x, alpha):
            return alpha * m.maximum(1 - m.abs(alpha * x), 0)

        @staticmethod
        def kinks(low, high, alpha):
            return (-1 / alpha, 0, 1 / alpha)

    class Other(Triangle):
        """The same."""

    def function(x):
        return x
'''


def write(text: str, name: str = "mine.py") -> str:
    Path(name).write_text(textwrap.dedent(text))
    return name


@pytest.fixture
def mine() -> str:
    return write(MINE)


def test_a_class_of_a_file_is_a_surrogate_as_any_other(mine, capsys):
    named = load.parse(f"{mine}:Triangle,alpha=3")
    assert named.definition.name == "triangle"
    assert named.shape.params == {"alpha": 3.0}
    assert named.shape.label == f"{mine}:Triangle,alpha=3"
    assert load.parse(named.shape.label).shape == named.shape
    captured = capsys.readouterr()
    assert (captured.out, captured.err) == ("", "a line that is no data\n")


def test_a_file_alone_names_all_that_it_defines(mine):
    assert [n.definition.__name__ for n in load.choose(mine)] == ["Triangle", "Other"]
    with pytest.raises(UnknownName, match="one of Triangle, Other"):
        load.parse(mine)
    assert load.find(write(MINE.partition("class Other")[0], "one.py")).__name__ == "Triangle"


def test_a_dotted_name_is_imported_from_the_current_folder(monkeypatch):
    Path("pack").mkdir()
    write(MINE, "pack/inner.py")
    assert load.parse("pack.inner:Triangle").shape.label == "pack.inner:Triangle,alpha=1"
    for name in ("pack", "pack.inner"):
        monkeypatch.delitem(sys.modules, name)
    assert load.find("sgcli.definitions.smooth:Sigmoid").reference() == "sigmoid"


def test_a_file_may_import_its_neighbour():
    Path("lib").mkdir()
    write("VALUE = 2.5\n", "lib/beside_the_surrogate.py")
    write("from beside_the_surrogate import VALUE\n" + textwrap.dedent(MINE), "lib/mine.py")
    before = list(sys.path)
    assert load.find("lib/mine.py:Triangle").__name__ == "Triangle"
    assert sys.path == before
    del sys.modules["beside_the_surrogate"]


def test_it_is_loaded_once_and_again_when_it_changed(mine, capsys):
    assert load.find(f"{mine}:Triangle") is load.find(f"./{mine}:Triangle")
    assert capsys.readouterr().err.count("no data") == 1
    write(MINE.replace("Param(1.0", "Param(2.0"))
    assert load.parse(f"{mine}:Triangle").shape.params == {"alpha": 2.0}


def test_its_module_can_be_pickled(mine):
    module = surrogate.of(load.find(f"{mine}:Triangle"))(alpha=2.0)
    again = pickle.loads(pickle.dumps(module))
    x = torch.linspace(-1, 1, 9)
    assert torch.equal(again(x), module(x))
    assert again.alpha == 2.0


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("x = 1\ny = nothing\n", "NameError: name 'nothing' is not defined (line 2)"),
        ("x = 1\ndef f(:\n", "SyntaxError: invalid syntax (line 2)"),
        ("import no_such_module_\n", "ModuleNotFoundError: No module named 'no_such_module_'"),
        ("import sys\nsys.exit(0)\n", "SystemExit: 0 (line 2)"),
        ("raise ValueError('one\\n  two')\n", "ValueError: one two (line 1)"),
        (MINE.replace("Param(1.0", "Param(-1.0"), "alpha = -1.0 is outside its domain"),
    ],
)
def test_a_file_that_does_not_import_says_why_in_one_line(text, says, capsys):
    before = set(sys.modules)
    done = sg(capsys, "compare", write(text) + ":Triangle")
    assert (done.status, done.out) == (2, "")
    first = next(line for line in done.err.splitlines() if line.startswith("Error"))
    assert says in first
    assert first.startswith("Error: mine.py does not import: ")
    assert "Traceback" not in done.err
    # What failed leaves nothing behind.
    assert not [name for name in set(sys.modules) - before if name.startswith("mine_")]


def test_a_file_that_loops_for_ever_is_stopped():
    endless = write("while True:\n    try:\n        pass\n    except Exception:\n        pass\n")
    with pytest.raises(SgError, match=r"did not finish within 0\.2 s \(--timeout"):
        load.choose(f"{endless}:Triangle", timeout=0.2)


def test_without_the_main_thread_there_is_no_limit_but_it_loads(mine):
    loaded = []
    thread = threading.Thread(target=lambda: loaded.append(load.find(f"{mine}:Triangle")))
    thread.start()
    thread.join()
    assert loaded[0].__name__ == "Triangle"


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("none.py:Triangle", "there is no file none.py"),
        ("none.py", "there is no file none.py"),
        ("mine.py:Triangel", "did you mean Triangle?"),
        ("mine.py:Triangle.missing", "there is no missing in mine.py:Triangle"),
        ("mine.py:", "there is no"),
        ("mine.py:function", "not a subclass of sgcli.definitions.Definition"),
        ("no_such_package_.module:Name", "named with its suffix, as in mine.py:Name"),
        (":Name", "does not import"),
        ("empty.py", "defines no surrogate"),
        ("mine.py:Triangle,beta=1", "triangle has alpha"),
    ],
)
def test_a_wrong_name_is_one_clear_line(mine, name, says, capsys):
    write("", "empty.py")
    done = sg(capsys, "compare", name)
    assert (done.status, done.out) == (2, "")
    assert says in done.err
    assert done.err.splitlines()[-2].startswith("Error: ")


def test_completion_offers_python_files(mine):
    Path("sub").mkdir()
    write(MINE, "sub/more.py")
    offered = SurrogateName(many=True)
    assert "mine.py" in [c.value for c in offered.shell_complete(None, None, "mi")]
    assert [c.value for c in offered.shell_complete(None, None, "sub/")] == ["sub/more.py"]


def test_a_plot_of_it_says_how_it_was_drawn(mine, capsys):
    done = sg(capsys, "plot", f"{mine}:Triangle", "-o", "mine.png")
    assert (done.status, done.out) == (0, "mine.png\n")
    assert b"sg plot mine.py:Triangle,alpha=1" in Path("mine.png").read_bytes()


def test_guarded_code_keeps_stdout_clean(capsys):
    with guard.guarded("it fails"):
        print("talk")
    assert capsys.readouterr() == ("", "talk\n")


def test_a_file_that_hides_a_module_is_named(monkeypatch):
    monkeypatch.delitem(sys.modules, "colorsys", raising=False)
    write("", "colorsys.py")
    mine = write("import colorsys\ncolorsys.rgb_to_hls\n")
    with pytest.raises(SgError, match=r"has no attribute 'rgb_to_hls'") as caught:
        user.load(mine)
    assert caught.value.hint == "colorsys.py beside it hides the module colorsys: rename it"
    monkeypatch.delitem(sys.modules, "colorsys")


@pytest.mark.parametrize("command", ["plot", "gradcheck"])
def test_the_timeout_is_an_option(command, capsys):
    endless = write("while True:\n    pass\n")
    done = sg(capsys, command, f"{endless}:Triangle", "--timeout", "0.2")
    assert (done.status, done.out) == (2, "")
    assert "did not finish within 0.2 s" in done.err


@pytest.mark.parametrize("command", [["plot"], ["compare"], ["show"]])
def test_a_derivative_that_ends_the_program_is_an_error_of_every_command(command, capsys):
    leaves = write(
        MINE.replace("return alpha * m.maximum", "raise SystemExit(0); return alpha * m.maximum")
    )
    done = sg(capsys, *command, f"{leaves}:Triangle")
    assert done.status == 2
    assert "Error: Triangle.derivative in mine.py fails: SystemExit: 0 (line 18)" in done.err


@pytest.mark.parametrize(
    ("before", "now"), [("solve", "steepness_parameter"), ("breaks", "breakpoints")]
)
def test_an_old_field_name_is_an_error_with_the_new_name(before, now):
    write(f"{textwrap.dedent(MINE)}\n\nclass Late(Other):\n    {before} = 'alpha'\n", "late.py")
    with pytest.raises(SgError, match=rf"Late\.{before} is now called {now}"):
        load.choose("late.py")


def test_a_parameter_may_have_any_name():
    text = MINE.replace("alpha", "breaks")
    write(text, "named.py")
    assert load.choose("named.py")[0].shape.params == {"breaks": 1.0}
