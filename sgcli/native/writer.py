"""The C++ source of the kernels: the derivatives of the catalogue, and a table that finds them."""

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
# What takes a processor long enough to be worth a loop of its own; a division by x does too.
LONG = frozenset({"decay", "log1p", "cospi", "wrap"})


def reason(definition: type[Definition]) -> str:
    """Why there is no native kernel of a definition; empty if there is one."""
    if REGISTRY.get(definition.name) is not definition:
        return "it is not in the catalogue from which the kernels are built"
    if definition.random_gradient:
        return "its gradient is drawn by torch's generators"
    try:
        text(definition)
    except SgError as error:
        return f"C++ has no such function: {error.message}"
    return ""


def native() -> list[type[Definition]]:
    """The definitions that get a kernel, in the order of the catalogue."""
    return [d for d in REGISTRY.values() if not reason(d)]


def has_forward(definition: type[Definition]) -> bool:
    """Whether the forward pass needs a kernel of its own: no step, and nothing drawn."""
    return not definition.stochastic and definition.forward is not Definition.forward


def text(definition: type[Definition]) -> str:
    """The C++ functions of a definition; :class:`SgError` if C++ has no word for something."""
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
    """Two functions of ``x`` that make ``root`` one after the other, each with a long operation.

    None if there are none: no part that all of ``x`` passes, or one on one side only. A processor
    looks ahead some hundred operations, and waits where those of one element depend on one
    another: two short loops take less time than one long one.
    """
    best: tuple[int, Expression, Expression] | None = None
    for waist in parts(root):
        if waist.op == "x" or not waist.varies or _of_one_term(waist):
            continue
        x = Expression("x", "x")  # another one than that of `root`
        rest = replaced(root, waist, x)
        if any(part.op == "x" and part is not x for part in parts(rest)):
            continue
        costs = _long(waist), _long(rest)
        if min(costs) and (best is None or max(costs) < best[0]):
            best = max(costs), waist, rest
    return best and best[1:]


def _of_one_term(node: Expression) -> bool:
    """Whether a part differs from term to term of a sum around it."""
    operands = [a for a in node.args if isinstance(a, Expression)]
    return node.op == "index" or (node.op != "sum" and any(map(_of_one_term, operands)))


def _long(node: Expression) -> int:
    """How many long operations an expression consists of."""
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
    """The smallest period at which the derivative wraps ``x``; infinite if at none."""
    value = "infinite"
    for node in parts(derivative):
        if node.op == "wrap":
            if node.args[0].op != "x" or node.args[1].op not in ("name", "number"):
                # The kernel looks at x and at parameters to see how far it has to reach.
                raise SgError("only x itself is wrapped, by a parameter or a number")
            period = write(lambda *_, period=node.args[1]: period, definition.params, CPP).value
            value = f"smaller<double>({value}, {period})"
    head = f"SG_INLINE double {definition.name}_period({UNUSED} const double* p)"
    return _lines(definition, head, [f"return {value};"])


def _lines(definition: type[Definition], head: str, body: list[str]) -> str:
    """A function of the parameters."""
    own = [f"{UNUSED} const double {key} = p[{i}];" for i, key in enumerate(definition.params)]
    return "\n".join([f"{head} {{", *(INDENT + line for line in [*own, *body]), "}", ""])


def digest(text: str) -> str:
    """What tells whether a kernel was built from today's text."""
    return hashlib.sha256(text.encode()).hexdigest()[:16]


@cache
def templates_digest() -> str:
    """What tells whether the libraries were built from today's templates."""
    return digest("".join((FOLDER / name).read_text(encoding="utf-8") for name in TEMPLATES))


def source() -> str:
    """The translation unit of the surrogates."""
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
