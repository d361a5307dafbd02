"""The options that commands share, and the groups in which the help shows them."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from click.shell_completion import CompletionItem

from sgcli.cli.console import Talk
from sgcli.cli.formats import FORMATS, options_of_tables
from sgcli.cli.help import Argument, Command, help_text
from sgcli.cli.names import ParamType, SurrogateName
from sgcli.definitions import load
from sgcli.definitions.formulas import PREFIX
from sgcli.errors import SgError, did_you_mean

Decorator = Callable[[Callable[..., Any]], Callable[..., Any]]

if TYPE_CHECKING:
    WordType = click.Choice[str]
else:
    WordType = click.Choice  # generic since Click 8.5 only


class Choice(WordType):
    """One of a few words; an error names the one that was probably meant."""

    def convert(self, value: Any, param: Any, ctx: Any) -> str:
        try:
            return super().convert(value, param, ctx)
        except click.BadParameter as error:
            meant = did_you_mean(str(value), self.choices).replace("did", "Did", 1)
            self.fail(f"{error.message} {meant}".rstrip(), param, ctx)


class Choices(Choice):
    """Some of a few words, ``WORD[,WORD…]``; they come in the order of the choices, each once."""

    def convert(self, value: Any, param: Any, ctx: Any) -> Any:
        words = value.split(",") if isinstance(value, str) else value
        chosen = {super(Choices, self).convert(word, param, ctx) for word in words}
        return tuple(word for word in self.choices if word in chosen)

    def shell_complete(self, ctx: Any, param: Any, incomplete: str) -> list[CompletionItem]:
        before, comma, word = incomplete.rpartition(",")
        return [
            CompletionItem(before + comma + item.value)
            for item in super().shell_complete(ctx, param, word)
        ]


class Numbers(ParamType):
    """``X,X…``: finite numbers, as many as allowed."""

    name = "numbers"

    def __init__(self, least: int = 1, most: int | None = None) -> None:
        self.least, self.most = least, most

    def convert(self, value: Any, param: Any, ctx: Any) -> Any:
        parts = value if isinstance(value, (tuple, list)) else str(value).split(",")
        try:
            numbers = tuple(map(float, parts))
        except (TypeError, ValueError):
            self.fail(f"'{value}' is not numbers with commas between them.", param, ctx)
        if not all(map(math.isfinite, numbers)):
            self.fail(f"'{value}' has a number that is not finite.", param, ctx)
        if len(numbers) < self.least or (self.most is not None and len(numbers) > self.most):
            wanted = f"{self.least}" if self.least == self.most else f"at least {self.least}"
            self.fail(f"'{value}' has {len(numbers)} numbers, not {wanted}.", param, ctx)
        return numbers


def _bound(number: float | None) -> str:
    if number is None:
        return ""
    return f"{number:,}" if isinstance(number, int) else f"{number:g}"


def _range_in_words(kind: click.IntRange | click.FloatRange) -> str:
    """``1 to 100``, ``0 or more``, ``above 0``, ``between 0 and 1``; empty for no bounds."""
    low, high = _bound(kind.min), _bound(kind.max)
    if low and high and kind.min_open == kind.max_open:
        return f"between {low} and {high}" if kind.min_open else f"{low} to {high}"
    words = []
    if low:
        words.append(f"above {low}" if kind.min_open else f"{low} or more")
    if high:
        words.append(f"below {high}" if kind.max_open else f"up to {high}")
    return ", ".join(words)


class Count(click.IntRange):
    """A range of integers, which help and errors describe in words."""

    name = "n"
    _describe_range = _range_in_words


class Finite(click.FloatRange):
    """A range of floats that nan is not in: it compares as neither too small nor too large."""

    name = "x"
    _describe_range = _range_in_words

    def convert(self, value: Any, param: Any, ctx: Any) -> Any:
        number = super().convert(value, param, ctx)
        if number is not None and not math.isfinite(number):
            allowed = self._describe_range() or "of finite numbers"
            self.fail(f"{number} is not in the range {allowed}.", param, ctx)
        return number


SURROGATES, OUTPUT = "Surrogates", "Output"


def group(title: str, *options: Decorator) -> Decorator:
    """Options that stand together under a title in the help of a command."""

    def decorate(function: Callable[..., Any]) -> Callable[..., Any]:
        before = len(getattr(function, "__click_params__", ()))
        for option in reversed(options):
            function = option(function)
        params: list[Any] = getattr(function, "__click_params__", [])
        for param in params[before:]:
            param.group = title
        return function

    return decorate


def argument(name: str, metavar: str, text: str, **kwargs: Any) -> Decorator:
    """An argument with a text for the help."""
    return click.argument(name, cls=Argument, metavar=metavar, text=text, **kwargs)


TALK = (
    click.option("-q", "--quiet", count=True, show_default=False,
                 help="Print data and errors only."),
    click.option("-v", "--verbose", count=True, show_default=False, help="Print more."),
    click.option("--debug", is_flag=True, help="Show the traceback of an error."),
)  # fmt: skip


def command(name: str, **kwargs: Any) -> Callable[[Callable[..., Any]], click.Command]:
    """A command with -q, -v and --debug; it gets ``talk`` and returns its exit status or None."""

    def decorate(function: Callable[..., Any]) -> click.Command:
        @functools.wraps(function)
        def run(quiet: int, verbose: int, debug: bool, **options: Any) -> Any:
            return function(talk=Talk(verbose - quiet), **options)

        # Click's mark for lines to be kept as they are; the docstrings are raw.
        run.__doc__ = help_text(function.__doc__)
        full: Any = run
        for option in reversed(TALK):
            full = option(full)
        settings = {"help_option_names": ["-h", "--help"], "show_default": True}
        kind: type[click.Command] = kwargs.pop("cls", Command)
        decorated = click.command(name, cls=kind, context_settings=settings, **kwargs)
        made: click.Command = decorated(full)
        return made

    return decorate


def format_option(*formats: str) -> Decorator:
    """``--format``; the first is the default."""
    choices = formats or FORMATS
    return click.option(
        "--format", type=Choice(choices), default=choices[0], help="Format of the result on stdout."
    )


def table_options() -> Decorator:
    """``--format``, and which columns of the table to show and whether to explain them."""

    def columns(ctx: click.Context, param: click.Parameter, value: str | None) -> None:
        if value:
            options_of_tables().columns = [word.strip() for word in value.split(",")]

    def explain(ctx: click.Context, param: click.Parameter, value: bool) -> None:
        options_of_tables().explain = value

    shown = group(
        OUTPUT,
        click.option("--columns", metavar="NAME[,NAME…]", callback=columns, expose_value=False,
                     help="Columns to show, in that order, by their keys in JSON or headings."),
        click.option("--explain", is_flag=True, callback=explain, expose_value=False,
                     help="Say below the table what each column means."),
    )  # fmt: skip
    return lambda function: shown(format_option()(function))


def sort_option() -> Decorator:
    """``--sort``: by which column a table is ordered."""
    text = "Sort the rows by a column; -COLUMN sorts from large to small."
    return group(OUTPUT, click.option("--sort", metavar="COLUMN", help=text))


def out_option(help: str, default: str | None = "runs") -> Decorator:
    """``--out``: where the folders of trainings are."""
    folder = click.Path(path_type=Path)
    return click.option("--out", type=folder, metavar="FOLDER", default=default, help=help)


def timeout_option(help: str = "Time limit, in seconds, for loading your file.") -> Decorator:
    """``--timeout``: read before the names, whose files it is for."""
    seconds = Finite(0, 86400, min_open=True)
    return group(SURROGATES, click.option("--timeout", type=seconds, default=30.0, is_eager=True,
                                          metavar="SECONDS", help=help))  # fmt: skip


def surrogates(required: bool = True) -> Decorator:
    """``NAME… --formula --alpha -p --timeout``: the command gets ``shapes``.

    They are every name times every value; names read the timeout as they are converted.
    """

    def decorate(function: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(function)
        def run(
            names: Any,
            formula: Sequence[str],
            alpha: str | None,
            param: Sequence[str],
            timeout: float,
            **options: Any,
        ) -> Any:
            if required and not names and not formula:
                raise click.MissingParameter(param_hint="'NAME...'", param_type="argument")
            named = [entry for group in names for entry in group] + formulas(formula)
            return function(shapes=load.expand(named, value_lists(alpha, param)), **options)

        text = "Surrogates such as soft-sign,alpha=3, a family, all, or FILE.py with your own."
        kind = SurrogateName(many=True)
        named = argument("names", "NAME...", text, nargs=-1, required=False, type=kind)
        options = (named, formula_option, parameter_options, timeout_option())
        return group(SURROGATES, *options)(run)

    return decorate


# Values of shape parameters for all surrogates, see :func:`value_lists`; surrogates by gradients.
parameter_options = group(
    SURROGATES,
    click.option("--alpha", metavar="VALUE[,VALUE…]",
                 help="Value of alpha for all surrogates. Several values give several surrogates."),
    click.option("-p", "--param", multiple=True, metavar="NAME=VALUE[,VALUE…]",
                 help="Like --alpha, for any parameter by name; repeatable."),
)  # fmt: skip
formula_option = group(
    SURROGATES,
    click.option("--formula", multiple=True, metavar="EXPRESSION",
                 help="Surrogate whose gradient is this expression in x; repeatable."),
)  # fmt: skip


def formulas(texts: Sequence[str]) -> list[Any]:
    """What ``--formula`` names."""
    return [load.parse(PREFIX + text.removeprefix(PREFIX)) for text in texts]


def value_lists(alpha: str | list[Any] | None, params: Sequence[str]) -> dict[str, list[str]]:
    """The values given by ``--alpha`` and ``-p``, by parameter."""
    # A list in sg.toml arrives as one.
    values = ",".join(map(str, alpha)) if isinstance(alpha, list) else str(alpha)
    lists = {"alpha": values.split(",")} if alpha is not None else {}
    for text in params:
        key, equals, several = text.partition("=")
        if not equals or not several:
            raise click.BadParameter(f"'{text}' is not NAME=VALUE", param_hint="-p")
        if "=" in several:
            each = " ".join(f"-p {word}" for word in text.split(","))
            raise SgError(f"-p {text} sets more than one parameter", f"one each, as in {each}")
        lists[key.strip()] = several.split(",")
    return lists


def output_option(help: str, multiple: bool = True) -> Decorator:
    """``-o``: the file to write, ``-`` for stdout."""
    file = click.Path(path_type=Path, allow_dash=True)
    return click.option("-o", "--output", multiple=multiple, type=file, metavar="FILE", help=help)
