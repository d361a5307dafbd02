"""Pages that show commands: each is one that runs, and what it printed is what it prints."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path

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
    command = cli.get_command(None, words[1])
    assert command is not None
    with command.make_context(words[1], list(words[2:])) as context:
        assert context.params


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_figure_that_a_page_shows_is_there(page):
    for name in re.findall(r"!\[[^\]]*\]\(([^)]+)\)", page.read_text(encoding="utf-8")):
        assert (page.parent / name).exists(), name


@pytest.mark.slow
@pytest.mark.parametrize(
    "start", ["sg compare all --depth 20", "sg recommend", "sg compare --loop"]
)
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
