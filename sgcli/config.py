"""Where an option's value comes from: command line, SG_…, run file, sg.toml, [tool.sg]."""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sgcli.errors import SgError, did_you_mean

Tables = dict[str, dict[str, Any]]


@dataclass(frozen=True)
class SettingsFile:
    """The tables of one file, one table a command, option names with underscores.

    ``[bias.loop]`` is that of the command ``bias loop``.
    """

    origin: str
    tables: Tables


def read_toml(path: Path) -> dict[str, Any]:
    """The contents of a TOML file; :class:`SgError` says where it is not TOML."""
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise SgError(f"cannot read {path}", error.strerror or str(error)) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SgError(f"{path} is not TOML", str(error)) from error


def layers(start: Path) -> list[SettingsFile]:
    """The files that apply in a folder, the stronger first: nearest sg.toml, nearest [tool.sg]."""
    result = []
    for folder in (start, *start.parents):
        if (path := folder / "sg.toml").is_file():
            result.append(SettingsFile(str(path), _normal(read_toml(path))))
            break
    for folder in (start, *start.parents):
        if (path := folder / "pyproject.toml").is_file():
            tool = read_toml(path).get("tool")
            table = tool.get("sg") if isinstance(tool, Mapping) else None
            if table is not None and not isinstance(table, Mapping):
                raise SgError(
                    f"{path}: tool.sg is not a table", "[tool.sg.COMMAND] sets its options"
                )
            if table is not None:
                result.append(SettingsFile(f"{path} [tool.sg]", _normal(table)))
            break
    return result


def underscored(table: Mapping[str, Any]) -> dict[str, Any]:
    return {key.replace("-", "_"): value for key, value in table.items()}


def _normal(tables: Mapping[str, Any]) -> Tables:
    result: Tables = {}
    for command, table in tables.items():
        if not isinstance(table, Mapping):
            result[command] = table
            continue
        below = {key: value for key, value in table.items() if isinstance(value, Mapping)}
        own = {key: value for key, value in table.items() if key not in below}
        if own or not below:
            result[command] = underscored(own)
        result |= {f"{command} {key}": underscored(value) for key, value in below.items()}
    return result


def validate(
    layer: SettingsFile, known: Mapping[str, set[str]], old: Mapping[tuple[str, str], str]
) -> None:
    """Raise :class:`SgError` that names every table and key of a file that no command has.

    ``old`` has what stands for the options that commands had once, by command and key.
    """
    wrong = []
    for command, table in layer.tables.items():
        name = f"[{command.replace(' ', '.')}]"
        for key in table if isinstance(table, dict) else ():
            if (command, key) in old:
                raise SgError(f"{layer.origin}: {key} in {name} is now {old[command, key]}")
        if command not in known:
            wrong.append(f"{name}{_near(command, known)}")
        elif not isinstance(table, dict):
            wrong.append(f"{command}, which must be a table {name}")
        else:
            wrong += [
                f"{key} in {name}{_near(key, known[command])}"
                for key in table
                if key not in known[command]
            ]
    if wrong:
        raise SgError(f"{layer.origin}: unknown {'; '.join(wrong)}", "`sg config show` lists all")


def _near(word: str, known: Any) -> str:
    meant = did_you_mean(word, known)
    return f" ({meant})" if meant else ""


def merged(found: list[SettingsFile]) -> Tables:
    """One table a command, the stronger file winning key by key; those below one are in its own."""
    result: Tables = {}
    for layer in reversed(found):
        for command, table in layer.tables.items():
            first, _, below = command.partition(" ")
            own = result.setdefault(first, {})
            (own.setdefault(below, {}) if below else own).update(table)
    return result


def origin(command: str, key: str, found: list[SettingsFile]) -> tuple[Any, str] | None:
    """Value and origin of an option that the environment or a file sets, as precedence has it."""
    variable = re.sub("[- ]", "_", f"SG_{command}_{key}").upper()
    if variable in os.environ:
        return os.environ[variable], variable
    for layer in found:
        if key in layer.tables.get(command, {}):
            return layer.tables[command][key], layer.origin
    return None
