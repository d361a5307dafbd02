"""The defaults of options in files: sg.toml, and [tool.sg] in pyproject.toml.

The order of precedence is: command line, environment (SG_…), run file, sg.toml, [tool.sg].
"""

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
class ConfigFile:
    """The tables of one file: one table per command, option names with underscores.

    ``[bias.loop]`` belongs to the command ``bias loop``.
    """

    origin: str
    tables: Tables


def read_toml(path: Path) -> dict[str, Any]:
    """The contents of a TOML file; :class:`SgError` names the position of a syntax error."""
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise SgError(f"cannot read {path}", error.strerror or str(error)) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SgError(f"{path} is not TOML", str(error)) from error
    except RecursionError as error:
        raise SgError(f"{path} is not TOML", "its arrays are nested too deeply") from error


def config_files(start: Path) -> list[ConfigFile]:
    """The files that apply in a folder, by precedence: nearest sg.toml, nearest [tool.sg]."""
    files = []
    for folder in (start, *start.parents):
        if (path := folder / "sg.toml").is_file():
            files.append(ConfigFile(str(path), _normal(read_toml(path))))
            break
    for folder in (start, *start.parents):
        if (path := folder / "pyproject.toml").is_file():
            tool = read_toml(path).get("tool")
            table = tool.get("sg") if isinstance(tool, Mapping) else None
            if table is not None and not isinstance(table, Mapping):
                raise SgError(
                    f"{path}: tool.sg is not a table",
                    "[tool.sg.COMMAND] sets the options of COMMAND",
                )
            if table is not None:
                files.append(ConfigFile(f"{path} [tool.sg]", _normal(table)))
            break
    return files


def underscored(table: Mapping[str, Any]) -> dict[str, Any]:
    """The table with underscores for hyphens in its keys."""
    return {key.replace("-", "_"): value for key, value in table.items()}


def _normal(tables: Mapping[str, Any]) -> Tables:
    normal: Tables = {}
    for command, table in tables.items():
        if not isinstance(table, Mapping):
            normal[command] = table
            continue
        below = {key: value for key, value in table.items() if isinstance(value, Mapping)}
        own = {key: value for key, value in table.items() if key not in below}
        if own or not below:
            normal[command] = underscored(own)
        normal |= {f"{command} {key}": underscored(value) for key, value in below.items()}
    return normal


def validate(
    file: ConfigFile, known: Mapping[str, set[str]], old: Mapping[tuple[str, str], str]
) -> None:
    """Raise :class:`SgError` for unknown tables and keys of a file, with the names of all of them.

    ``known`` maps commands to their options, ``old`` maps removed options to their replacements.
    """
    wrong = []
    for command, table in file.tables.items():
        name = f"[{command.replace(' ', '.')}]"
        for key in table if isinstance(table, dict) else ():
            if (command, key) in old:
                raise SgError(f"{file.origin}: {key} in {name} is now {old[command, key]}")
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
        raise SgError(
            f"{file.origin}: unknown {'; '.join(wrong)}", "`sg config show` lists all options"
        )


def _near(word: str, known: Any) -> str:
    meant = did_you_mean(word, known)
    return f" ({meant})" if meant else ""


def merged(files: list[ConfigFile]) -> Tables:
    """One table per command; for each key the first file wins. Subcommands are nested tables."""
    result: Tables = {}
    for file in reversed(files):
        for command, table in file.tables.items():
            first, _, below = command.partition(" ")
            own = result.setdefault(first, {})
            (own.setdefault(below, {}) if below else own).update(table)
    return result


def origin(command: str, key: str, files: list[ConfigFile]) -> tuple[Any, str] | None:
    """The value and origin of an option set by the environment or a file; None if by neither."""
    variable = re.sub("[- ]", "_", f"SG_{command}_{key}").upper()
    if variable in os.environ:
        return os.environ[variable], variable
    for file in files:
        if key in file.tables.get(command, {}):
            return file.tables[command][key], file.origin
    return None
