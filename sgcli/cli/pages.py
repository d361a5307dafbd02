"""A page of ``sg show`` as json, md and latex."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from sgcli.cli.formats import plain, to_json
from sgcli.cli.latex import latex_text
from sgcli.definitions import formula
from sgcli.definitions.page import Elsewhere, Page


def text(pages: Sequence[Page], format: str) -> str:
    """Pages for programs and papers."""
    if format == "json":
        return to_json({"rows": [as_data(page) for page in pages]})
    return "\n\n".join({"md": _markdown, "latex": _latex}[format](page) for page in pages)


def facts_in_words(page: Page) -> Iterator[tuple[str, str]]:
    """Label and text of everything that is computed from the definition."""
    facts = page.facts
    yield "peak", f"{plain(facts.peak)} at x = {plain(facts.peak_at)}"
    yield "at the threshold", f"σ′(0) = {plain(page.gradient_at_threshold)}"
    yield "area", plain(facts.area)
    yield "FWHM", plain(facts.fwhm)
    left, right = _ends(page)
    if left is not None and right is not None:
        yield "support", f"[{plain(left)}, {plain(right)}]"
    else:
        yield "tail", facts.tail_text
    yield "even", plain(facts.even)
    if page.shape.period is not None:
        yield "period", plain(page.shape.period)
    yield "kinks", _points(page.kinks)
    yield "jumps", _points(page.jumps)
    yield "forward", page.forward
    if page.primitive_reason:
        yield "primitive", f"no formula: {page.primitive_reason}"
    if aliases := page.shape.definition.aliases:
        yield "also called", ", ".join(alias.name for alias in aliases)
    if page.equals:
        yield "equals", "; ".join(map(_equal, page.equals))


def _ends(page: Page) -> tuple[float | None, float | None]:
    """Beyond which x the gradient is 0, None where it is not."""
    left, right = page.facts.left.end, page.facts.right.end
    return (None if left is None else 0.0 - left), right


def _points(points: Sequence[float]) -> str:
    return f"at x = {', '.join(map(plain, points))}" if points else "none"


def _equal(equal: Any) -> str:
    name = ",".join([equal.name, *(f"{k}={v}" for k, v in equal.params.items())])
    return f"{equal.height} × {name}"


def call(entry: Elsewhere) -> str:
    """Their name and parameters, as expressions in ours and as values."""
    peer = entry.peer
    shown = []
    for theirs, expression in peer.params.items():
        value = f"{entry.parameters[theirs]:.6g}"
        given = value if expression in (theirs, value) else f"{expression} = {value}"
        shown.append(f"{theirs} = {given}")
    return f"{peer.name}({', '.join(shown)})"


def as_data(page: Page) -> dict[str, Any]:
    """The page as plain data."""
    facts = page.facts

    def both(expression: Any) -> dict[str, str] | None:
        if expression is None:
            return None
        return {"text": str(expression), "latex": formula.latex(expression)}

    return {
        "name": page.shape.name,
        "module": page.shape.definition.__name__,
        "family": page.shape.definition.family(),
        "summary": page.summary,
        "parameters": [
            {
                "name": p.name,
                "value": value,
                "default": p.default,
                "domain": p.domain,
                "integer": p.integer,
                "meaning": p.doc,
            }
            for p, value in zip(page.params, page.shape.values, strict=True)
        ],
        "peak": facts.peak,
        "peak_at": facts.peak_at,
        "gradient_at_threshold": page.gradient_at_threshold,
        "area": facts.area,
        "fwhm": facts.fwhm,
        "tail": facts.tail_text,
        "support": list(_ends(page)),
        "even": facts.even,
        "period": page.shape.period,
        "kinks": list(page.kinks),
        "jumps": list(page.jumps),
        "forward": page.forward,
        "primitive": both(page.primitive),
        "derivative": both(page.derivative),
        "equals": [
            {"name": e.name, "parameters": dict(e.params), "height": e.height} for e in page.equals
        ],
        "aliases": {a.name: a.source for a in page.shape.definition.aliases},
        "sources": [
            {"identifier": s.identifier, "paper": s.paper, "link": s.link} for s in page.sources
        ],
        "elsewhere": [
            {
                "library": e.peer.library,
                "release": e.library.release,
                "name": e.peer.name,
                "parameters": dict(e.peer.params),
                "values": dict(e.parameters),
                "height": e.peer.height,
                "factor": e.factor,
                "shift": e.peer.shift,
                "fires": e.library.fires,
                "default_peak": e.default_peak,
                "differences": e.differences,
            }
            for e in page.elsewhere
        ],
        "note": page.note,
    }  # fmt: skip


def _markdown(page: Page) -> str:
    lines = [f"## {page.shape.label}", "", page.summary, *([page.note] if page.note else [])]
    if page.params:
        lines += [
            "",
            "| parameter | value | default | domain | meaning |",
            "|---|---:|---:|---|---|",
        ]
        lines += [
            f"| `{p.name}` | {value:g} | {p.default_text} | {p.domain_text} | {p.doc} |"
            for p, value in zip(page.params, page.shape.values, strict=True)
        ]
    if page.primitive is not None:
        lines += ["", f"$$\\sigma(x) = {formula.latex(page.primitive)}$$"]
    lines += ["", f"$$\\sigma'(x) = {formula.latex(page.derivative)}$$", "", "| | |", "|---|---|"]
    lines += [f"| {k} | {_cell(v)} |" for k, v in facts_in_words(page)]
    if page.elsewhere:
        lines += ["", "| library | name | differs |", "|---|---|---|"]
        lines += [
            f"| {e.library.title} {e.library.release} | `{call(e)}` | "
            f"{_cell('; '.join(e.differences))} |"
            for e in page.elsewhere
        ]
    lines += [""] + [f"- {s.paper + ', ' if s.paper else ''}<{s.link}>" for s in page.sources]
    return "\n".join(lines).rstrip()


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def _latex(page: Page) -> str:
    formulas = []
    if page.primitive is not None:
        formulas.append(f"\\sigma(x) &= {formula.latex(page.primitive)}")
    formulas.append(f"\\sigma'(x) &= {formula.latex(page.derivative)}")
    rows = [f"{latex_text(k)} & {latex_text(v)} \\\\" for k, v in facts_in_words(page)]
    return "\n".join(
        [
            f"% {page.shape.label}: {page.summary}",
            r"\begin{align*}",
            " \\\\\n".join(formulas),
            r"\end{align*}",
            r"\begin{tabular}{ll}",
            r"\toprule",
            *rows,
            r"\bottomrule",
            r"\end{tabular}",
        ]
    )
