"""Arithmetic expressions in text, parsed against a whitelist and never run as Python."""

from __future__ import annotations

import ast
import inspect
import math
import operator
from collections.abc import Callable, Mapping
from typing import Any

from sgcli.errors import SgError
from sgcli.maths import VOCABULARY, Maths

OPERATORS: dict[type[ast.AST], Callable[..., Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.Pow: operator.pow,
    ast.USub: operator.neg,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
}
FUNCTIONS = frozenset(VOCABULARY) - {"pi", "sum"}
ARGUMENTS = {
    name: len(inspect.signature(getattr(Maths, name)).parameters) - 1 for name in FUNCTIONS
}
LONGEST, DEEPEST, HIGHEST_POWER = 1000, 40, 64


def parse(text: str) -> ast.expr:
    """The syntax tree of an expression.

    Raises :class:`SgError` for anything but arithmetic, comparisons and the known functions.
    """
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


Function = Callable[[Any, Mapping[str, Any]], Any]


def value(tree: ast.expr, m: Any, variables: Mapping[str, Any]) -> Any:
    """The value of a parsed expression in a maths namespace ``m``.

    A comparison is 1 or 0, except as the condition of ``where``.
    """
    return function(tree)(m, variables)


def function(tree: ast.expr) -> Function:
    """A parsed expression as a function of a maths namespace and the variables."""
    match tree:
        case ast.Constant(value=number):
            return lambda m, v: number
        case ast.Name(id="pi"):
            return lambda m, v: m.pi
        case ast.Name(id=name):
            return lambda m, v: v[name] if name in v else _unknown(name, v)
        case ast.UnaryOp(op=ast.UAdd(), operand=operand):
            return function(operand)
        case ast.UnaryOp(op=op, operand=operand):
            sign, inner = OPERATORS[type(op)], function(operand)
            return lambda m, v: sign(inner(m, v))
        case ast.BinOp(left=left, op=ast.Pow(), right=right):
            base, exponent = function(left), function(right)
            return lambda m, v: _power(base(m, v), exponent(m, v))
        case ast.BinOp(left=left, op=op, right=right):
            combine, first, second = OPERATORS[type(op)], function(left), function(right)
            return lambda m, v: combine(first(m, v), second(m, v))
        case ast.Compare():
            return _choice(tree, lambda m, v: 1, lambda m, v: 0)
        case ast.Call(func=ast.Name(id="where"), args=[ast.Compare() as compared, yes, no]):
            return _choice(compared, function(yes), function(no))
        case ast.Call(func=ast.Name(id=name), args=args):
            inputs = [function(a) for a in args]
            return lambda m, v: getattr(m, name)(*[argument(m, v) for argument in inputs])
    raise AssertionError(ast.dump(tree))  # _check lets nothing else through


def _unknown(name: str, variables: Mapping[str, Any]) -> Any:
    raise SgError(f"unknown name '{name}' in an expression", f"known: {', '.join(variables)}, pi")


def _power(base: Any, exponent: Any) -> Any:
    # Integers would grow without limit; floats overflow.
    return (float(base) if isinstance(base, int) else base) ** exponent


def _choice(condition: ast.Compare, yes: Function, no: Function) -> Function:
    compare = OPERATORS[type(condition.ops[0])]
    left, right = function(condition.left), function(condition.comparators[0])

    def choose(m: Any, v: Mapping[str, Any]) -> Any:
        holds = compare(left(m, v), right(m, v))
        if isinstance(holds, bool):  # numbers: the branch not taken may have no value
            return (yes if holds else no)(m, v)
        return m.where(holds, yes(m, v), no(m, v))

    return choose


def evaluate(text: str, variables: Mapping[str, float]) -> float:
    """The value of an expression in plain numbers."""
    return float(value(parse(text), math, variables))


def _check(node: ast.AST, text: str, depth: int) -> None:
    def refuse(reason: str) -> SgError:
        return SgError(
            f"{reason} in the expression '{text}'", f"functions: {', '.join(sorted(FUNCTIONS))}"
        )

    if depth > DEEPEST:
        raise refuse("nesting too deep")
    match node:
        case ast.Constant(value=bool()):
            raise refuse("a Boolean")
        case ast.Constant(value=int() | float() as number) if abs(number) < 1e300:
            children: list[ast.AST] = []
        case ast.Name():
            children = []
        case ast.UnaryOp(op=ast.USub() | ast.UAdd(), operand=operand):
            children = [operand]
        case ast.BinOp(op=ast.Pow(), left=left, right=right):
            # Only a small literal or a variable: 9**9**9 would never return.
            if not _small(right):
                raise refuse("an exponent that is neither a name nor a small number")
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
            if len(args) != ARGUMENTS[name]:
                raise refuse(f"{name} takes {ARGUMENTS[name]} arguments and has {len(args)}")
            if name == "where" and not isinstance(args[0], ast.Compare):
                raise refuse("where without a comparison as in where(x < 1, 1, 0)")
            children = list(args)
        case ast.BinOp(op=ast.BitXor()):
            raise SgError(f"^ in the expression '{text}' is no power", "powers are **, as in x**2")
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
