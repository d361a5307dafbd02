"""Options that commands had once, and what stands for each today."""

from __future__ import annotations

import os

from sgcli.errors import SgError

# By command and by the name that a settings file gives the option: with underscores, without "no-".
OLD = {
    ("train-toy", "strict"): "--fire-above",
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
