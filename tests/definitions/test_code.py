"""The code that `sg show --code` prints runs by itself and is the same surrogate."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from sgcli import surrogate
from sgcli.definitions import LIBRARIES, REGISTRY, Shape
from sgcli.definitions.code import code, torch_code
from sgcli.definitions.load import parse
from sgcli.errors import SgError

X = torch.cat([torch.linspace(-4, 4, 401), torch.tensor([0.0, -0.0, 1e-9, 50.0, -1e4])]).double()


def pasted(shape: Shape) -> Any:
    """The module class that the text defines, executed without sgcli."""
    text = torch_code(shape)
    assert "sgcli" not in "".join(line for line in text.splitlines() if "import" in line)
    scope: dict[str, Any] = {}
    exec(compile(text, shape.label, "exec"), scope)
    return scope[shape.definition.__name__]


def both_gradients(module: Any, x: torch.Tensor) -> tuple[torch.Tensor, ...]:
    """Output, gradient and second derivative."""
    leaf = x.clone().requires_grad_()
    torch.manual_seed(0)
    y = module(leaf)
    (slope,) = torch.autograd.grad(y.sum(), leaf, create_graph=True)
    (second,) = torch.autograd.grad(slope.sum(), leaf)
    return y.detach(), slope.detach(), second


@pytest.mark.parametrize(
    ("name", "spiking"),
    [(name, s) for name, d in REGISTRY.items() for s in (True, False) if s or not d.no_primitive],
)
@settings(max_examples=8, deadline=None)
@given(data=st.data())
def test_torch_code_is_the_surrogate(name: str, spiking: bool, data: st.DataObject) -> None:
    definition = REGISTRY[name]
    drawn = {
        key: data.draw(st.integers(*map(int, p.typical)) if p.integer else st.floats(*p.typical))
        for key, p in definition.params.items()
    }
    shape = Shape.of(definition, **drawn)
    ours = surrogate.of(definition)(*shape.values, spiking=spiking)
    modes = {} if definition.no_primitive else {"spiking": spiking}
    for got, want in zip(
        both_gradients(pasted(shape)(**modes), X), both_gradients(ours, X), strict=True
    ):
        torch.testing.assert_close(got, want, rtol=1e-14, atol=1e-300)


@pytest.mark.parametrize("name", REGISTRY)
def test_torch_code_keeps_the_dtype_and_composes_with_vmap(name: str) -> None:
    definition = REGISTRY[name]
    module = pasted(Shape.of(definition))()
    ours = surrogate.of(definition)()
    for dtype in (torch.float32, torch.bfloat16, torch.float16):
        x = torch.linspace(-2, 2, 9, dtype=dtype)
        for got, want in zip(both_gradients(module, x), both_gradients(ours, x), strict=True):
            assert got.dtype == dtype
            torch.testing.assert_close(got, want)
    gradient = torch.func.grad(lambda x: module(x).sum())
    if not definition.is_random():
        torch.testing.assert_close(torch.func.vmap(gradient)(X), gradient(X))


@pytest.mark.parametrize("name", REGISTRY)
def test_torch_code_can_be_read(name: str) -> None:
    text = torch_code(Shape.of(REGISTRY[name]))
    assert max(map(len, text.splitlines())) <= 100
    assert not any(line != line.rstrip() for line in text.splitlines())


@pytest.mark.parametrize("library", LIBRARIES)
def test_a_library_without_the_surrogate_says_who_has_it(library: str) -> None:
    lacking = [d for d in REGISTRY.values() if library not in {p.library for p in d.peers}]
    if library == "spikingjelly":
        assert len(REGISTRY) - len(lacking) == 19  # as many as it has
    for definition in lacking:
        with pytest.raises(SgError, match=f"{LIBRARIES[library].title} has no") as error:
            code(Shape.of(definition), library)
        assert all(LIBRARIES[p.library].title in error.value.hint for p in definition.peers)


def test_a_map_for_some_values_gives_no_code_for_other_values() -> None:
    assert "triangle" in code(parse("piecewise_quadratic,alpha=1").shape, "norse")
    with pytest.raises(SgError, match="piecewise_quadratic for alpha = 1 only"):
        code(parse("piecewise_quadratic,alpha=2").shape, "norse")


def test_peer_code_says_what_differs() -> None:
    text = code(parse("soft_sign,alpha=4").shape, "snntorch")
    assert "fast_sigmoid(slope=4.0)" in text
    assert "0.5 times ours" in text
    assert "fires at x > 0" in text


@pytest.mark.peer
@pytest.mark.parametrize("library", LIBRARIES)
def test_peer_code_runs(library: str) -> None:
    pytest.importorskip(library)
    for definition in REGISTRY.values():
        if library in {p.library for p in definition.peers}:
            scope: dict[str, Any] = {}
            exec(code(Shape.of(definition), library), scope)
            built = [v for k, v in scope.items() if k in ("node", "cell", "layer", "spikes")]
            assert len(built) == 1
            assert isinstance(built[0], torch.nn.Module | torch.Tensor)
