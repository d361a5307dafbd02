"""The options of a training, made from its settings, and the file that ``--config`` gives."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import click
from click.core import ParameterSource

from sgcli import config
from sgcli.cli.options import (
    Choice,
    ParamType,
    SurrogateName,
    formula_option,
    formulas,
    parameter_options,
)
from sgcli.training import kinds
from sgcli.training.kinds import Counts, Flag, Kind, Number, Stages
from sgcli.training.protocols import names
from sgcli.training.settings import FIELDS, Settings, check_acts, checked, defaults, settings_in

# What a file may set besides the settings of a training.
OTHERS = frozenset({"alpha", "param", "formula", "seeds", "out", "format", "tensorboard"})
METAVARS: dict[type, str] = {Number: "X", Stages: "N[,N…]", Counts: "N[,N…]"}


class Setting(ParamType):
    """A value of the kind that a setting has."""

    def __init__(self, key: str, kind: Kind) -> None:
        self.name = key
        self.kind = kind

    def convert(self, value: Any, param: Any, ctx: Any) -> Any:
        read = self.kind.parse if isinstance(value, str) else self.kind.check
        return read(self.name, value)


def setting_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """An option for every setting but the task, with ``--alpha`` and ``-p`` for the surrogates."""
    for key, field in reversed(FIELDS.items()):
        if key not in ("task", "surrogate"):
            function = _option(key, field.metadata["kind"], field.metadata["help"])(function)
    function = formula_option(function)
    function = parameter_options(function)
    return click.option(
        "--surrogate",
        multiple=True,
        type=SurrogateName(many=True),
        default=[defaults("mnist")["surrogate"]],
        metavar="NAME[,PARAM=VALUE…]",
        help="The surrogate of every neuron; repeatable, a run for each.",
    )(function)


def chosen(task: str, surrogate: Sequence[Any], formula: Sequence[str]) -> list[Any]:
    """What ``--surrogate`` and ``--formula`` name: both, or the one of the stronger source."""
    source = click.get_current_context().get_parameter_source
    named = [name for group in surrogate for name in group]
    if source("surrogate") is ParameterSource.DEFAULT:
        named = SurrogateName(many=True).convert(defaults(task)["surrogate"], None, None)
    if not formula:
        return named
    strongest: list[Any] = list(ParameterSource)
    of_names, of_formulas = (strongest.index(source(k)) for k in ("surrogate", "formula"))
    return (named if of_names <= of_formulas else []) + (
        formulas(formula) if of_formulas <= of_names else []
    )


def set_by_someone(values: dict[str, Any]) -> dict[str, Any]:
    """Settings that are not the built-in ones: what is left has the defaults of the task."""
    source = click.get_current_context().get_parameter_source
    return {k: v for k, v in values.items() if source(k) is not ParameterSource.DEFAULT}


def check_typed(settings: Settings) -> None:
    """:class:`SgError` for an option that was typed and changes nothing."""
    source = click.get_current_context().get_parameter_source
    typed = [key for key in FIELDS if source(key) is ParameterSource.COMMANDLINE]
    check_acts(settings, typed)


def _option(key: str, kind: Kind, help: str) -> Callable[..., Any]:
    option, default = f"--{key.replace('_', '-')}", defaults("mnist")[key]
    if isinstance(kind, Flag):
        return click.option(f"{option}/--no-{option[2:]}", default=default, help=help)
    if isinstance(kind, kinds.Choice):
        return click.option(option, type=Choice(kind.words), default=default, help=help)
    shown = ",".join(map(str, default)) if isinstance(default, tuple) else default
    metavar = "N" if isinstance(kind, Number) and kind.integer else METAVARS.get(type(kind), "NAME")
    return click.option(option, type=Setting(key, kind), default=shown, metavar=metavar, help=help)


def config_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """``--protocol NAME`` and ``--config FILE``: below options and environment, above sg.toml."""
    function = click.option(
        "--config",
        "config_file",
        type=click.Path(path_type=Path, exists=True, dir_okay=False),
        is_eager=True,
        expose_value=False,
        callback=_configure,
        help="Settings from a TOML file, such as config.toml of a run.",
    )(function)
    return click.option(
        "--protocol",
        type=Choice(names()),
        is_eager=True,
        expose_value=False,
        callback=_configure,
        help="The settings of a published training; --config and options have the last word.",
    )(function)


def _configure(ctx: click.Context, param: click.Parameter, value: Any) -> None:
    """Put the values of protocol and file over those of sg.toml, all of a file checked at once."""
    layers: dict[str, dict[str, Any]] = ctx.meta.setdefault(__name__, {})
    if not layers:
        # Both options are read before all others, and so only once each.
        values = {k: v for k, v in (ctx.default_map or {}).items() if k != "config_file"}
        protocol = {k: values.pop(k) for k in ("protocol",) if k in values}
        layers["sg.toml"] = _checked(values, "[train-toy] in sg.toml or pyproject.toml") | protocol
    if value is not None and param.name == "protocol":
        named_in_sg_toml = ctx.get_parameter_source("protocol") is ParameterSource.DEFAULT_MAP
        place = "protocol of sg.toml" if named_in_sg_toml else "protocol"
        layers[place] = _checked(settings_in(value), value)
    elif value is not None:
        layers["file"] = _checked(config.underscored(config.read_toml(value)), str(value))
    ctx.default_map = {
        key: value
        for layer in ("protocol of sg.toml", "sg.toml", "protocol", "file")
        for key, value in layers.get(layer, {}).items()
    }


def _checked(values: dict[str, Any], origin: str) -> dict[str, Any]:
    found = checked(values, origin, others=OTHERS, several=True)
    if isinstance(found.get("surrogate"), str):
        found["surrogate"] = [found["surrogate"]]
    if isinstance(found.get("alpha"), list):
        found["alpha"] = ",".join(map(str, found["alpha"]))
    return found
