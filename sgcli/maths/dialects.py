"""The languages in which definitions are written, as data."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sgcli.errors import SgError
from sgcli.maths import composed


@dataclass(frozen=True)
class Dialect:
    """A language: templates by name, with ``{0}``, ``{1}`` for the operands.

    ``infix`` holds the symbols of the operators and ``functions`` the templates of functions.
    ``numbers`` holds the templates that differ for operands independent of ``x``; ``constant``
    converts such a number where it meets ``x``, and ``inverse`` is the template of its reciprocal.
    ``loop`` is a sum: the opening lines, the line that adds a term, and the closing lines.
    ``composed`` holds the functions that the language lacks, composed of the others.
    """

    infix: Mapping[str, str]
    functions: Mapping[str, str]
    numbers: Mapping[str, str] = field(default_factory=dict)
    constant: str = ""
    inverse: str = ""
    literal: str = "{0!r}"
    local: str = "{name} = {value}"
    loop: tuple[tuple[str, ...], str, tuple[str, ...]] = ((), "", ())
    indent: str = "    "
    composed: Mapping[str, Callable[..., Any]] = field(default_factory=dict)

    def template(self, name: str, varies: bool) -> str:
        """The template of a name; :class:`SgError` if the language has none."""
        template = None if varies else self.numbers.get(name)
        template = template or self.functions.get(name)
        if template is None:
            raise SgError(
                f"'{name}' cannot be written in this language",
                "sgcli.maths.Maths lists the functions of a definition",
            )
        return template


def _python_numbers() -> dict[str, str]:
    """Templates of functions of plain Python numbers."""
    named = {n: f"math.{n}({{0}})" for n in ("exp", "expm1", "log", "log1p", "sqrt", "sin", "cos")}
    named |= {n: f"math.{n}({{0}})" for n in ("tanh", "atan", "erf", "erfc")}
    assert all(hasattr(math, n) for n in named)
    return named | {
        "abs": "abs({0})",
        "sign": "math.copysign(bool({0}), {0})",
        "round": "round({0})",
        "fmod": "math.fmod({0}, {1})",
        "heaviside": "float({0} >= 0)",
        "sigmoid": "(0.5 + 0.5 * math.tanh(({0}) / 2))",
        "relu": "max({0}, 0)",
        "maximum": "max({0}, {1})",
        "minimum": "min({0}, {1})",
        "where_numbers": "({1} if {0} else {2})",
    }


TORCH = Dialect(
    infix={
        "add": "+", "sub": "-", "mul": "*", "truediv": "/", "pow": "**",
        "lt": "<", "le": "<=", "gt": ">", "ge": ">=", "and": "&", "or": "|",
    },
    functions={
        **{
            n: f"torch.{n}({{0}})"
            for n in (
                "abs", "sign", "exp", "expm1", "log", "log1p", "sqrt", "sin", "cos", "tanh",
                "atan", "erf", "erfc", "sigmoid", "round", "relu",
            )
        },
        "pi": "math.pi",
        "heaviside": "({0} >= 0).to({0})",
        "fmod": "torch.fmod({0}, {1})",
        # The second operand at a tie, so that all derivatives at a kink are 0.
        "maximum": "torch.where({0} <= {1}, {1}, {0})",
        "minimum": "torch.where({0} >= {1}, {1}, {0})",
        "where": "torch.where({0}, {1}, {2})",
        # torch makes two plain numbers float32 regardless of the dtype of x.
        "where_numbers": "torch.where({0}, x.new_tensor({1}), {2})",
    },
    numbers=_python_numbers(),
    loop=(
        ("{total} = 0", "for {i} in range(1, {n} + 1):"),
        "{total} = {total} + {term}",
        (),
    ),
    composed={"decay": composed.decay, "cospi": composed.cospi, "wrap": composed.wrap},
)  # fmt: skip


# C++ over the functions of sgcli/native/maths.hpp: numbers of a type T, parameters in double.
CPP = Dialect(
    infix={
        "add": "+", "sub": "-", "mul": "*", "truediv": "/",
        "lt": "<", "le": "<=", "gt": ">", "ge": ">=", "and": "&", "or": "|",
    },
    functions={
        **{n: f"{n}({{0}})" for n in ("decay", "log1p", "cospi", "sign", "relu", "heaviside")},
        "abs": "absolute({0})",
        "sqrt": "square_root({0})",
        "round": "round_half_even({0})",
        "wrap": "wrap<near>({0}, {1})",
        "maximum": "larger({0}, {1})",
        "minimum": "smaller({0}, {1})",
        "where": "select<T>({0}, {1}, {2})",
        "where_numbers": "select<T>({0}, {1}, {2})",
    },
    numbers={
        **{
            n: f"std::{n}({{0}})"
            for n in ("exp", "expm1", "log", "log1p", "sqrt", "sin", "cos", "tanh", "erf", "atan")
        },
        "pi": "3.141592653589793",
        "abs": "std::fabs({0})",
        "pow": "std::pow({0}, {1})",
        "maximum": "std::fmax({0}, {1})",
        "minimum": "std::fmin({0}, {1})",
    },
    constant="T({0})",
    inverse="inverse<T>({0})",
    local="const auto {name} = {value};",
    loop=(
        # Compilers vectorise only loops whose body runs at least once.
        ("T {total} = T(0);", "int {i} = 1;", "do {{"),
        "{total} = {total} + {term};",
        ("}} while (++{i} <= int({n}));",),
    ),
)  # fmt: skip
