"""The modes of sg compare as data: the option that chooses each, and its defaults."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

from sgcli.cli.formats import Table
from sgcli.errors import SgError

if TYPE_CHECKING:
    from matplotlib.figure import Figure


@dataclass(frozen=True)
class Compared:
    """What a mode found: a table, what draws its figure for a style and a size, and a status."""

    table: Table
    draw: Callable[[str, float | None, float | None], Figure]
    status: int = 0


@dataclass(frozen=True)
class Mode:
    """A study of sg compare: ``comparing/<file>.py`` has its ``study(shapes, talk, **values)``.

    ``defaults`` has every option that the mode takes; one that is not there is an error.
    """

    file: str
    defaults: Mapping[str, Any]
    needs_names: bool = True

    def study(self, shapes: Sequence[Any], talk: Any, values: Mapping[str, Any]) -> Compared:
        module = import_module(f"sgcli.cli.comparing.{self.file}")
        found: Compared = module.study(shapes, talk, **values)
        return found


# By the option that chooses the mode; None is the mode of no such option.
MODES: dict[str | None, Mode] = {
    None: Mode("shape", {"xlim": None, "mu": 0.0, "cost": False, "figure": "curves"}),
    "depth": Mode(
        "flow",
        {
            "depth": None, "time": 1, "tau": 2.0, "neuron": "lif", "reset": "hard",
            "detach_reset": True,
            "mu": -0.5, "width": 512, "batch": 512, "seeds": 5, "normalise": True,
            "block": "none", "verdict": (1e-3, 1e3), "predict": False, "figure": "layers",
        },
    ),
    "from_run": Mode(
        "observed",
        {"from_run": None, "batch": 512, "verdict": (1e-3, 1e3), "figure": "layers"},
        needs_names=False,
    ),
    "loop": Mode(
        "loop",
        {
            "beta": 1e4, "beta_sg": (1.0, 5.0, 20.0), "radius": 1.8, "points": None,
            "directions": None,
        },
        needs_names=False,
    ),
    "bias": Mode(
        "bias",
        {
            "beta": 100.0, "beta_sg": (15.0, 30.0, 100.0), "weights": (0.05, 0.1, 1.0, -1.0),
            "sweep": (-0.2, 0.2), "points": 10_001,
        },
        needs_names=False,
    ),
    "escape": Mode("escape", {"samples": 1_000_000, "seed": 0}),
    "fd": Mode(
        "fd",
        {
            "epsilon": (0.01, 0.03, 0.1, 0.3, 1.0, 3.0), "width": 64, "batch": 256, "seeds": 5,
            "mu": -0.5,
        },
    ),
    "train": Mode(
        "train",
        {
            "layers": 20, "steps": 200, "width": 256, "batch": 128, "seeds": 3, "mu": -0.5,
            "optimizers": "sgd,adam", "out": Path("runs"), "figure": "factor",
        },
    ),
}  # fmt: skip


def chosen(given: Mapping[str, Any]) -> str | None:
    """The mode that the options name; raises :class:`SgError` for two of them."""
    named = [flag for flag in MODES if flag is not None and given[flag] not in (None, False)]
    if len(named) > 1:
        first, second = (name.replace("_", "-") for name in named[:2])
        raise SgError(f"--{first} and --{second} exclude one another", "one study a command")
    return named[0] if named else None


def spelt(flag: str) -> str:
    """As it is typed."""
    return f"--{flag.replace('_', '-')}"


def _place(flag: str | None) -> str:
    return "without a mode" if flag is None else f"with {spelt(flag)}"


def values(flag: str | None, given: Mapping[str, Any]) -> dict[str, Any]:
    """The mode's options: those given, defaults for the rest; an error for another mode's."""
    defaults = MODES[flag].defaults
    source = click.get_current_context().get_parameter_source
    for name, value in given.items():
        if name in defaults or name in MODES or value is None:
            continue
        if source(name) in (ParameterSource.COMMANDLINE, ParameterSource.ENVIRONMENT):
            places = [_place(f) for f, mode in MODES.items() if name in mode.defaults]
            option = name.replace("_", "-")
            raise SgError(
                f"--{option} means nothing {_place(flag)}", f"it goes {' or '.join(places)}"
            )
    return {k: default if given[k] is None else given[k] for k, default in defaults.items()}
