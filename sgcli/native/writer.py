"""The C++ source of the kernels: the derivatives and forward passes of the catalogue."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

from sgcli.definitions import REGISTRY
from sgcli.definitions.core import Definition
from sgcli.errors import SgError
from sgcli.maths.dialects import CPP
from sgcli.maths.writer import Expression, parts, replaced, write

FOLDER = Path(__file__).parent
TEMPLATES = ("common.hpp", "maths.hpp", "surrogates.hpp", "neurons.cpp")
INDENT = "    "
UNUSED = "[[maybe_unused]]"
# Functions slow enough to justify a loop of their own; a division by x is slow too.
LONG = frozenset({"decay", "log1p", "cospi", "wrap"})


def reason(definition: type[Definition]) -> str:
    """Why a definition has no native kernel; "" if it has one."""
    if REGISTRY.get(definition.name) is not definition:
        return "it is not in the catalogue from which the kernels are built"
    if definition.random_gradient:
        return "torch's generators draw its gradient"
    try:
        text(definition)
    except SgError as error:
        return f"it cannot be written in C++: {error.message}"
    return ""


def native() -> list[type[Definition]]:
    """The definitions with a kernel, in the order of the catalogue."""
    return [d for d in REGISTRY.values() if not reason(d)]


def has_forward(definition: type[Definition]) -> bool:
    """Whether the forward pass needs a kernel: it is deterministic and not the Heaviside step."""
    return not definition.stochastic and definition.forward is not Definition.forward


def text(definition: type[Definition]) -> str:
    """The C++ functions of a definition; :class:`SgError` if it cannot be written in C++."""
    head = f"using {definition.name}_parameters = Parameters<{len(definition.params)}>;\n"
    derivative = _derivative(definition)
    loops = zip(("first_half", "second_half"), halves(derivative) or (), strict=False)
    functions = dict(loops) or {"slope": derivative}
    written = [head]
    for name, node in functions.items():
        written.append(_function(definition, name, lambda *_, node=node: node))
    written.append(_periods(definition, derivative))
    if has_forward(definition):
        written.append(_function(definition, "forward", definition.forward))
    return "\n".join(written)


def _derivative(definition: type[Definition]) -> Expression:
    return write(definition.derivative, definition.params, CPP).node


def halves(root: Expression) -> tuple[Expression, Expression] | None:
    """Two functions of ``x`` whose composition is ``root``, each with a slow operation.

    None if ``root`` has no such decomposition. Two short loops are faster than a long one: a
    processor looks ahead about a hundred operations, and stalls on long chains of dependent ones.
    """
    best: tuple[int, Expression, Expression] | None = None
    for waist in parts(root):
        if waist.op == "x" or not waist.varies or _of_one_term(waist):
            continue
        x = Expression("x", "x")  # not the object in `root`
        rest = replaced(root, waist, x)
        if any(part.op == "x" and part is not x for part in parts(rest)):
            continue
        costs = _long(waist), _long(rest)
        if min(costs) and (best is None or max(costs) < best[0]):
            best = max(costs), waist, rest
    return best and best[1:]


def _of_one_term(node: Expression) -> bool:
    """Whether a part depends on the index of an enclosing sum."""
    operands = [a for a in node.args if isinstance(a, Expression)]
    return node.op == "index" or (node.op != "sum" and any(map(_of_one_term, operands)))


def _long(node: Expression) -> int:
    """The number of slow operations in an expression."""
    return sum(
        part.op in LONG or (part.op == "truediv" and part.args[1].varies)
        for part in {id(part): part for part in parts(node) if part.varies}.values()
    )


def _function(definition: type[Definition], name: str, function: Callable[..., Any]) -> str:
    body = write(function, definition.params, CPP)
    written = [*body.lines, f"return T({body.value});"]
    head = f"template <typename T, bool near> SG_INLINE T {definition.name}_{name}"
    return _lines(definition, f"{head}({UNUSED} T x, {UNUSED} const double* p)", written)


def _periods(definition: type[Definition], derivative: Expression) -> str:
    """A C++ function with the smallest period at which the derivative wraps ``x``, or infinity."""
    value = "infinite"
    for node in parts(derivative):
        if node.op == "wrap":
            if node.args[0].op != "x" or node.args[1].op not in ("name", "number"):
                # The kernel derives the needed range from x and the parameters alone.
                raise SgError("wrap takes x itself and a parameter or a number")
            period = write(lambda *_, period=node.args[1]: period, definition.params, CPP).value
            value = f"smaller<double>({value}, {period})"
    head = f"SG_INLINE double {definition.name}_period({UNUSED} const double* p)"
    return _lines(definition, head, [f"return {value};"])


def _lines(definition: type[Definition], head: str, body: list[str]) -> str:
    """The source of a C++ function, with the parameters as local variables."""
    parameters = [
        f"{UNUSED} const double {key} = p[{i}];" for i, key in enumerate(definition.params)
    ]
    return "\n".join([f"{head} {{", *(INDENT + line for line in [*parameters, *body]), "}", ""])


def digest(text: str) -> str:
    """A hash of a text, by which outdated kernels are recognised."""
    return hashlib.sha256(text.encode()).hexdigest()[:16]


@cache
def templates_digest() -> str:
    """A hash of the templates, by which outdated libraries are recognised."""
    return digest("".join((FOLDER / name).read_text(encoding="utf-8") for name in TEMPLATES))


def source() -> str:
    """The C++ translation unit of the surrogates."""
    return "\n".join(_parts())


def _parts() -> Iterator[str]:
    yield "// Written by sgcli/native/writer.py from the definitions."
    yield '#include "surrogates.hpp"'
    yield "\nnamespace sg {\n"
    yield from (text(definition) for definition in native())
    yield "}  // namespace sg\n"
    for definition in native():
        loops = "SG_HALVES" if halves(_derivative(definition)) else "SG_WHOLE"
        yield f'SG_SLOPE({definition.name}, {loops}, "{digest(text(definition))}")'
        if has_forward(definition):
            yield f"SG_FORWARD({definition.name})"
