"""sg new."""

from __future__ import annotations

from pathlib import Path

import pytest

from sgcli.definitions import Shape, load
from sgcli.definitions.facts import facts
from tests.cli.run import sg


def test_what_it_writes_passes_the_check_as_it_is(capsys):
    done = sg(capsys, "new", "my_surrogate.py")
    assert (done.status, done.out) == (0, "my_surrogate.py\n")
    assert "sg gradcheck my_surrogate.py" in done.err
    checked = sg(capsys, "gradcheck", "my_surrogate.py")
    assert (checked.status, "FAIL" in checked.out) == (0, False)
    assert "my_surrogate" in checked.out


def test_its_class_has_the_name_asked_for_and_can_be_drawn(capsys):
    assert sg(capsys, "new", "mine.py", "--name", "Sharp", "-q").err == ""
    assert sg(capsys, "plot", "mine.py:Sharp", "-o", "mine.png").status == 0
    assert Path("mine.png").read_bytes().startswith(b"\x89PNG")


def test_every_function_of_the_template_is_as_it_says(capsys):
    sg(capsys, "new", "mine.py")
    found = facts(Shape.of(load.find("mine.py")))
    assert (found.peak, found.even) == (1.0, True)
    lines = Path("mine.py").read_text().splitlines()
    assert max(map(len, lines)) <= 100


def test_it_can_be_shown_with_formula_and_code(capsys):
    sg(capsys, "new", "mine.py")
    shown = sg(capsys, "show", "mine.py")
    assert shown.status == 0
    assert "Fast sigmoid" in shown.out
    code = sg(capsys, "show", "mine.py", "--code", "torch").out
    names: dict[str, object] = {}
    exec(code, names)
    assert callable(names["MySurrogate"])


def test_it_overwrites_only_when_told_to(capsys):
    Path("mine.py").write_text("precious\n")
    done = sg(capsys, "new", "mine.py")
    assert (done.status, done.out) == (2, "")
    assert "--force" in done.err
    assert Path("mine.py").read_text() == "precious\n"
    assert sg(capsys, "new", "mine.py", "--force").status == 0
    assert "MySurrogate" in Path("mine.py").read_text()


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["mine.txt"], "mine.py is one"),
        (["mine.py", "--name", "not a name"], "cannot be the name of a class"),
        (["mine.py", "--name", "class"], "cannot be the name of a class"),
        (["missing/mine.py"], "there is no folder missing"),
    ],
)
def test_a_users_error_writes_nothing(words, says, capsys):
    done = sg(capsys, "new", *words)
    assert (done.status, done.out) == (2, "")
    assert says in done.err
    assert list(Path().iterdir()) == []
