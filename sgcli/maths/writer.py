"""The maths namespace that records a definition and writes it as source text.

A dialect holds a template for each function of the vocabulary. Subexpressions that occur more than
once become local variables. Those that do not depend on ``x`` are computed in plain numbers.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from numbers import Real
from typing import Any

from sgcli.maths.dialects import Dialect


class Expression:
    """A recorded operation: its name in the vocabulary and its operands.

    ``varies`` is whether the value depends on ``x``. ``smooth`` is whether it does so other than
    through a comparison or a rounding, so that its derivative need not be 0.
    """

    __slots__ = ("args", "op", "smooth", "varies")
    varies: bool
    smooth: bool

    def __init__(self, op: str, *args: Any) -> None:
        self.op = op
        self.args = args
        operands = [a for a in args if isinstance(a, Expression)]
        self.varies = op == "x" or any(a.varies for a in operands)
        self.smooth = op == "x" or (op not in FLAT and any(a.smooth for a in operands))

    def __bool__(self) -> bool:
        raise TypeError("a definition must not branch on x or a parameter in Python: use m.where")

    def __eq__(self, other: object) -> Any:
        raise TypeError("a definition must not compare with == or !=: use <, <=, > or >=")

    __hash__ = object.__hash__

    def __neg__(self) -> Expression:
        return Expression("neg", self)

    def __and__(self, other: Any) -> Expression:
        return Expression("and", self, other)

    def __or__(self, other: Any) -> Expression:
        return Expression("or", self, other)


FLAT = frozenset({"lt", "le", "gt", "ge", "and", "or", "sign", "round", "heaviside"})
ARITHMETIC = ("add", "sub", "mul", "truediv", "pow")
COMPARISONS = ("lt", "le", "gt", "ge")


def _operator(name: str, swapped: bool = False) -> Callable[[Expression, Any], Expression]:
    def method(self: Expression, other: Any) -> Expression:
        operands = (as_expression(other), self) if swapped else (self, as_expression(other))
        return Expression(name, *operands)

    return method


for _name in ARITHMETIC:
    setattr(Expression, f"__{_name}__", _operator(_name))
    setattr(Expression, f"__r{_name}__", _operator(_name, swapped=True))
for _name in COMPARISONS:
    setattr(Expression, f"__{_name}__", _operator(_name))


def as_expression(value: Any) -> Expression:
    """An expression as it is, or a real number as a constant expression."""
    if isinstance(value, Expression):
        return value
    if not isinstance(value, Real):
        raise TypeError(f"a definition computes with real numbers, not with {type(value).__name__}")
    return Expression("number", value)


class Recorder:
    """The namespace ``m``; ``x`` is the input, and :meth:`parameter` creates the parameters.

    The functions in ``composed`` are recorded as the functions that they consist of.
    """

    pi = Expression("pi")
    x = Expression("x", "x")

    def __init__(self, composed: Mapping[str, Callable[..., Any]]) -> None:
        self._composed = composed

    @staticmethod
    def parameter(name: str) -> Expression:
        return Expression("name", name)

    def __getattr__(self, name: str) -> Callable[..., Expression]:
        if name in self._composed:
            return partial(self._composed[name], self)

        def record(*args: Any) -> Expression:
            return Expression(name, *map(as_expression, args))

        return record

    @staticmethod
    def where(condition: Any, a: Any, b: Any) -> Expression:
        # A condition selects a value; it does not contribute to the derivative.
        selection = Expression("where", condition, as_expression(a), as_expression(b))
        selection.smooth = any(v.smooth for v in selection.args[1:])
        if not any(v.varies for v in selection.args[1:]):
            selection.op = "where_numbers"
        return selection

    def maximum(self, a: Any, b: Any) -> Expression:
        if isinstance(b, (int, float)) and b == 0:
            return Expression("relu", as_expression(a))
        return Expression("maximum", as_expression(a), as_expression(b))

    def clip(self, x: Any, low: Any, high: Any) -> Expression:
        return Expression("minimum", self.maximum(x, low), as_expression(high))

    @staticmethod
    def sum(n: Any, f: Callable[[Any], Any]) -> Expression:
        index = Expression("index", "i")
        return Expression("sum", as_expression(n), index, as_expression(f(index)))


# Operands with more characters become local variables, so that lines stay readable.
LONGEST = 48

# The binding strength of each operator, and the strength that its operands need to be written
# without parentheses. The operands of & and | always get parentheses if they are operators, because
# & binds tighter than < in Python and less tightly in C.
TIGHT = 9
BINDING = {"and": 0, "or": 0, "lt": 1, "le": 1, "gt": 1, "ge": 1}
BINDING |= {"add": 2, "sub": 2, "mul": 3, "truediv": 3, "neg": 4, "pow": 5}
SIDES = dict.fromkeys(("and", "or"), (TIGHT, TIGHT)) | dict.fromkeys(COMPARISONS, (2, 2))
SIDES |= {"add": (2, 3), "sub": (2, 3), "mul": (3, 4), "truediv": (3, 4), "pow": (6, 4)}


@dataclass(frozen=True)
class WrittenExpression:
    """The source text of an expression: the lines that precede it, and its value."""

    lines: tuple[str, ...]
    value: str
    node: Expression


def write(
    function: Callable[..., Any],
    parameters: Iterable[str],
    dialect: Dialect,
) -> WrittenExpression:
    """The source text of ``function(m, x, *parameters)``.

    Raises :class:`SgError` for a function without a template in the dialect.
    """
    names = tuple(parameters)
    recorder = Recorder(dialect.composed)
    root = as_expression(function(recorder, recorder.x, *map(recorder.parameter, names)))
    return _Writing(dialect, {*names, "x"}).text(root)


class _Writing:
    """A text being written: equal subexpressions are shared, and local variables get new names."""

    def __init__(self, dialect: Dialect, taken: set[str]) -> None:
        self.dialect = dialect
        self.taken = taken
        self.uses: Counter[int] = Counter()
        self.names: dict[int, str] = {}
        self.lines: list[str] = []
        self.depth = 0

    def text(self, root: Expression) -> WrittenExpression:
        root = shared(root)
        self.uses = uses(root)
        value = self.names.get(id(root)) or self._written(root)
        return WrittenExpression(tuple(self.lines), value, root)

    def _fresh(self, stem: str) -> str:
        number = 1
        while (name := f"{stem}{number}") in self.taken:
            number += 1
        self.taken.add(name)
        return name

    def _add(self, line: str) -> None:
        self.lines.append(self.dialect.indent * self.depth + line)

    def _atom(self, node: Expression) -> bool:
        return node.op in ("x", "name", "number", "index", "pi") or id(node) in self.names

    def _name(self, node: Expression) -> None:
        """Give an expression a local variable."""
        if not self._atom(node):
            self._assign(node, self._written(node))

    def _value(self, node: Expression) -> str:
        if self.uses[id(node)] > 1:
            self._name(node)
        if id(node) in self.names:
            return self.names[id(node)]
        value = self._written(node)
        return self._assign(node, value) if len(value) > LONGEST else value

    def _assign(self, node: Expression, value: str) -> str:
        name = self.names[id(node)] = self._fresh("t")
        self._add(self.dialect.local.format(name=name, value=value))
        return name

    def _written(self, node: Expression) -> str:
        dialect = self.dialect
        match node.op:
            case "x" | "name":
                return str(node.args[0])
            case "index":
                return self.names[id(node)]
            case "number":
                value = node.args[0]
                return dialect.literal.format(value)
            case "sum":
                return self._sum(node)
            case "neg":
                return f"-{self._operand(node.args[0], BINDING['neg'], node)}"
            case "truediv" if dialect.inverse and node.varies and not node.args[1].varies:
                left = self._operand(node.args[0], BINDING["mul"], node)
                return f"{left} * {dialect.inverse.format(self._value(node.args[1]))}"
            case op if op in dialect.infix:
                left, right = (
                    self._operand(a, b, node) for a, b in zip(node.args, SIDES[op], strict=True)
                )
                return f"{left} {dialect.infix[op]} {right}"
        template = dialect.template(node.op, node.varies)
        for i, operand in enumerate(node.args):
            if template.count(f"{{{i}}}") > 1:
                self._name(operand)
        return template.format(*[self._operand(a, 0, node) for a in node.args])

    def _operand(self, node: Expression, binding: int, parent: Expression) -> str:
        """An operand of ``parent``, in parentheses if it binds less tightly."""
        value = self._value(node)
        if self.dialect.constant and parent.varies and not node.varies:
            return self.dialect.constant.format(value)
        negative = node.op == "number" and node.args[0] < 0
        inner = BINDING["neg"] if negative else BINDING.get(node.op, TIGHT)
        written = id(node) not in self.names and node.op not in self.dialect.functions
        return f"({value})" if written and inner < binding else value

    def _sum(self, node: Expression) -> str:
        n, index, term = node.args
        opening, adding, closing = self.dialect.loop
        for part in self._constant_in(index, term):
            self._value(part)
        words = {"n": self._value(n), "i": self._fresh("i"), "total": self._fresh("total")}
        self.names[id(index)] = words["i"]
        for line in opening:
            self._add(line.format(**words))
        self.depth += 1
        value = self._value(term)
        self._add(adding.format(**words, term=value))
        self.depth -= 1
        for line in closing:
            self._add(line.format(**words))
        self.names[id(node)] = words["total"]
        return words["total"]

    def _constant_in(self, index: Expression, node: Expression) -> list[Expression]:
        """The largest parts of a term that do not depend on the index."""
        if not any(part is index for part in parts(node)):
            if not self._atom(node):
                self._name(node)
            return [node]
        operands = [a for a in node.args if isinstance(a, Expression)]
        return [part for a in operands for part in self._constant_in(index, a)]


def shared(root: Expression) -> Expression:
    """The expression with equal parts represented by one object."""
    known: dict[Any, Expression] = {}

    def share(node: Expression, args: list[Any]) -> Expression:
        # Numbers as text, because 0.0 == -0.0.
        key = (node.op, *[id(a) if isinstance(a, Expression) else repr(a) for a in args])
        return known.setdefault(key, _with(node, args))

    return rebuilt(root, share)


def uses(root: Expression) -> Counter[int]:
    """How often each part occurs as an operand, by id."""
    counted: Counter[int] = Counter()

    def count(node: Expression) -> None:
        for a in node.args:
            if isinstance(a, Expression):
                counted[id(a)] += 1
                if counted[id(a)] == 1:
                    count(a)

    count(root)
    return counted


def rebuilt(root: Expression, make: Callable[[Expression, list[Any]], Expression]) -> Expression:
    """An expression rebuilt from its parts: ``make`` gets each part once, with its new operands."""
    new: dict[int, Expression] = {}

    def again(node: Expression) -> Expression:
        if id(node) not in new:
            args = [again(a) if isinstance(a, Expression) else a for a in node.args]
            new[id(node)] = make(node, args)
        return new[id(node)]

    return again(root)


def _with(node: Expression, args: Iterable[Any]) -> Expression:
    """The same operation with other operands."""
    copy = Expression(node.op, *args)
    copy.smooth = node.smooth
    return copy


def replaced(root: Expression, old: Expression, new: Expression) -> Expression:
    """An expression with one of its parts replaced."""
    return rebuilt(root, lambda node, args: new if node is old else _with(node, args))


def parts(node: Expression) -> Iterator[Expression]:
    """An expression and all of its parts; a shared part occurs once per use."""
    yield node
    for a in node.args:
        if isinstance(a, Expression):
            yield from parts(a)
