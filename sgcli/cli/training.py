"""The options of a training, made from its settings, and the file that ``--config`` gives."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import click
from click.core import ParameterSource

from sgcli import config
from sgcli.cli.help import check_presets
from sgcli.cli.names import ParamType, SurrogateName
from sgcli.cli.options import Choice, Decorator, formula_option, formulas, group, parameter_options
from sgcli.definitions import Shape, load
from sgcli.definitions.load import Named
from sgcli.training import setting_types
from sgcli.training.protocols import names
from sgcli.training.setting_types import Counts, Flag, Kind, Number, Stages
from sgcli.training.settings import (
    FIELDS,
    Settings,
    check_applies,
    checked,
    defaults,
    of_a_run,
    settings_in,
)

# What a file may set besides the settings of a training.
OTHERS = frozenset({"alpha", "param", "formula", "seeds", "out", "format", "tensorboard"})
METAVARS = {"data_dir": "FOLDER", "device": "DEVICE"}


class SettingType(ParamType):
    """A value of the kind that a setting has."""

    def __init__(self, key: str, kind: Kind) -> None:
        self.name = key
        self.kind = kind

    def convert(self, value: Any, param: Any, ctx: Any) -> Any:
        read = self.kind.parse if isinstance(value, str) else self.kind.check
        return read(self.name, value)


# The settings by their groups in the help.
GROUPS = {
    "Task": "data_dir spectrum time encoder pixel_mean pixel_sd softplus augment limit evaluate",
    "Network": "hidden vote bias init init_scale normalise mu readout tau_readout",
    "Neurons": "neuron tau tau_syn recurrent decay_input v_threshold fire_above reset detach_reset",
    "Training": "seed epochs steps evaluate_at evaluate_every loss activity_penalty activity_floor "
    "activity_ceiling optimizer lr schedule batch_size drop_last device amp threads",
}


def setting_options(title: str, *others: Decorator) -> Decorator:
    """A group of settings: an option for each, below other options."""
    return group(title, *others, *map(_option, GROUPS[title].split()))


surrogate_options = group(
    "Surrogates",
    click.option("--surrogate", multiple=True, type=SurrogateName(many=True),
                 default=[defaults("mnist")["surrogate"].text()],
                 metavar="NAME[,PARAM=VALUE…]",
                 help="Surrogate of every neuron; repeatable, with a training for each."),
    formula_option,
    parameter_options,
)  # fmt: skip


# Click's own order is another one in each release.
STRONGEST: list[Any] = [
    ParameterSource.COMMANDLINE,
    ParameterSource.ENVIRONMENT,
    ParameterSource.DEFAULT_MAP,
    ParameterSource.DEFAULT,
]


def chosen(
    task: str, surrogate: Sequence[Any], formula: Sequence[str], lists: Mapping[str, Sequence[str]]
) -> list[Shape]:
    """The shapes of ``--surrogate`` and ``--formula``: of both, or of the one of stronger source.

    A parameter in ``lists`` replaces the value of a surrogate of a weaker source, such as that of a
    protocol. Beside a name of the same source it stands for what the name leaves open.
    """
    named = [name for group in surrogate for name in group]
    if _strength("surrogate") == STRONGEST.index(ParameterSource.DEFAULT):
        shape = defaults(task)["surrogate"]
        named = [Named(shape.definition, tuple(shape.params.items()))]
    if min(map(_strength, ("alpha", "param"))) < _strength("surrogate"):
        named = [
            Named(n.definition, tuple((k, v) for k, v in n.parameters if k not in lists))
            for n in named
        ]
    if formula:
        of_names, of_formulas = map(_strength, ("surrogate", "formula"))
        named = (named if of_names <= of_formulas else []) + (
            formulas(formula) if of_formulas <= of_names else []
        )
    return load.expand(named, lists)


def _strength(option: str) -> int:
    """The place of an option's source in ``STRONGEST``: 0 for one that was typed."""
    source = click.get_current_context().get_parameter_source(option)
    return STRONGEST.index(source or ParameterSource.DEFAULT)


def set_by_someone(values: dict[str, Any]) -> dict[str, Any]:
    """Settings that are not the built-in ones: what is left has the defaults of the task."""
    source = click.get_current_context().get_parameter_source
    return {k: v for k, v in values.items() if source(k) is not ParameterSource.DEFAULT}


def check_typed(settings: Settings) -> None:
    """:class:`SgError` for an option that was typed and changes nothing."""
    source = click.get_current_context().get_parameter_source
    typed = [key for key in FIELDS if source(key) is ParameterSource.COMMANDLINE]
    check_applies(settings, typed)


def _option(key: str) -> Decorator:
    kind: Kind = FIELDS[key].metadata["kind"]
    help = FIELDS[key].metadata["help"]
    option, default = f"--{key.replace('_', '-')}", defaults("mnist")[key]
    if isinstance(kind, Flag):
        return click.option(f"{option}/--no-{option[2:]}", default=default, help=help)
    if isinstance(kind, setting_types.OneOf):
        # The help of those with many words tells what each of them means.
        metavar = "NAME" if len(kind.words) > 2 else None
        words = Choice(kind.words)
        return click.option(option, type=words, default=default, metavar=metavar, help=help)
    shown = ",".join(map(str, default)) if isinstance(default, tuple) else default
    return click.option(
        option,
        type=SettingType(key, kind),
        default=shown,
        show_default=shown != "",
        metavar=METAVARS.get(key) or _metavar(kind),
        help=help,
    )


def _metavar(kind: Kind) -> str:
    if isinstance(kind, (Stages, Counts)):
        return "N[,N…]"
    return "N" if isinstance(kind, Number) and kind.integer else "X"


def _preset(ctx: click.Context, param: click.Parameter, value: Any) -> None:
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
        values = of_a_run(config.underscored(config.read_toml(value)))
        layers["file"] = _checked(values, str(value))
    ctx.default_map = {
        key: value
        for layer in ("protocol of sg.toml", "sg.toml", "protocol", "file")
        for key, value in layers.get(layer, {}).items()
    }
    check_presets(ctx, "the file or the protocol")


# Below options and environment, above sg.toml.
PRESET: dict[str, Any] = {"is_eager": True, "expose_value": False, "callback": _preset}
config_options = (
    click.option("--protocol", type=Choice(names()), metavar="NAME", **PRESET,
                 help=f"Start from the settings of a published training: {', '.join(names())}."),
    click.option("--config", "config_file", metavar="FILE", **PRESET,
                 type=click.Path(path_type=Path, exists=True, dir_okay=False),
                 help="Start from the settings in a TOML file, such as config.toml of a run."),
)  # fmt: skip


def _checked(values: dict[str, Any], origin: str) -> dict[str, Any]:
    settings = checked(values, origin, others=OTHERS, several=True)
    if named := values.get("surrogate"):
        # As written: a parameter that is not named there is left to alpha and param.
        texts = named if isinstance(named, list) else [named]
        settings["surrogate"] = [t if isinstance(t, str) else t.text() for t in texts]
    if isinstance(settings.get("alpha"), list):
        settings["alpha"] = ",".join(map(str, settings["alpha"]))
    return settings
