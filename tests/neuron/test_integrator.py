"""The leaky integrator: steps, sequences, the equations of its sources, gradients."""

from __future__ import annotations

import itertools
import math
from typing import Any

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from sgcli.errors import InputTypeError, ParameterError
from sgcli.neuron import synapse
from sgcli.neuron.integrator import LeakyIntegrator
from sgcli.neuron.memory import detach_net, reset_net

CASES = [
    {"scheme": scheme, "late": late, "decay_input": decay, "tau_syn": tau_syn}
    for scheme, late, decay, tau_syn in itertools.product(
        synapse.SCHEMES, (False, True), (False, True), (None, 1.0, 5.0)
    )
]


def sample(*shape: int, seed: int = 0) -> Tensor:
    g = torch.Generator().manual_seed(seed)
    return torch.randn(*shape, generator=g, dtype=torch.float64)


@pytest.mark.parametrize("kwargs", CASES)
def test_a_sequence_equals_its_steps(kwargs: dict[str, Any]) -> None:
    x = sample(9, 3, 4)
    weight = sample(9, 3, 4, seed=1)
    results = []
    for mode in "sm":
        node = LeakyIntegrator(tau_mem=8.0, step_mode=mode, **kwargs)
        leaf = x.clone().requires_grad_()
        # A second sequence goes on from the first one, and receives gradient through the state.
        parts = [leaf[:5], leaf[5:]]
        out = torch.cat(
            [node(p) if mode == "m" else torch.stack([node(step) for step in p]) for p in parts]
        )
        assert isinstance(node.v, Tensor)
        assert isinstance(node.i, Tensor)
        loss = (weight * out**2).sum() + (node.v**2).sum() + node.i.sum()
        (first,) = torch.autograd.grad(loss, leaf, create_graph=True)
        (second,) = torch.autograd.grad((first**2).sum(), leaf)
        results.append((out.detach(), node.v.detach(), node.i.detach(), first.detach(), second))
    for ours, stepwise in zip(*reversed(results), strict=True):
        torch.testing.assert_close(ours, stepwise, rtol=1e-12, atol=1e-12)
    assert torch.equal(results[0][0], results[1][0])


def test_the_equations_of_zenke_and_vogels() -> None:
    beta_m, beta_s = math.exp(-1 / 20), math.exp(-1 / 5)
    x = sample(30, 6)
    u, i, want = torch.zeros(6), torch.zeros(6), []
    for step in x:
        want.append(u)
        u, i = beta_m * u + (1 - beta_m) * i, beta_s * i + step
    node = LeakyIntegrator(tau_mem=20.0, tau_syn=5.0, late=True, step_mode="m")
    torch.testing.assert_close(node(x), torch.stack(want).double(), rtol=1e-12, atol=1e-12)


def test_the_readout_of_spytorch() -> None:
    """Its ``out_rec`` holds T + 1 potentials; one more step without input returns the last one."""
    alpha, beta = math.exp(-1 / 5), math.exp(-1 / 10)
    h2 = sample(12, 2)
    flt, out = torch.zeros(2), torch.zeros(2)
    out_rec = [out]
    for t in range(12):
        flt, out = alpha * flt + h2[t], beta * out + flt
        out_rec.append(out)
    node = LeakyIntegrator(10.0, 5.0, decay_input=False, late=True, step_mode="m")
    got = node(torch.cat([h2, torch.zeros(1, 2)]))
    torch.testing.assert_close(got, torch.stack(out_rec).double(), rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("late", [False, True])
def test_a_constant_input_is_a_sequence_of_it(late: bool) -> None:
    x = sample(3, 2)
    node, other = (LeakyIntegrator(late=late, step_mode="m") for _ in range(2))
    assert torch.equal(node.constant_forward(x, 7), other(x.repeat(7, 1, 1)))


@given(st.floats(0, 1), st.integers(1, 12), st.integers(0, 2**31))
def test_a_filter_is_the_sum_of_its_decayed_inputs(keep: float, steps: int, seed: int) -> None:
    x, start = sample(steps, 3, seed=seed), sample(3, seed=seed + 1)
    t = torch.arange(steps)
    left = torch.where(t[:, None] >= t, keep ** (t[:, None] - t).clamp(min=0).double(), 0.0)
    want = left @ x + (keep ** (t + 1.0).double())[:, None] * start
    torch.testing.assert_close(synapse.run(x, start, keep)[0], want, rtol=1e-12, atol=1e-12)


# What torch says of itself.
@pytest.mark.filterwarnings("ignore:.*torch.jit.script:DeprecationWarning")
@pytest.mark.parametrize("delayed", [False, True])
def test_derivatives_of_a_filter_against_finite_differences(delayed: bool) -> None:
    x, start = sample(6, 2).requires_grad_(), sample(2).requires_grad_()

    def filtered(x: Tensor, start: Tensor) -> tuple[Tensor, Tensor]:
        y, after = synapse.run(x, start, 0.8, delayed)
        return y**2, after**2

    assert torch.autograd.gradcheck(filtered, (x, start), check_forward_ad=True)
    assert torch.autograd.gradgradcheck(filtered, (x, start), check_fwd_over_rev=True)


def test_vmap_over_a_new_dimension() -> None:
    x = sample(6, 8, 5)

    def potentials(sample: Tensor) -> Tensor:
        output: Tensor = LeakyIntegrator(step_mode="m")(sample)
        return output

    mapped = torch.func.vmap(potentials, in_dims=1, out_dims=1)(x)
    assert torch.equal(mapped, potentials(x))


def test_reset_detach_and_another_shape_of_the_state() -> None:
    node = LeakyIntegrator()
    node(torch.ones(3, requires_grad=True))
    assert isinstance(node.v, Tensor)
    assert node.v.requires_grad
    detach_net(torch.nn.Sequential(node))
    assert isinstance(node.i, Tensor)
    assert not node.v.requires_grad
    assert not node.i.requires_grad
    assert torch.equal(node(torch.ones(2)), LeakyIntegrator()(torch.ones(2)))
    reset_net(node)
    assert node.v == node.i == 0


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("tau_mem", 0.5),
        ("tau_syn", math.nan),
        ("tau_mem", None),
        ("scheme", "rk4"),
        ("step_mode", "x"),
    ],
)
def test_a_bad_value_is_refused_with_what_is_allowed(name: str, value: Any) -> None:
    with pytest.raises(ParameterError) as caught:
        LeakyIntegrator(**{name: value})
    assert name in caught.value.hint
    with pytest.raises(ParameterError):
        setattr(LeakyIntegrator(), name, value)


@pytest.mark.parametrize("mode", ["s", "m"])
def test_integers_and_empty_sequences_are_refused(mode: str) -> None:
    with pytest.raises(InputTypeError):
        LeakyIntegrator(step_mode=mode)(torch.ones(2, 2, dtype=torch.int64))
    with pytest.raises(ParameterError):
        LeakyIntegrator(step_mode="m")(torch.ones(0, 3))
    with pytest.raises(ParameterError):
        LeakyIntegrator().constant_forward(torch.ones(3), 0)


@pytest.mark.peer
@pytest.mark.filterwarnings("ignore")
def test_norse_li_feed_forward_step() -> None:
    pytest.importorskip("norse")
    from norse.torch.functional import leaky_integrator as norse

    parameters = norse.LIParameters(
        *(torch.tensor(tau, dtype=torch.float64) for tau in (200.0, 100.0, 0.0))
    )
    x = sample(40, 7)
    leaves, outputs = [], []
    state = norse.LIState(v=torch.zeros(7).double(), i=torch.zeros(7).double())
    leaves.append(x.clone().requires_grad_())
    theirs = []
    for step in leaves[0]:
        v, state = norse.li_feed_forward_step(step, state, parameters, dt=0.001)
        theirs.append(v)
    outputs.append(torch.stack(theirs))
    leaves.append(x.clone().requires_grad_())
    outputs.append(LeakyIntegrator(10.0, 5.0, scheme="euler", step_mode="m")(leaves[1]))
    torch.testing.assert_close(*outputs, rtol=1e-12, atol=1e-12)
    for out in outputs:
        (out**2).sum().backward()
    torch.testing.assert_close(leaves[0].grad, leaves[1].grad, rtol=1e-12, atol=1e-12)
