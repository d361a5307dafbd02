"""Random command lines, made from what Click knows of the parameters of each command."""

from __future__ import annotations

import random
import shlex
from collections.abc import Iterator, Sequence
from typing import Any

import click

from sgcli.cli.main import cli

# Commands that take long by design, and options that start processes or trainings.
WITHOUT = {"bench", "reproduce"}
WITHOUT_OPTIONS = {"--train", "--debug", "--thorough", "--processes", "--resume", "--tensorboard"}
# What keeps the rest short, in place of whatever else was said.
SHORT = {
    "train-toy": shlex.split(
        "--limit 40 --batch-size 10 --steps 1 --hidden 4 --time 3 --threads 1 --seeds 1 "
        "--evaluate-every 1"
    ),
    "gradcheck": ["--dtype", "float32", "--timeout", "20"],
    "flow": ["--depth", "2", "--units", "32", "--batch", "8", "--seeds", "1"],
    "bias fd": ["--seeds", "2"],
}
FIRST = 4  # of each pool, which a command is likely to take
NAMES = (
    "atan", "SoftSign", "rect,alpha=2", "mine.py:Mine",
    "sigmoid,alpha=1e300", "atan,alpha=-1", "erf,alpha=nan",
    "s2nn,beta=1e-300", "nosuch", "", "poisson_pass", "sso", "multi_gaussian,h=7", "atan,", ",",
    "mine.py", "mine.py:Nothing", "nowhere.py", "os:path", "soft_sign,alpha=1e-300",
    "squarewave_fourier_series,n=1.5", "dspike,b=1e9", "sgcli:plot", "binary.dat", "mine.py:Mine.x",
)  # fmt: skip
TEXTS = (
    "1", "1,2", "alpha=2", "1/(1+abs(x))**2",
    "five", "", "1e300", "nan", "-1", "k=", "=", "alpha=1,2", "x", "+x",
    "1/(1+alpha*abs(x))**2", "1/x", "exp(1e9)", "abs(x)**a", "__import__('os')", "x^2", "maximum(",
    "where(x > 0, 1, 0)", "9**9**9**9", "1/(abs(x)-alpha)", "name", "-accuracy", "é", "\x00",
    "x" * 300, "sqrt(x)", "heaviside(x)", "log(0)", "h*exp(-x*x)",
)  # fmt: skip
PATHS = (
    "a.png", "a.svg", "a.pdf", "a.csv", "a.json", "a.xyz", "folder", "nowhere/a.png", "", ".", "-",
    "mine.py", "binary.dat", "settings.toml", "a",
)  # fmt: skip
NUMBERS = (
    "0", "1", "2", "3", "7", "-1", "0.5", "1.5", "1e-300", "1e300", "1.7e308", "nan", "inf", "-inf",
    "x", "", "9" * 400, "1,2", "1e-9", "20", "100",
)  # fmt: skip
LIMITS = (
    "-1,1",
    "1,-1",
    "0,0",
    "1.7e308,1.79e308",
    "nan,1",
    "-inf,inf",
    "1",
    "",
    "-5,5",
    "1e-300,2e-300",
)


def commands() -> dict[str, click.Command]:
    """Every command by its words."""
    context = click.Context(cli)

    def below(command: click.Command, words: str) -> Iterator[tuple[str, click.Command]]:
        if isinstance(command, click.Group):
            for name in command.list_commands(context):
                found = command.get_command(context, name)
                assert found is not None
                yield from below(found, f"{words} {name}".strip())
        if words:
            yield words, command

    return {w: c for w, c in below(cli, "") if w.split()[0] not in WITHOUT}


def lines(count: int, seed: int) -> Iterator[list[str]]:
    """As many command lines, each of a command that is drawn."""
    draw = random.Random(seed)
    every = commands()
    for _ in range(count):
        words = draw.choice(list(every))
        line = words.split()
        parameters = every[words].params
        for parameter in parameters:
            if isinstance(parameter, click.Argument):
                line += _several(draw, parameter)
        options = [p for p in parameters if isinstance(p, click.Option) and not p.hidden]
        for option in draw.sample(options, min(len(options), draw.randrange(5))):
            line += _option(draw, option)
        yield line + SHORT.get(words, [])


def _several(draw: random.Random, argument: click.Argument) -> list[str]:
    count = draw.choice((1, 1, 1, 2, 0)) if argument.nargs == -1 else draw.choice((1, 1, 1, 0))
    return [_value(draw, argument.type) for _ in range(count)]


def _option(draw: random.Random, option: click.Option) -> list[str]:
    names = [*option.opts, *option.secondary_opts]
    name = draw.choice(names)
    if WITHOUT_OPTIONS & set(names):
        return []
    if option.is_flag or option.count:
        return [name]
    return [name, _value(draw, option.type)]


def _value(draw: random.Random, kind: Any) -> str:
    choices: Sequence[str] | None = getattr(kind, "choices", None) or getattr(kind, "words", None)
    if choices and draw.random() < 0.8:
        return str(draw.choice(list(choices)))
    pools = {
        "SurrogateName": NAMES, "CheckedName": NAMES, "StringParamType": TEXTS, "Path": PATHS,
        "Limits": LIMITS,
    }  # fmt: skip
    pool = pools.get(type(kind).__name__, NUMBERS)
    return draw.choice(pool[:FIRST] if draw.random() < 0.6 else pool)
