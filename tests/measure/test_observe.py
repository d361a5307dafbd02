"""Observed membranes are those that the neurons had."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from sgcli.errors import SgError
from sgcli.measure.observe import observe
from sgcli.neuron import Leaky, LIFNode, reset_net
from sgcli.surrogate import ATan

X = torch.rand((6, 16, 10), generator=torch.Generator().manual_seed(0)) * 4


class Recording(LIFNode):
    """A node that writes down what it fires on."""

    def __init__(self, **settings):
        super().__init__(**settings)
        self.seen, self.fired = [], []

    def neuronal_fire(self):
        spike = super().neuronal_fire()
        self.seen.append((self.v - self.v_threshold).detach())
        self.fired.append(spike)
        return spike


def linear(inputs=10, outputs=12):
    made = nn.Linear(inputs, outputs, bias=False)
    nn.init.uniform_(made.weight, -0.5, 0.8, generator=torch.Generator().manual_seed(1))
    return made


def test_mean_deviation_and_rate_are_those_of_the_membrane():
    node = Recording(step_mode="m")
    (found,) = observe(nn.Sequential(linear(), node), X)
    x, spikes = torch.cat(node.seen).double(), torch.cat(node.fired)
    assert found.name == "1"
    assert found.count == x.numel() == len(found.sample)
    assert found.mean == pytest.approx(float(x.mean()), rel=1e-12)
    assert found.deviation == pytest.approx(float(x.std(correction=0)), rel=1e-12)
    assert found.rate == float(spikes.double().mean())
    assert 0.05 < found.rate < 0.95


def test_a_delayed_reset_is_not_counted_as_a_step():
    (observed,) = observe(nn.Sequential(linear(), Leaky(0.9, step_mode="m")), X)
    assert observed.count == 6 * 16 * 12


def test_the_model_is_as_before_and_gives_what_it_gave():
    shared = ATan()
    model = nn.Sequential(
        linear(),
        LIFNode(surrogate_function=shared, step_mode="m"),
        linear(12, 12),
        LIFNode(surrogate_function=shared, step_mode="m"),
    ).eval()
    before = model(X)
    reset_net(model)
    first, second = observe(model, X)
    assert (first.name, second.name) == ("1", "3")
    assert first.mean != second.mean  # a surrogate that layers share is heard in each of them
    reset_net(model)
    assert model[1].surrogate_function is model[3].surrogate_function is shared
    assert not any(module.training for module in model.modules())
    assert torch.equal(model(X), before)


def test_a_function_and_a_name_of_ones_own():
    class Own(nn.Module):
        def __init__(self):
            super().__init__()
            self.fires = lambda x: (x > 0).float()

        def forward(self, x):
            return self.fires(x - 1)

    (found,) = observe(Own(), X, attributes=["fires"])
    assert found.name == "Own"
    assert found.mean == pytest.approx(float(X.double().mean()) - 1, rel=1e-6)
    with pytest.raises(SgError, match="no layer of the model has a surrogate_function"):
        observe(Own(), X)


def test_a_layer_that_fires_without_its_surrogate_is_named():
    class Deaf(nn.Module):
        def __init__(self):
            super().__init__()
            self.surrogate_function = ATan()

        def forward(self, x):
            return (x > 0).float()

    with pytest.raises(SgError, match="0: the surrogate was not called"):
        observe(nn.Sequential(Deaf()), X)


@pytest.mark.peer
@pytest.mark.parametrize("training", [True, False])
def test_spikingjelly(training):
    neuron = pytest.importorskip("spikingjelly.activation_based.neuron")
    ours = nn.Sequential(linear(), LIFNode(step_mode="m"))
    theirs = nn.Sequential(linear(), neuron.LIFNode(step_mode="m")).train(training)
    (a,), (b,) = observe(ours, X), observe(theirs, X)
    assert (b.mean, b.deviation) == pytest.approx((a.mean, a.deviation), rel=1e-6)
    assert b.rate == pytest.approx(a.rate)
    assert theirs[1].training is training


@pytest.mark.peer
def test_snntorch_hears_the_membrane_that_fires_and_not_that_which_resets():
    snn = pytest.importorskip("snntorch")

    class Theirs(nn.Module):
        def __init__(self):
            super().__init__()
            self.linear, self.node = linear(), snn.Leaky(beta=0.5)

        def forward(self, x):
            membrane, spikes = self.node.init_leaky(), []
            for current in x:
                spike, membrane = self.node(self.linear(current), membrane)
                self.seen.append(membrane.detach() - 1)
                spikes.append(spike)
            return torch.stack(spikes)

    model = Theirs()
    model.seen = []
    (found,) = observe(model, X)
    assert found.count == torch.cat(model.seen).numel()
    assert found.mean == pytest.approx(float(torch.cat(model.seen).mean()), rel=1e-5)
