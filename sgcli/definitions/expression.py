"""Arithmetic expressions as text, read against a whitelist and never run as Python."""

from __future__ import annotations

import ast
import math
import operator
from collections.abc import Callable, Mapping
from typing import Any

from sgcli.errors import SgError
from sgcli.maths import VOCABULARY

OPERATORS: dict[type[ast.AST], Callable[..., Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.Pow: operator.pow,
    ast.USub: operator.neg,
    ast.UAdd: operator.pos,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
}
FUNCTIONS = frozenset(VOCABULARY) - {"pi", "sum"}
LONGEST, DEEPEST, HIGHEST_POWER = 1000, 40, 64


def parse(text: str) -> ast.expr:
    """The tree of an expression; :class:`SgError` for all but arithmetic of known functions."""
    if len(text) > LONGEST:
        raise SgError(f"the expression has {len(text)} characters", f"at most {LONGEST}")
    try:
        tree = ast.parse(text.strip(), mode="eval").body
    except (SyntaxError, ValueError, MemoryError, RecursionError):
        raise SgError(
            f"'{text}' is not an expression", "as in alpha/2/(1+abs(alpha*x))**2"
        ) from None
    _check(tree, text, 0)
    return tree


def names(tree: ast.expr) -> list[str]:
    """The variables of an expression in order of appearance, without functions and constants."""
    called = {id(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}
    variables = [n for n in ast.walk(tree) if isinstance(n, ast.Name) and id(n) not in called]
    ordered = sorted(variables, key=lambda n: (n.lineno, n.col_offset))
    return [name for name in dict.fromkeys(n.id for n in ordered) if name != "pi"]


def value(tree: ast.expr, m: Any, variables: Mapping[str, Any]) -> Any:
    """The value of a parsed expression in a maths namespace ``m``."""
    match tree:
        case ast.Constant(value=number):
            return number
        case ast.Name(id="pi"):
            return m.pi
        case ast.Name(id=name):
            if name not in variables:
                known = ", ".join(variables)
                raise SgError(f"unknown name '{name}' in an expression", f"known: {known}, pi")
            return variables[name]
        case ast.UnaryOp(op=op, operand=operand):
            return OPERATORS[type(op)](value(operand, m, variables))
        case ast.BinOp(left=left, op=op, right=right):
            return OPERATORS[type(op)](value(left, m, variables), value(right, m, variables))
        case ast.Compare(left=left, ops=[op], comparators=[right]):
            return OPERATORS[type(op)](value(left, m, variables), value(right, m, variables))
        case ast.Call(func=ast.Name(id=name), args=args):
            return getattr(m, name)(*[value(a, m, variables) for a in args])
    raise AssertionError(ast.dump(tree))  # _check lets nothing else through


def evaluate(text: str, variables: Mapping[str, float]) -> float:
    """The value of an expression in plain numbers, as the parameter maps of the peers need it."""
    return float(value(parse(text), math, variables))


def _check(node: ast.AST, text: str, depth: int) -> None:
    def refuse(what: str) -> SgError:
        return SgError(
            f"{what} in the expression '{text}'", f"functions: {', '.join(sorted(FUNCTIONS))}"
        )

    if depth > DEEPEST:
        raise refuse("nesting too deep")
    match node:
        case ast.Constant(value=bool()):
            raise refuse("a truth value")
        case ast.Constant(value=int() | float() as number) if abs(number) < 1e300:
            children: list[ast.AST] = []
        case ast.Name():
            children = []
        case ast.UnaryOp(op=ast.USub() | ast.UAdd(), operand=operand):
            children = [operand]
        case ast.BinOp(op=ast.Pow(), left=left, right=right):
            # Only a small literal or a variable: 9**9**9 would never return.
            if not _small(right):
                raise refuse("a power that is neither a name nor a small number")
            children = [left, right]
        case ast.BinOp(op=ast.Add() | ast.Sub() | ast.Mult() | ast.Div(), left=left, right=right):
            children = [left, right]
        case ast.Compare(
            left=left, ops=[ast.Lt() | ast.LtE() | ast.Gt() | ast.GtE()], comparators=[right]
        ):
            children = [left, right]
        case ast.Call(func=ast.Name(id=name), args=args, keywords=[]):
            if name not in FUNCTIONS:
                raise refuse(f"unknown function '{name}'")
            children = list(args)
        case _:
            raise refuse(f"{type(node).__name__} is not allowed")
    for child in children:
        _check(child, text, depth + 1)


def _small(node: ast.AST) -> bool:
    match node:
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return _small(operand)
        case ast.Constant(value=int() | float() as number):
            return abs(number) <= HIGHEST_POWER
        case ast.Name():
            return True
        case ast.BinOp(op=ast.Add() | ast.Sub(), left=left, right=right):
            return _small(left) and _small(right)
    return False
