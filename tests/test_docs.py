"""Pages that show commands: each is one that runs, and what it printed is what it prints."""

from __future__ import annotations

import importlib.util
import os
import re
import subprocess
import sys
from pathlib import Path

import click
import pytest

from sgcli.cli.main import cli

ROOT = Path(__file__).parents[1]
PAGES = sorted((ROOT / "docs").glob("*.md"))


def load_rerun():
    spec = importlib.util.spec_from_file_location("rerun", ROOT / "docs" / "rerun.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


RERUN = load_rerun()
SHOWN = [
    (page.name, words)
    for page in PAGES
    for block in RERUN.BLOCK.finditer(page.read_text(encoding="utf-8"))
    for words in RERUN.commands(block["commands"])
]


def test_there_are_commands_to_try():
    assert len(SHOWN) > 8


@pytest.mark.parametrize(
    ("page", "words"), SHOWN, ids=lambda value: value if isinstance(value, str) else value[1]
)
def test_a_command_that_a_page_shows_is_understood(page, words):
    assert words[0] == "sg"
    command, rest = cli, list(words[1:])
    while isinstance(command, click.Group):
        command = command.get_command(None, rest.pop(0))
        assert command is not None
    if "--run" in rest:  # of a folder that is nowhere but on the page
        rest[rest.index("--run") + 1] = "."
    with command.make_context(words[1], rest) as context:
        assert context.params


def test_the_python_of_a_page_runs(tmp_path):
    """Block after block in one process, warnings being errors."""
    page = (ROOT / "docs" / "python.md").read_text(encoding="utf-8")
    blocks = re.findall(r"```python\n(.*?)```", page, re.DOTALL)
    # The option -W would turn diagnostics of pyparsing on.
    code = "\n".join(["import warnings; warnings.simplefilter('error')", *blocks])
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True, text=True, check=False, cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"},
    )  # fmt: skip
    # What torch and pyparsing say at the end, where nothing can be raised, is theirs.
    assert done.returncode == 0, done.stderr
    assert {path.name for path in tmp_path.glob("*.*")} == {"sigmoid.png", "tails.pdf", "flow.png"}


def test_each_function_stands_beside_its_command():
    page = (ROOT / "docs" / "python.md").read_text(encoding="utf-8")
    for command in ("plot", "gradcheck", "compare", "flow", "recommend"):
        assert f"sg {command} " in page
        assert f"sgcli.{command}(" in page
    for kind in ("loop", "sign", "escape", "fd"):
        assert f"sg bias {kind} " in page
        assert f"sgcli.bias.{kind}(" in page
    assert "sg train-toy " in page
    assert "sgcli.train(" in page


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_figure_that_a_page_shows_is_there(page):
    for name in re.findall(r"!\[[^\]]*\]\(([^)]+)\)", page.read_text(encoding="utf-8")):
        assert (page.parent / name).exists(), name


@pytest.mark.slow
@pytest.mark.parametrize("start", ["sg flow all --depth 20", "sg recommend", "sg bias loop"])
def test_what_a_page_says_is_printed_is_printed(start):
    """Of the commands whose numbers depend on no machine."""
    blocks = [
        block[0]
        for page in PAGES
        for block in RERUN.BLOCK.finditer(page.read_text(encoding="utf-8"))
        if block["commands"].startswith(start)
    ]
    assert blocks
    for block in blocks:
        # Figures are byte-identical on the same versions only: they are not drawn here.
        drawn_nothing = re.sub(r" (\\\n +)?-o \S+", "", block)
        assert RERUN.rerun(drawn_nothing, slow=False) == drawn_nothing


READMES = [(ROOT / name).read_text(encoding="utf-8") for name in ("README.md", "README.zh.md")]


def test_the_chinese_page_has_the_figures_and_commands_of_the_english_one():
    """Numbers, commands without their comments, links and images."""
    numbers, words, links = [], [], []
    for text in READMES:
        numbers.append(sorted(re.findall(r"\d+(?:\.\d+)+|\d+", text)))
        code = "\n".join(re.findall(r"```\w*\n(.*?)```", text, re.DOTALL))
        words.append([line.partition("#")[0].rstrip() for line in code.splitlines()])
        links.append([link for link in re.findall(r"\]\(([^)]+)\)", text) if "README" not in link])
    assert words[0] == words[1]
    assert links[0] == links[1]
    assert numbers[0] == numbers[1]


def test_a_published_result_has_the_same_figures_on_every_page():
    """Accuracies with their deviations stand in the table of docs/training.md."""
    result = re.compile(r"\d+\.\d+ ± \d+\.\d+ %")
    known = set(result.findall((ROOT / "docs" / "training.md").read_text(encoding="utf-8")))
    assert len(known) > 5
    for text in READMES:
        assert set(result.findall(text)) <= known
