"""No file imports one that imports it, on whatever way, and no package either.

Imports inside functions count, and those for typing: two files that name one another cannot be read
one after the other. That a module imports the packages that it lies in counts for nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from tests.test_layers import ROOT, imports


def circles(edges: Mapping[str, Iterable[str]]) -> list[set[str]]:
    """The largest sets in which there is a way from each to each, of two or more."""
    ways = {node: reached(edges, node) for node in edges}
    sets = {frozenset({n, *(m for m in ways[n] if n in ways[m])}) for n in edges}
    return sorted((set(one) for one in sets if len(one) > 1), key=sorted)


def reached(edges: Mapping[str, Iterable[str]], start: str) -> set[str]:
    found: set[str] = set()
    waiting = [start]
    while waiting:
        new = set(edges[waiting.pop()]) - found
        found |= new
        waiting += new
    return found


def name_of(path: Path) -> str:
    """``theory.flow`` of a module, ``surrogate`` of a package."""
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def files() -> dict[str, set[str]]:
    """Which files of sgcli each of them imports; its own top level is none."""
    paths = {name_of(path): path for path in ROOT.rglob("*.py") if name_of(path)}
    edges: dict[str, set[str]] = {}
    for name, path in paths.items():
        modules = [m.removeprefix("sgcli.") for m, *_ in imports(path) if m.startswith("sgcli.")]
        used = {m if m in paths else m.rpartition(".")[0] for m in modules}
        edges[name] = (used & paths.keys()) - {name}
    return edges


def packages(edges: Mapping[str, Iterable[str]]) -> dict[str, set[str]]:
    """The same of packages: what stands before the first dot of a name."""
    found: dict[str, set[str]] = {}
    for name, used in edges.items():
        own = name.partition(".")[0]
        found.setdefault(own, set()).update({u.partition(".")[0] for u in used} - {own})
    return found


def inside(package: str, edges: Mapping[str, Iterable[str]]) -> dict[str, set[str]]:
    """The files of a package and those of them that each imports, named within the package."""
    own = f"{package}."
    return {
        name.removeprefix(own): {u.removeprefix(own) for u in used if u.startswith(own)}
        for name, used in edges.items()
        if name.startswith(own)
    }


def test_circles_are_seen():
    edges = {"a": "b", "b": "c", "c": "bd", "d": "", "e": "f", "f": "e", "g": "a"}
    assert circles(edges) == [{"b", "c"}, {"e", "f"}]
    assert circles(packages({"a.x": ["b.x"], "b.y": ["a.y"], "a.y": [], "b.x": []})) == [{"a", "b"}]


def test_imports_of_files_are_seen():
    edges = files()
    assert {"theory.flow", "theory.temporal"} <= edges["measure.flow"]  # from a package
    assert "surrogate" in edges["measure.network"]  # the package itself
    assert "definitions.formula" in edges["definitions.page"]  # inside a function
    assert "numerics.cluster" in edges["figures.distances"]  # for typing


def test_no_files_import_one_another():
    assert circles(files()) == []


def test_no_packages_import_one_another():
    assert circles(packages(files())) == []


def test_no_rooms_of_training_import_one_another():
    edges = inside("training", files())
    assert {"data", "network", "settings"} <= packages(edges)["run"]
    assert circles(packages(edges)) == []
