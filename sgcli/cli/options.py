"""The options that commands share, and the one way in which surrogates are named."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from click.shell_completion import CompletionItem

from sgcli.cli.console import Talk
from sgcli.cli.formats import FORMATS
from sgcli.cli.old import refuse_option, refuse_variables
from sgcli.errors import did_you_mean

Decorator = Callable[[Callable[..., Any]], Callable[..., Any]]

if TYPE_CHECKING:
    ParamType = click.ParamType[Any]
    WordType = click.Choice[str]
else:
    ParamType = click.ParamType  # generic since Click 8.5 only
    WordType = click.Choice


class SurrogateName(ParamType):
    """``NAME[,PARAM=VALUE…]`` in any spelling, a user's file, a family or ``all``; completes it."""

    name = "surrogate"

    def __init__(self, many: bool) -> None:
        self.many = many

    def convert(self, value: Any, param: Any, ctx: Any) -> Any:
        from sgcli.definitions import load, user

        timeout = ctx.params.get("timeout", user.TIMEOUT) if ctx else user.TIMEOUT
        return (load.choose if self.many else load.parse)(value, timeout)

    def shell_complete(self, ctx: Any, param: Any, incomplete: str) -> list[CompletionItem]:
        from sgcli.definitions import load

        head, comma, _ = incomplete.rpartition(",")
        if not comma:
            words = [(d.name, d.summary()) for d in load.everything()]
            words += [("all", "every surrogate")] if self.many else []
            words += _python_files(incomplete)
        else:
            params = load.find(head.split(",")[0]).params.values()
            words = [(f"{head},{p.name}=", f"{p.doc}, in {p.domain_text}") for p in params]
        return [CompletionItem(w, help=text) for w, text in words if w.startswith(incomplete)]


def _python_files(incomplete: str) -> list[tuple[str, str]]:
    """Python files and, on the way to them, folders that continue what was typed."""
    folder, slash, _ = incomplete.rpartition("/")
    found = sorted(Path(folder + slash or ".").glob("[!.]*"))
    files = [
        (f"{folder}{slash}{p.name}", "your own surrogates") for p in found if p.suffix == ".py"
    ]
    return files + [(f"{folder}{slash}{p.name}/", "folder") for p in found if slash and p.is_dir()]


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
        given = {super(Choices, self).convert(word, param, ctx) for word in words}
        return tuple(word for word in self.choices if word in given)

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


class Finite(click.FloatRange):
    """A range of floats that nan is not in: it compares as neither too small nor too large."""

    def _describe_range(self) -> str:
        bounded = self.min is not None or self.max is not None
        return super()._describe_range() if bounded else "of finite numbers"

    def convert(self, value: Any, param: Any, ctx: Any) -> Any:
        number = super().convert(value, param, ctx)
        if number is not None and not math.isfinite(number):
            self.fail(f"{number} is not in the range {self._describe_range()}.", param, ctx)
        return number


def timeout_option(help: str = "How long a file of yours may take to load.") -> Decorator:
    """``--timeout``: read before the names, whose files it is for."""
    return click.option(
        "--timeout",
        type=Finite(0, 86400, min_open=True),
        default=30.0,
        is_eager=True,
        metavar="SECONDS",
        help=help,
    )


class CheckedName(SurrogateName):
    """As a surrogate, or an object that only a check can take: left as text."""

    def convert(self, value: Any, param: Any, ctx: Any) -> Any:
        return value


GENERAL = "General"


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


class Command(click.Command):
    """A command whose help shows its options in the groups of :func:`group`, general ones last."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Refuse what the command had once with what stands for it now."""
        name = self.name or ""
        try:
            rest = super().parse_args(ctx, args)
        except click.NoSuchOption as error:
            refuse_option(name, error.option_name)
            raise
        refuse_variables(name)
        return rest

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write one section a group, in the order in which the groups are declared."""
        sections: dict[str, list[tuple[str, str]]] = {}
        for param in self.get_params(ctx):
            record = param.get_help_record(ctx)
            if record is not None:
                sections.setdefault(getattr(param, "group", GENERAL), []).append(record)
        for title in sorted(sections, key=GENERAL.__eq__):
            with formatter.section(title):
                formatter.write_dl(sections[title])


def help_text(docstring: str | None) -> str:
    """A raw docstring as Click wants it, whose mark for kept lines is a control character."""
    return (docstring or "").replace("\\b\n", "\b\n")


def command(name: str, **kwargs: Any) -> Callable[[Callable[..., Any]], click.Command]:
    """A command with -q, -v and --debug; it gets ``talk`` and returns its exit status or None."""

    def decorate(function: Callable[..., Any]) -> click.Command:
        @functools.wraps(function)
        def run(quiet: int, verbose: int, debug: bool, **given: Any) -> Any:
            return function(talk=Talk(verbose - quiet), **given)

        # Click's mark for lines to be kept as they are; the docstrings are raw.
        run.__doc__ = help_text(function.__doc__)
        full: Any = run
        full = click.option("--debug", is_flag=True, help="Show the traceback of an error.")(full)
        full = click.option("-v", "--verbose", count=True, show_default=False, help="Say more.")(
            full
        )
        full = click.option(
            "-q", "--quiet", count=True, show_default=False, help="Data and errors only."
        )(full)
        settings = {"help_option_names": ["-h", "--help"], "show_default": True}
        kind: type[click.Command] = kwargs.pop("cls", Command)
        made: click.Command = click.command(name, cls=kind, context_settings=settings, **kwargs)(
            full
        )
        return made

    return decorate


def format_option(*formats: str) -> Decorator:
    """``--format``; the first is the default."""
    choices = formats or FORMATS
    return click.option(
        "--format", type=Choice(choices), default=choices[0], help="How to write the result."
    )


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
            **given: Any,
        ) -> Any:
            from sgcli.definitions import load

            if required and not names and not formula:
                raise click.MissingParameter(param_hint="'NAME...'", param_type="argument")
            named = [entry for group in names for entry in group] + formulas(formula)
            return function(shapes=load.expand(named, value_lists(alpha, param)), **given)

        return click.argument(
            "names", nargs=-1, required=False, type=SurrogateName(many=True), metavar="NAME..."
        )(formula_option(parameter_options(timeout_option()(run))))

    return decorate


def parameter_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """``--alpha -p``: values of shape parameters for all surrogates, see :func:`value_lists`."""
    function = click.option(
        "-p",
        "--param",
        multiple=True,
        metavar="NAME=VALUE[,VALUE…]",
        help="A shape parameter of all surrogates; repeatable.",
    )(function)
    return click.option(
        "--alpha", metavar="VALUE[,VALUE…]", help="Short for -p alpha=…; several give one each."
    )(function)


def formula_option(function: Callable[..., Any]) -> Callable[..., Any]:
    return click.option(
        "--formula",
        multiple=True,
        metavar="EXPRESSION",
        help="A surrogate by the formula of its gradient in x; repeatable.",
    )(function)


def formulas(texts: Sequence[str]) -> list[Any]:
    """What ``--formula`` names."""
    from sgcli.definitions import load
    from sgcli.definitions.formulas import PREFIX

    return [load.parse(PREFIX + text.removeprefix(PREFIX)) for text in texts]


def value_lists(alpha: str | list[Any] | None, params: Sequence[str]) -> dict[str, list[str]]:
    """The values given by ``--alpha`` and ``-p``, by parameter."""
    # A list in sg.toml arrives as one.
    given = ",".join(map(str, alpha)) if isinstance(alpha, list) else str(alpha)
    lists = {"alpha": given.split(",")} if alpha is not None else {}
    for text in params:
        key, equals, values = text.partition("=")
        if not equals or not values:
            raise click.BadParameter(f"'{text}' is not NAME=VALUE", param_hint="-p")
        lists[key.strip()] = values.split(",")
    return lists


def output_option(help: str, multiple: bool = True) -> Decorator:
    """``-o``: the file to write, ``-`` for stdout."""
    return click.option(
        "-o",
        "--output",
        multiple=multiple,
        type=click.Path(path_type=Path, allow_dash=True),
        help=help,
    )
