"""The help: groups, widths, texts, and what the choices are."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from os import terminal_size

import click
import pytest

from sgcli.cli.main import ALIASES, COMMANDS, SUMMARIES, cli
from sgcli.cli.options import Choice
from sgcli.cli.training import GROUPS as OF_TRAINING
from sgcli.training.settings import FIELDS
from tests.cli.run import sg

# What Click calls a value that nobody gave a name.
TYPES = re.compile(r"\b(INTEGER|FLOAT|TEXT|BOOLEAN|PATH|RANGE|CHOICE|DIRECTORY|FILENAME)\b")
HEADING = re.compile(r"^(\w[\w ]*):$", re.MULTILINE)


def every_command() -> Iterator[tuple[str, ...]]:
    ctx = click.Context(cli)
    for name in COMMANDS:
        yield (name,)
        found = cli.get_command(ctx, name)
        if isinstance(found, click.Group):
            yield from ((name, below) for below in found.list_commands(ctx))


def command(words: tuple[str, ...]) -> click.Command:
    found: click.Command = cli
    for word in words:
        assert isinstance(found, click.Group)
        below = found.get_command(click.Context(found), word)
        assert below is not None
        found = below
    return found


EVERY = list(every_command())
PARAMS = [
    pytest.param(words, param, id=" ".join([*words, str(param.name)]))
    for words in EVERY
    for param in command(words).params
]
CHOICES = [p for p in PARAMS if isinstance(p.values[1].type, click.Choice)]


@pytest.fixture
def columns(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> int:
    monkeypatch.setattr(shutil, "get_terminal_size", lambda *_: terminal_size((request.param, 24)))
    return int(request.param)


def sections(text: str) -> list[str]:
    return [title for title in HEADING.findall(text) if not title.startswith("Example")]


def test_the_commands_stand_in_their_groups(capsys):
    text = sg(capsys, "--help").out
    assert sections(text) == ["See", "Verify", "Choose", "Try", "More", "General"]
    below = text[text.index("See:") : text.index("General:")]
    assert re.findall(r"^  ([\w-]+)  ", below, re.MULTILINE) == list(COMMANDS)
    for alias in ALIASES:
        assert alias in text


@pytest.mark.parametrize("name", COMMANDS)
def test_the_summary_in_the_list_of_commands_is_that_of_the_command(name):
    command = cli.get_command(click.Context(cli), name)
    assert command.get_short_help_str(limit=200) == SUMMARIES[name]


@pytest.mark.parametrize("words", EVERY, ids=" ".join)
def test_general_options_come_last(capsys, words):
    text = sg(capsys, *words, "--help").out
    assert sections(text)[-1] == "General"
    general = text[text.index("\nGeneral:") :]
    assert re.findall(r"^  (-\w|--\w+)", general, re.MULTILINE)[-1] == "-h"
    options = set(re.findall(r"--([a-z]+)", general))
    assert options <= {"quiet", "verbose", "debug", "format", "help"}
    assert "--format [" not in text[: text.index("\nGeneral:")]


def test_the_groups_of_a_command_come_in_their_order(capsys):
    plot = ["Surrogates", "Curves", "Figure", "Output", "General"]
    assert sections(sg(capsys, "plot", "--help").out) == plot
    train = ["Task", "Network", "Surrogates", "Neurons", "Training", "Runs", "Output", "General"]
    assert sections(sg(capsys, "train-toy", "--help").out) == train


def test_every_setting_of_a_training_is_in_one_group():
    grouped = [key for keys in OF_TRAINING.values() for key in keys.split()]
    assert sorted([*grouped, "task", "surrogate"]) == sorted(FIELDS)


@pytest.mark.parametrize("columns", [80, 100, 120], indirect=True)
@pytest.mark.parametrize("words", [(), *EVERY], ids=lambda words: " ".join(words) or "sg")
def test_help_fits_the_terminal(capsys, columns, words):
    lines = sg(capsys, *words, "--help").out.splitlines()
    assert max(map(len, lines)) <= min(columns, 100)


@pytest.mark.parametrize("words", EVERY, ids=" ".join)
def test_values_and_ranges_are_told_in_words(capsys, words):
    text = sg(capsys, *words, "--help").out
    for name in re.findall(r"^  +(-.*?)(?:  |$)", text, re.MULTILINE):
        assert not TYPES.search(name)
    assert 'default: ""' not in text
    assert not re.search(r"[<>]=?x|x[<>]", text)


@pytest.mark.parametrize(("words", "param"), PARAMS)
def test_every_option_has_a_text_that_is_a_sentence(words, param):
    text = param.text if isinstance(param, click.Argument) else param.help
    assert text[0].isupper()
    assert text.endswith(".")


@pytest.mark.parametrize(("words", "param"), CHOICES)
def test_the_help_names_every_choice(capsys, words, param):
    text = param.text if isinstance(param, click.Argument) else f"{param.metavar} {param.help}"
    if param.metavar:
        assert set(param.type.choices) <= set(re.findall(r"[\w-]+", text))


@pytest.mark.parametrize(("words", "param"), CHOICES)
def test_every_choice_tells_the_word_that_was_meant(words, param):
    assert isinstance(param.type, Choice)
    for word in param.type.choices:
        with pytest.raises(click.BadParameter, match=r"Did you mean .+\?"):
            param.type.convert(f"{word}x", param, None)


def test_help_is_a_word_too(capsys):
    assert sg(capsys, "help") == sg(capsys, "--help")
    assert sg(capsys, "help", "plot") == sg(capsys, "plot", "--help")
    assert sg(capsys, "help", "grad-check") == sg(capsys, "grad-check", "--help")
    assert sg(capsys, "help", "runs", "show") == sg(capsys, "runs", "show", "--help")
    done = sg(capsys, "help", "plott")
    assert done.status == 2
    assert "plot" in done.err
