"""How surrogates are named on the command line, and how a shell completes their names."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from click.shell_completion import CompletionItem

from sgcli.definitions import guard, load

if TYPE_CHECKING:
    ParamType = click.ParamType[Any]
else:
    ParamType = click.ParamType  # generic since Click 8.5 only


class SurrogateName(ParamType):
    """``NAME[,PARAM=VALUE…]`` in any spelling, a user's file, a family or ``all``; completes it."""

    name = "surrogate"

    def __init__(self, many: bool) -> None:
        self.many = many

    def convert(self, value: Any, param: Any, ctx: Any) -> Any:
        timeout = ctx.params.get("timeout", guard.TIMEOUT) if ctx else guard.TIMEOUT
        return (load.choose if self.many else load.parse)(value, timeout)

    def shell_complete(self, ctx: Any, param: Any, incomplete: str) -> list[CompletionItem]:
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
    paths = sorted(Path(folder + slash or ".").glob("[!.]*"))
    files = [
        (f"{folder}{slash}{p.name}", "your own surrogates") for p in paths if p.suffix == ".py"
    ]
    return files + [(f"{folder}{slash}{p.name}/", "folder") for p in paths if slash and p.is_dir()]


class CheckedName(SurrogateName):
    """As a surrogate, or an object that only a check can take: left as text."""

    def convert(self, value: Any, param: Any, ctx: Any) -> Any:
        return value
