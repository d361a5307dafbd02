"""The networks of published trainings compute what the code of their sources computes."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional

from sgcli import surrogate
from sgcli.training.data.encoders import encode
from sgcli.training.network.losses import decision, objective
from sgcli.training.network.network import Network, build
from sgcli.training.protocols import named
from sgcli.training.run.trainer import GENERATORS, generator
from sgcli.training.settings import Settings, settings_for

Result = tuple[Tensor, Tensor, list[Tensor]]  # loss, classes named, gradients of the weights


class Ours:
    """A published network, six samples, and what it makes of them."""

    def __init__(self, name: str, arm: str = "", **changed: Any) -> None:
        protocol = named(name)
        given = {**protocol.settings, **protocol.arms.get(arm, {}), **changed}
        self.settings: Settings = settings_for(**given)
        self.made = {n: generator(0, n) for n in (*GENERATORS, "surrogate")}
        raster = self.settings.encoder == "given"
        inputs = {"spytorch": 100, "randman": 20}.get(self.settings.task, 784)
        classes = 2 if self.settings.task == "spytorch" else 10
        self.network: Network = build(self.settings, inputs, classes, self.made)
        shape = (6, self.settings.time, inputs) if raster else (6, inputs)
        draws = torch.rand(shape, generator=generator(0, "samples"))
        bright = (draws < 0.05).float() if raster else draws * (draws > 0.6)
        self.labels = torch.arange(6) % classes
        self.images = (255 * bright).to(torch.uint8)
        self.x = encode(self.settings, self.images, generator(0, "encoder"))

    def weights(self) -> list[Tensor]:
        return list(self.network.parameters())

    def result(self) -> Result:
        outputs = self.network(self.x, self.settings.time)
        assert all(spikes.sum() > 0 for spikes in outputs[:-1])
        loss = objective(self.settings, outputs, self.labels)
        gradients = torch.autograd.grad(loss, self.weights())
        return loss, decision(self.settings.readout, outputs), list(gradients)


def agree(ours: Ours, theirs: Callable[[Ours, list[Tensor]], tuple[Tensor, Tensor]]) -> None:
    loss, classes, gradients = ours.result()
    copies = [p.detach().clone().requires_grad_() for p in ours.weights()]
    want, named = theirs(ours, copies)
    assert loss.item() == pytest.approx(want.item(), rel=1e-5)
    assert torch.equal(classes, named)
    for mine, other in zip(gradients, torch.autograd.grad(want, copies), strict=True):
        scale = other.abs().max().item()
        assert scale > 0
        assert torch.allclose(mine, other, rtol=1e-3, atol=1e-4 * scale)


peer = [
    pytest.mark.peer,
    # What these libraries say of themselves when they are imported.
    pytest.mark.filterwarnings("ignore"),
]


def with_marks(function: Any) -> Any:
    for mark in peer:
        function = mark(function)
    return function


@with_marks
def test_spikingjelly() -> None:
    pytest.importorskip("spikingjelly")
    from spikingjelly.activation_based import neuron
    from spikingjelly.activation_based import surrogate as theirs

    def run(ours: Ours, weights: list[Tensor]) -> tuple[Tensor, Tensor]:
        node = neuron.LIFNode(tau=2.0, surrogate_function=theirs.ATan())
        rates = sum(node(functional.linear(x, weights[0])) for x in ours.x) / len(ours.x)
        one_hot = functional.one_hot(ours.labels, 10).float()
        return functional.mse_loss(rates, one_hot), rates.argmax(1)

    agree(Ours("spikingjelly-lif-fc-mnist"), run)


def snn(ours: Ours, layers: list[Callable[[Tensor], Tensor]], nodes: list[Any]) -> Any:
    """Spikes and membranes of the last layer, as the loops of snnTorch's tutorials record them."""
    membranes = [node.init_leaky() for node in nodes]
    record = []
    for _ in range(ours.settings.time):
        spikes = ours.x
        for i, (layer, node) in enumerate(zip(layers, nodes, strict=True)):
            spikes, membranes[i] = node(layer(spikes), membranes[i])
        record.append((spikes, membranes[-1]))
    return [torch.stack(part) for part in zip(*record, strict=True)]


@with_marks
def test_snntorch_tutorial_5() -> None:
    snntorch = pytest.importorskip("snntorch")

    def run(ours: Ours, w: list[Tensor]) -> tuple[Tensor, Tensor]:
        layers: list[Any] = [
            lambda x: functional.linear(x, w[0], w[1]), lambda x: functional.linear(x, w[2], w[3])
        ]  # fmt: skip
        spikes, membranes = snn(ours, layers, [snntorch.Leaky(beta=0.95) for _ in layers])
        loss = sum(nn.CrossEntropyLoss()(step, ours.labels) for step in membranes)
        return loss, spikes.sum(0).max(1)[1]

    agree(Ours("snntorch-tutorial-5"), run)


@with_marks
def test_snntorch_tutorial_6() -> None:
    snntorch = pytest.importorskip("snntorch")
    from snntorch.functional import ce_rate_loss
    from snntorch.surrogate import fast_sigmoid

    def run(ours: Ours, w: list[Tensor]) -> tuple[Tensor, Tensor]:
        layers: list[Any] = [
            lambda x: functional.max_pool2d(functional.conv2d(x.view(-1, 1, 28, 28), *w[0:2]), 2),
            lambda x: functional.max_pool2d(functional.conv2d(x, *w[2:4]), 2),
            lambda x: functional.linear(x.flatten(1), *w[4:6]),
        ]
        nodes = [snntorch.Leaky(beta=0.5, spike_grad=fast_sigmoid(slope=25)) for _ in layers]
        spikes, _ = snn(ours, layers, nodes)
        return ce_rate_loss()(spikes, ours.labels), spikes.sum(0).argmax(1)

    ours = Ours("snntorch-tutorial-6", time=12)
    with torch.no_grad():
        for linear in ours.network.linears:
            linear.weight.mul_(3)  # so that six samples make it fire
    agree(ours, run)


@with_marks
@pytest.mark.parametrize("softplus", [False, True])
def test_norse(softplus: bool) -> None:
    norse = pytest.importorskip("norse.torch")
    from norse.torch.module.lif import LIFRecurrentCell

    def run(ours: Ours, w: list[Tensor]) -> tuple[Tensor, Tensor]:
        images = (ours.images.float() / 255 - 0.1307) / 0.3081
        images = functional.softplus(images) if softplus else images
        sequence = norse.ConstantCurrentLIFEncoder(32)(images)
        assert torch.equal(sequence, ours.x)
        threshold = torch.tensor(1.0 if softplus else 0.5)
        cell = LIFRecurrentCell(
            784, 100, p=norse.LIFParameters(alpha=100, v_th=threshold), input_weights=w[0],
            recurrent_weights=w[1], autapses=True,
        )  # fmt: skip
        readout, s, so, voltages = norse.LICell(), None, None, []
        for z in sequence:
            spikes, s = cell(z, s)
            voltage, so = readout(functional.linear(spikes, w[2]), so)
            voltages.append(voltage)
        log_p = functional.log_softmax(torch.stack(voltages).max(0)[0], dim=1)
        return functional.nll_loss(log_p, ours.labels), log_p.argmax(1)

    # As released, alpha does not reach the surrogate of norse 1.1.0.
    changed = {"softplus": True, "v_threshold": 1.0} if softplus else {}
    ours = Ours("norse-mnist", "alpha-1", **changed)
    order = {id(p): n for n, p in ours.network.named_parameters()}
    assert [order[id(p)] for p in ours.weights()] == [
        "linears.0.weight", "linears.1.weight", "nodes.0.weights.weight",
    ]  # fmt: skip
    without_self(ours)
    swap: Callable[[list[Tensor]], list[Tensor]] = lambda w: [w[0], w[2], w[1]]  # noqa: E731
    agree(ours, lambda o, w: run(o, swap(w)))


def without_self(ours: Ours) -> None:
    """Compare the gradients of all recurrent weights: ours leave the self-connections at 0."""
    weights = ours.network.get_parameter("nodes.0.weights.weight")
    assert not weights.diagonal().any()
    weights._backward_hooks = None


def currents(x: Tensor, keep: float) -> list[Tensor]:
    """I[n + 1] = keep·I[n] + x[n] from 0 on, as many as there are inputs."""
    found = [torch.zeros_like(x[0])]
    for now in x:
        found.append(keep * found[-1] + now)
    return found[:-1]


def test_spytorch() -> None:
    alpha, beta = math.exp(-1 / 5), math.exp(-1 / 10)
    spike = surrogate.FastSigmoid(100.0)

    def run(ours: Ours, w: list[Tensor]) -> tuple[Tensor, Tensor]:
        u = torch.zeros(6, 4)
        spikes = []
        for current in currents(functional.linear(ours.x, w[0]), alpha):
            spikes.append(spike(u - 1))
            u = beta * u + current - spikes[-1].detach()
        out = torch.zeros(6, 2)
        record = []
        for current in currents(functional.linear(torch.stack(spikes), w[1]), alpha):
            record.append(out)
            out = beta * out + current
        highest = torch.stack(record).max(0)[0]
        return functional.cross_entropy(highest, ours.labels), highest.argmax(1)

    agree(Ours("spytorch-1", "surrogate", init_scale=3.0), run)


@pytest.mark.parametrize("detach", [True, False])
def test_randman(detach: bool) -> None:
    of_current, of_membrane, of_readout = (math.exp(-1 / tau) for tau in (5, 10, 20))
    spike = surrogate.FastSigmoid(100.0)

    def run(ours: Ours, w: list[Tensor]) -> tuple[Tensor, Tensor]:
        u = torch.zeros(6, 100)
        spikes = []
        for current in currents(functional.linear(ours.x, w[0]), of_current):
            spikes.append(spike(u - 1))
            s = spikes[-1].detach() if detach else spikes[-1]
            u = (of_membrane * u + (1 - of_membrane) * current) * (1 - s)
        out = torch.zeros(6, 10)
        record = []
        for current in currents(functional.linear(torch.stack(spikes), w[1]), of_current):
            record.append(out)
            out = of_readout * out + (1 - of_readout) * current
        highest = torch.stack(record).max(0)[0]
        lack = (1e-3 - torch.stack(spikes).mean(0)).clamp(min=0).square().mean()
        return functional.cross_entropy(highest, ours.labels) + 100 * lack, highest.argmax(1)

    ours = Ours("zenke-vogels-randman", "super-spike", detach_reset=detach)
    with torch.no_grad():
        ours.network.linears[0].weight.mul_(20)  # so that six samples make it fire
    agree(ours, run)


@with_marks
def test_plif() -> None:
    pytest.importorskip("spikingjelly")
    from spikingjelly.activation_based import neuron
    from spikingjelly.activation_based import surrogate as theirs

    hidden = ("8C3P1", "BN", "S", "MP2", "8C3P1", "BN", "S", "MP2", 20)  # small, and no dropout

    def node(w: Tensor) -> Any:
        made = neuron.ParametricLIFNode(2.0, surrogate_function=theirs.ATan(), detach_reset=True)
        made.w = nn.Parameter(w)
        return made

    def run(ours: Ours, copies: list[Tensor]) -> tuple[Tensor, Tensor]:
        names = [name for name, _ in ours.network.named_parameters()]
        w = dict(zip(names, copies, strict=True))
        nodes = [node(torch.zeros(())) for _ in range(4)]
        for i, one in enumerate(nodes):
            del one.w
            one.w = w[f"nodes.{i}.w"]

        def normed(x: Tensor, i: int) -> Tensor:
            norm = (w[f"before.{i}.0.weight"], w[f"before.{i}.0.bias"])
            convolved = functional.conv2d(x, w[f"linears.{i}.weight"], padding=1)
            return functional.batch_norm(convolved, None, None, *norm, training=True)

        static, counts = normed(ours.x.view(-1, 1, 28, 28), 0), 0
        for _ in range(8):
            x = functional.max_pool2d(nodes[0](static), 2)
            x = functional.max_pool2d(nodes[1](normed(x, 1)), 2)
            x = nodes[2](functional.linear(x.flatten(1), w["linears.2.weight"]))
            x = nodes[3](functional.linear(x, w["linears.3.weight"]))
            counts = counts + functional.avg_pool1d(x[:, None], 10, 10)[:, 0]
        one_hot = functional.one_hot(ours.labels, 10).float()
        return functional.mse_loss(counts / 8, one_hot), counts.argmax(1)

    ours = Ours("plif-mnist", hidden=hidden)
    with torch.no_grad():
        for linear in ours.network.linears[2:]:
            linear.weight.mul_(8)  # so that six samples make it fire
    agree(ours, run)
