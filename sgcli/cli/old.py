"""Options that commands had once, and what stands for each today."""

from __future__ import annotations

import os

from sgcli.errors import SgError

# Options that sg compare had once, by the commands that have them under the same names.
MOVED = {
    "sg flow": "depth normalise batch seeds block predict train",
    "sg flow --time T": "tau neuron reset detach_reset",
    "sg flow --train": "steps optimizers out",
    "sg bias loop": "beta beta_sg radius points directions",
    "sg bias sign": "weights sweep",
    "sg bias escape": "samples seed",
    "sg bias fd": "epsilon",
}
HERRANZ = "method alpha_decay n_rec rec_var threshold n_in in_var bounds"

# By command and by the name that a settings file gives the option: with underscores, without "no-".
OLD = {
    ("train-toy", "strict"): "--fire-above",
    ("flow", "verdict"): "--bounds",
    ("compare", "verdict"): "sg flow --bounds",
    ("compare", "figure_width"): "--width",
    ("compare", "figure_height"): "--height",
    ("compare", "from_run"): "sg flow --run",
    ("compare", "layers"): "sg flow --train --depth",
    ("compare", "time"): "sg flow --time",
    ("compare", "loop"): "sg bias loop",
    ("compare", "bias"): "sg bias sign",
    ("compare", "escape"): "sg bias escape",
    ("compare", "fd"): "sg bias fd",
    **{
        ("compare", name): f"{command} --{name.replace('_', '-')}"
        for command, names in MOVED.items()
        for name in names.split()
    },
    **{
        ("recommend", name): "gone, with condition IV of arXiv:2202.00282"
        for name in HERRANZ.split()
    },
}


def refuse_option(command: str, option: str) -> None:
    """Raise :class:`SgError` for an unknown option that the command had once, as it was typed."""
    name = option.lstrip("-").replace("-", "_")
    for key in (name, name.removeprefix("no_")):
        if (command, key) in OLD:
            raise SgError(f"{option} is now {OLD[command, key]}")


def refuse_variables(command: str) -> None:
    """Raise :class:`SgError` for a variable that sets an option which the command had once."""
    for (of, key), new in OLD.items():
        variable = f"SG_{command}_{key}".replace("-", "_").upper()
        if of == command and variable in os.environ:
            raise SgError(f"{variable}: --{key.replace('_', '-')} is now {new}")
