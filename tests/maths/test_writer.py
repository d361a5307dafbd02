"""The written text computes what the namespace that reads the definition directly computes."""

from __future__ import annotations

import math
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from sgcli.definitions import REGISTRY, Definition
from sgcli.errors import SgError
from sgcli.maths import VOCABULARY, writer
from sgcli.maths.dialects import TORCH
from sgcli.maths.torch_ import Torch

X = torch.cat([torch.linspace(-4, 4, 801), torch.tensor([1e-9, -1e-9, 1e3, -1e3, 1e8])]).double()


def run(text: writer.WrittenExpression, **variables: Any) -> Any:
    """Execute written text and return its value."""
    scope: dict[str, Any] = {"math": math, "torch": torch, **variables}
    exec("\n".join([*text.lines, f"result = {text.value}"]), scope)
    return scope["result"]


def drawn(definition: type[Definition], data: st.DataObject) -> dict[str, float]:
    return {
        name: data.draw(st.integers(*map(int, p.typical)))
        if p.integer
        else data.draw(st.floats(*p.typical, exclude_min=p.typical[0] not in p.interval))
        for name, p in definition.params.items()
    }


@pytest.mark.parametrize(
    ("name", "which"),
    [
        (name, which)
        for name, d in REGISTRY.items()
        for which in ("primitive", "derivative", "forward")
        if not (which == "primitive" and d.no_primitive)
    ],
)
@settings(max_examples=20, deadline=None)
@given(data=st.data())
def test_torch_text_equals_the_definition(name: str, which: str, data: st.DataObject) -> None:
    definition = REGISTRY[name]
    values = drawn(definition, data)
    function = getattr(definition, which)
    got = run(writer.write(function, definition.params, TORCH), x=X, **values)
    want = function(Torch(X), X, *values.values())
    torch.testing.assert_close(
        torch.as_tensor(got, dtype=X.dtype).expand_as(X),
        torch.as_tensor(want, dtype=X.dtype).expand_as(X),
        rtol=1e-15,
        atol=0,
    )


@settings(deadline=None)
@given(st.recursive(
    st.sampled_from(["x", "a", 2, 0.5, -3]),
    lambda inner: st.tuples(
        st.sampled_from(["+", "-", "*", "neg", "max", "where", "abs"]), inner, inner
    ),
    max_leaves=12,
))  # fmt: skip
def test_parentheses_and_locals_keep_the_order_of_operations(tree: Any) -> None:
    def function(m: Any, x: Any, a: Any) -> Any:
        def value(node: Any) -> Any:
            if not isinstance(node, tuple):
                return {"x": x, "a": a}.get(node, node)
            op, p, q = node[0], value(node[1]), value(node[2])
            return {
                "+": lambda: p + q,
                "-": lambda: p - q,
                "*": lambda: p * q,
                "neg": lambda: -p - -q,
                "max": lambda: m.maximum(x + p, q),
                "where": lambda: m.where((x >= p) & (x < q), p, q),
                "abs": lambda: m.abs(x * p) - q,
            }[op]()

        return x + value(tree)

    got = run(writer.write(function, ["a"], TORCH), x=X, a=1.25)
    assert torch.equal(got, function(Torch(X), X, 1.25))


def test_a_shared_part_is_written_once() -> None:
    def function(m: Any, x: Any, a: Any) -> Any:
        return m.exp(a * x) + 1 / m.exp(a * x)

    text = writer.write(function, ["a"], TORCH)
    assert "\n".join([*text.lines, text.value]).count("exp") == 1


def test_a_local_variable_never_shadows_a_parameter() -> None:
    def function(m: Any, x: Any, t1: Any) -> Any:
        return m.exp(t1 * x) * m.exp(t1 * x)

    text = writer.write(function, ["t1"], TORCH)
    assert torch.equal(run(text, x=X, t1=0.001), function(Torch(X), X, 0.001))


def test_every_word_of_the_vocabulary_can_be_written_for_tensors_and_numbers() -> None:
    for word in set(VOCABULARY) - {"pi", "sum", "where", "clip"}:
        for variable in ("x", "a"):

            def function(m: Any, x: Any, a: Any, word: str = word, of: str = variable) -> Any:
                operands = [x if of == "x" else a]
                if word in ("minimum", "maximum", "fmod", "wrap"):
                    operands.append(0.75)
                return getattr(m, word)(*operands)

            got = run(writer.write(function, ["a"], TORCH), x=X[-4:-2], a=0.5)
            at = X[-4:-2] if variable == "x" else torch.tensor(0.5, dtype=torch.float64)
            torch.testing.assert_close(
                torch.as_tensor(got, dtype=X.dtype),
                torch.as_tensor(function(Torch(X), at, at), dtype=X.dtype),
                equal_nan=True,
            )


def test_where_of_two_numbers_has_the_dtype_of_x() -> None:
    text = writer.write(REGISTRY["rect"].derivative, ["alpha"], TORCH)
    assert run(text, x=X, alpha=1.1).dtype == torch.float64


@pytest.mark.parametrize(("name", "smooth"), [("rect", False), ("atan", True)])
def test_smooth_says_whether_the_value_moves_with_x(name: str, smooth: bool) -> None:
    definition = REGISTRY[name]
    text = writer.write(definition.derivative, definition.params, TORCH)
    assert text.node.smooth is smooth


def test_a_branch_on_x_is_refused() -> None:
    with pytest.raises(TypeError, match=r"m\.where"):
        writer.write(lambda m, x: x if x >= 0 else -x, [], TORCH)


def test_a_function_outside_the_vocabulary_is_a_users_error() -> None:
    with pytest.raises(SgError, match="'gamma' cannot be written"):
        writer.write(lambda m, x: m.gamma(x), [], TORCH)
