"""What figures call things: shapes, curves and axes."""

from __future__ import annotations

from collections.abc import Sequence

from sgcli.definitions import Shape
from sgcli.definitions.evaluate import Curve
from sgcli.theory.curves import Sampled

NARROW = 26  # characters that fit above a small panel
INPUT = "x = membrane potential − threshold"
CURVE: dict[Curve, str] = {
    "forward": "forward pass",
    "primitive": "primitive σ(x)",
    "derivative": "gradient σ′(x)",
}


def present(sampled: Sequence[Sampled]) -> list[Curve]:
    """The curves that at least one of the shapes has, in the order of a legend."""
    return [c for c in CURVE if any(c in curve.y for curve in sampled)]


def output(curves: Sequence[Curve]) -> str:
    """The label of a y axis."""
    return CURVE[curves[0]] if len(curves) == 1 else "output"


def heading(shape: Shape) -> str:
    """Name and parameters on two lines, for a small panel: three digits, no space to spare."""
    values = [f"{k} = {v:.3g}" for k, v in shape.params.items()]
    line = ", ".join(values)
    return f"{shape.name}\n{line if len(line) <= NARROW else line.replace(' = ', '=')}"


def params(shape: Shape, names: Sequence[str] | None = None) -> str:
    """``alpha = 5``: the parameters of a shape, or those of them that are named."""
    return ", ".join(f"{k} = {v:g}" for k, v in shape.params.items() if names is None or k in names)


def title(shape: Shape) -> str:
    """``Sigmoid surrogate function, alpha = 5``."""
    head = _head(shape)
    return f"{head}, {params(shape)}" if shape.params else head


def _head(shape: Shape) -> str:
    if shape.name.isidentifier():
        return f"{shape.definition.__name__} surrogate function"
    return f"σ′(x) = {shape.name}"


def varying(shapes: Sequence[Shape]) -> list[str]:
    """The parameters in which shapes of one definition differ; empty for several definitions."""
    if len({s.definition for s in shapes}) > 1:
        return []
    return [k for k in shapes[0].params if len({s.params[k] for s in shapes}) > 1]


def family(shapes: Sequence[Shape]) -> tuple[str, list[str]]:
    """A title for several shapes, and a label for each that says what the title does not."""
    differ = varying(shapes)
    if not differ:
        return "", [", ".join(filter(None, [s.name, params(s)])) for s in shapes]
    fixed = params(shapes[0], [k for k in shapes[0].params if k not in differ])
    head = _head(shapes[0])
    return f"{head}, {fixed}" if fixed else head, [params(s, differ) for s in shapes]
