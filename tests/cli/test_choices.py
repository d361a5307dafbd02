"""A word that is none of the choices is refused with the one that was probably meant."""

from __future__ import annotations

import pytest

from sgcli.cli.options import Choices
from tests.cli.run import sg


@pytest.mark.parametrize(
    ("args", "meant"),
    [
        (["train-toy", "minst"], "mnist"),
        (["train-toy", "mnist", "--reset", "hrad"], "hard"),
        (["train-toy", "mnist", "--protocol", "spytorch1"], "spytorch-1"),
        (["plot", "atan", "--style", "papper"], "paper"),
        (["plot", "atan", "--curves", "gradient,primitve"], "primitive"),
        (["list", "--format", "jsn"], "json"),
        (["reproduce", "spytroch-1"], "spytorch-1"),
        (["completion", "bsh"], "bash"),
    ],
)
def test_the_word_that_was_meant(capsys, args, meant):
    done = sg(capsys, *args)
    assert done.status == 2
    assert f"Did you mean {meant}?" in done.err


def test_what_is_like_no_choice_is_told_the_choices_only(capsys):
    done = sg(capsys, "list", "--format", "xyz")
    assert done.status == 2
    assert "'json'" in done.err
    assert "Did you mean" not in done.err


def test_several_words_come_in_the_order_of_the_choices():
    kind = Choices(["one", "two", "three"])
    assert kind.convert("three,one,three", None, None) == ("one", "three")
    assert kind.convert(["two"], None, None) == ("two",)
    completed = kind.shell_complete(None, None, "three,t")
    assert [item.value for item in completed] == ["three,two", "three,three"]


@pytest.mark.parametrize(
    ("args", "says"),
    [
        (["plot", "sigmoid", "--alpha", "five"], "alpha = 'five' is not a number"),
        (["plot", "leaky_k_relu", "-p", "leak=0.2,k=1"], "as in -p leak=0.2 -p k=1"),
        (["plot", "--formula", "1/(1+x^2)"], "powers are **, as in x**2"),
        (["show", "sigmoid", "--code", "snntorch", "--format", "json"], "leave out --format"),
    ],
)
def test_an_error_says_what_to_write_instead(capsys, args, says):
    done = sg(capsys, *args)
    assert done.status == 2
    assert says in done.err


def test_a_value_that_stands_with_a_name_wins(capsys):
    done = sg(capsys, "compare", "sigmoid,alpha=4", "atan", "--alpha", "2", "--format", "csv")
    assert [line.split(",")[1] for line in done.out.splitlines()[1:]] == ["alpha=4", "alpha=2"]
