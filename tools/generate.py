"""Write what is derived from the definitions: ``python tools/generate.py [--check]``.

Every output is a path and a function from the text that is there to the text that should be. With
``--check`` nothing is written and a stale file is named, with exit status 1.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from sgcli.cli.formats import Column, Table, plain, serialize
from sgcli.definitions import LIBRARIES, REGISTRY, Definition, Peer, Shape
from sgcli.definitions.facts import facts, peer_default_peak
from sgcli.errors import SgError
from sgcli.files import write_text

ROOT = Path(__file__).parents[1]
BLOCK = re.compile(r"(<!-- generated: ([\w-]+) -->\n).*?(<!-- end -->)", re.DOTALL)


def stub(present: str) -> str:
    """The types of ``sgcli.surrogate``, whose classes are made by a loop."""
    made = [name for d in REGISTRY.values() for name in (d.__name__, d.name, f"{d.name}_backward")]
    exported = sorted([*SHARED, *made], key=lambda n: (not n.isupper(), n[0].islower(), n))
    parts = [STUB_HEAD, *map(_stub_of, REGISTRY.values())]
    parts.append("\n".join(["__all__ = [", *[f'    "{n}",' for n in exported], "]"]))
    return "\n\n".join(parts) + "\n"


SHARED = (
    "Surrogate",
    "SurrogateFunctionBase",
    "check_manual_grad",
    "heaviside",
    "of",
    "plot_surrogate_function",
)

STUB_HEAD = '''\
# Written by `python tools/generate.py` from the definitions.
from collections.abc import Collection
from typing import Any

import torch
from torch import Tensor
from torch.autograd import Function

from sgcli.definitions import Definition
from sgcli.surrogate._face import Surrogate as Surrogate
from sgcli.surrogate.base import SurrogateFunctionBase as SurrogateFunctionBase
from sgcli.surrogate.base import check_manual_grad as check_manual_grad
from sgcli.surrogate.base import heaviside as heaviside
from sgcli.surrogate.base import plot_surrogate_function as plot_surrogate_function

def of(definition: type[Definition]) -> type[Surrogate]:
    """The module class of a definition, which need not be in the catalogue."""'''


def _stub_of(definition: type[Definition]) -> str:
    """Module, function and backward of one definition."""
    kinds = {k: "int" if p.integer else "float | Tensor" for k, p in definition.params.items()}
    params = [f"{k}: {kinds[k]} = {v!r}" for k, v in zip(kinds, definition.defaults, strict=True)]
    draw = ["generator: torch.Generator | None = None"] if definition.is_random() else []
    meanings = [
        f"    {k}{', ' if p.integer else ' in '}{p.domain_text}: {p.doc}"
        for k, p in definition.params.items()
    ]
    summary = definition.summary()
    doc = [f'    """{summary}', "", *meanings, '    """'] if meanings else [f'    """{summary}"""']
    switches = ["spiking: bool = True", "learnable: bool | str | Collection[str] = False"]
    lines = [
        f"class {definition.__name__}(Surrogate):",
        *doc,
        "",
        # Any: what is read is a number or, if learnable, a tensor, and both can be assigned.
        *[f"    {k}: {'int' if p.integer else 'Any'}" for k, p in definition.params.items()],
        *_signature("    def __init__", ["self", *params, *switches, *draw], "None"),
        "    @staticmethod",
        *_signature("    def backward", ["grad_output: Tensor", "x: Tensor", *params], "Tensor"),
        "",
        f"class {definition.name}(Function):",
        f'    """{summary}"""',
        "",
        "    @classmethod",
        *_signature("    def apply", ["cls", "x: Tensor", *params, *draw], "Tensor"),
        "",
        *_signature(
            f"def {definition.name}_backward",
            ["grad_output: Tensor", "x: Tensor", *params],
            "tuple[Tensor | None, ...]",
        ),
    ]
    return "\n".join(lines)


def _signature(head: str, arguments: Sequence[str], returns: str) -> list[str]:
    """A signature on one line where it fits, else one argument a line."""
    line = f"{head}({', '.join(arguments)}) -> {returns}: ..."
    if len(line) <= 100:
        return [line]
    indent = " " * (len(head) - len(head.lstrip()))
    inner = [f"{indent}    {a}," for a in arguments]
    return [f"{head}(", *inner, f"{indent}) -> {returns}: ..."]


def blocks(present: str) -> str:
    """A text with what stands between ``<!-- generated: NAME -->`` and ``<!-- end -->`` renewed."""

    def renewed(match: re.Match[str]) -> str:
        start, name, end = match.groups()
        if name not in BLOCKS:
            raise SgError(f"unknown block '{name}'", f"known: {', '.join(BLOCKS)}")
        return f"{start}\n{BLOCKS[name]()}\n\n{end}"

    return BLOCK.sub(renewed, present)


def surrogates_table() -> str:
    """Every surrogate with the facts of its default shape."""

    def row(definition: type[Definition]) -> dict[str, object]:
        found = facts(Shape.of(definition))
        return {
            "function": f"`{definition.name}`",
            "module": f"`{definition.__name__}`",
            "parameters": _defaults(definition, {}),
            "peak": found.peak,
            "area": found.area,
            "fwhm": found.fwhm,
            "tail": found.tail_text,
        }

    columns = [
        Column("function", "function"),
        Column("module", "module"),
        Column("parameters", "parameters"),
        *[Column(key, key, plain, right=True) for key in ("peak", "area")],
        Column("fwhm", "FWHM", plain, right=True),
        Column("tail", "tail"),
    ]
    return serialize(Table(columns, [row(d) for d in REGISTRY.values()]), "md")


def spikingjelly_table() -> str:
    """SpikingJelly's names, what their default is in our parameters, and what differs."""
    rows = [
        {
            "theirs": f"`{peer.name}`",
            "ours": f"`{definition.__name__}`, `{definition.name}`",
            "default": _default_difference(definition, peer),
            "note": peer.note or ("the default" if peer.default else "nothing"),
        }
        for definition in REGISTRY.values()
        for peer in definition.peers
        if peer.library == "spikingjelly"
    ]
    title = f"{LIBRARIES['spikingjelly'].title} {LIBRARIES['spikingjelly'].release}"
    headings = {"theirs": title, "ours": "sgcli", "default": "default", "note": "what differs"}
    return serialize(Table([Column(k, h) for k, h in headings.items()], rows), "md")


def _defaults(definition: type[Definition], values: dict[str, float]) -> str:
    shown = {k: values.get(k, p.default) for k, p in definition.params.items()}
    return ", ".join(f"{k}={v:.4g}" for k, v in shown.items()) or "–"


def _default_difference(definition: type[Definition], peer: Peer) -> str:
    ours = _defaults(definition, {})
    if not peer.default:
        return ours
    peak = peer_default_peak(definition, peer.library)
    theirs = _defaults(definition, dict(peer.default))
    return f"{ours}; theirs is {theirs}, with peak {peak:.4g}"


BLOCKS: dict[str, Callable[[], str]] = {
    "surrogates": surrogates_table,
    "spikingjelly": spikingjelly_table,
}


def outputs(root: Path = ROOT) -> list[tuple[Path, Callable[[str], str]]]:
    """All that is derived; documents only where this is a clone."""
    documents = [*sorted(root.glob("README*.md")), *sorted((root / "docs").glob("**/*.md"))]
    return [
        (root / "sgcli/surrogate/__init__.pyi", stub),
        *[(path, blocks) for path in documents if BLOCK.search(path.read_text(encoding="utf-8"))],
    ]


def main(arguments: Sequence[str], root: Path = ROOT) -> int:
    """Write or check; returns the exit status."""
    if set(arguments) - {"--check"}:
        print("usage: python tools/generate.py [--check]", file=sys.stderr)
        return 2
    stale = []
    for path, derive in outputs(root):
        present = path.read_text(encoding="utf-8") if path.exists() else ""
        wanted = derive(present)
        if wanted == present:
            continue
        stale.append(path)
        if not arguments:
            write_text(path, wanted)
    for path in stale:
        print(f"{'stale' if arguments else 'wrote'}: {path.relative_to(root)}", file=sys.stderr)
    if stale and arguments:
        print("hint: python tools/generate.py", file=sys.stderr)
    return 1 if stale and arguments else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
