"""One training, batch by batch; its state can be saved and restored between any two batches."""

from __future__ import annotations

import hashlib
import math
import time
from functools import partial
from typing import Any

import torch
from torch import Generator, Tensor, nn

from sgcli.native.ops import fallback_reason as no_kernel
from sgcli.training.data import encoders
from sgcli.training.data.augment import augment
from sgcli.training.data.samples import Data, Samples, check_batch
from sgcli.training.network.losses import decision, objective
from sgcli.training.network.network import Network, build
from sgcli.training.network.nodes import fallback_reason
from sgcli.training.network.precision import autocast, keep_neurons_exact
from sgcli.training.run import checkpoint_check
from sgcli.training.run.divergence import Diverged as Diverged
from sgcli.training.run.divergence import check_loss, check_weights
from sgcli.training.settings import Settings

LINES_PER_EPOCH = 20
EVALUATION_BATCH = 250
GENERATORS = ("init", "order", "encoder", "dropout", "augment")
COSINE_EPOCHS = 64  # half a period, as in Fang and others' PLIF networks

Line = dict[str, Any]


def generator(seed: int, name: str, device: str = "cpu") -> Generator:
    """A random generator for one purpose; generators of different names are independent."""
    digest = hashlib.sha256(f"{name} {seed}".encode()).digest()
    return Generator(device).manual_seed(int.from_bytes(digest[:7]))


def generators(settings: Settings, device: str = "cpu") -> dict[str, Generator]:
    """A generator for each purpose; only that of the surrogate is on the device."""
    on_cpu = {name: generator(settings.seed, name) for name in GENERATORS}
    return {**on_cpu, "surrogate": generator(settings.seed, "surrogate", device)}


def rate(settings: Settings, progress: float, epoch: int = 0) -> float:
    """The learning rate in an epoch, after a fraction ``progress`` in [0, 1) of the training."""
    if settings.schedule == "constant":
        return settings.lr
    if settings.schedule == "cosine":
        return settings.lr * (1 + math.cos(math.pi * epoch / COSINE_EPOCHS)) / 2
    # one_cycle: a cosine from lr / 25 up over the first 30 %, and a cosine down to 0.
    low, turn = settings.lr / 25, 0.3
    if progress < turn:
        return low + (settings.lr - low) * (1 - math.cos(math.pi * progress / turn)) / 2
    return settings.lr * (1 + math.cos(math.pi * (progress - turn) / (1 - turn))) / 2


def optimizer_of(settings: Settings, network: Network) -> torch.optim.Optimizer:
    if settings.optimizer == "adam":
        return torch.optim.Adam(network.parameters(), lr=settings.lr, fused=True)
    return torch.optim.SGD(network.parameters(), lr=settings.lr, momentum=0.9, fused=True)


class Trainer:
    """A training: its state, and its next step."""

    def __init__(self, settings: Settings, data: Data) -> None:
        check_batch(data, settings.batch_size)
        encoders.check(settings, data.train.images)
        self.settings = settings
        self.data = data.to(settings.device)
        self.generators = generators(settings, settings.device)
        self.network = build(settings, data.pixels, data.classes, self.generators)
        if settings.amp:
            keep_neurons_exact(self.network)
        self.optimizer = optimizer_of(settings, self.network)
        batches = len(data.train) / settings.batch_size
        self.steps_per_epoch = int(batches) if settings.drop_last else math.ceil(batches)
        self.every = math.ceil(min(self.steps_per_epoch, self.total) / LINES_PER_EPOCH)
        self.epoch = 0
        self.step = 0  # inside the epoch
        self.tested = 0  # number of updates at the last test, so that none is tested twice
        self.order = self._shuffled()
        self.seconds = 0.0
        self.sums = {"loss": 0.0, "right": 0, "samples": 0}
        self.first_loss: float | None = None

    @property
    def done(self) -> int:
        """Number of steps that are done, of ``total``."""
        return min(self.epoch * self.steps_per_epoch + self.step, self.total)

    @property
    def total(self) -> int:
        return self.settings.steps or self.settings.epochs * self.steps_per_epoch

    @property
    def length(self) -> int:
        """Number of steps in this epoch; the last epoch may be shorter."""
        return min(self.steps_per_epoch, self.total - self.epoch * self.steps_per_epoch)

    @property
    def finished(self) -> bool:
        return self.length <= 0

    @property
    def trained(self) -> int:
        """Number of samples that were trained on so far."""
        batch = self.settings.batch_size
        count = min(len(self.data.train), self.steps_per_epoch * batch)
        return self.epoch * count + min(self.step * batch, count)

    @property
    def path(self) -> str:
        """The code that runs the neurons: whole sequences or single steps, kernels or torch.

        The last digits of a result depend on it.
        """
        mode = "steps" if any(map(fallback_reason, self.network.lif_nodes)) else "sequence"
        definition = self.settings.shape.definition
        kernels = torch.device(self.settings.device).type == "cpu" and not no_kernel(definition)
        return mode if kernels else f"{mode} in torch"

    def advance(self) -> Line | None:
        """Train on the next batch, or test if a test is due; returns a line of metrics, if any.

        Raises :class:`Diverged`.
        """
        settings = self.settings
        if self.step == self.length:
            epoch_due = (self.epoch + 1) % settings.evaluate_every == 0
            due = epoch_due or self.done == self.total or self.done in settings.evaluate_at
            line = self._test() if due else None
            self.tested = self.done
            self.epoch, self.step = self.epoch + 1, 0
            self.order = self._shuffled()
            return line
        if self.done in settings.evaluate_at and self.tested != self.done:
            self.tested = self.done
            return self._test()
        start = time.perf_counter()
        spikes = self._train()
        self.seconds += time.perf_counter() - start
        if self.step % self.every and self.step < self.length:
            return None
        check_weights(self.network, self.where)
        return self._line(spikes)

    @property
    def where(self) -> str:
        return f"epoch {self.epoch + 1}, step {self.step}"

    def _shuffled(self) -> Tensor:
        order = torch.randperm(len(self.data.train), generator=self.generators["order"])
        return order.to(self.settings.device)

    def _train(self) -> list[Tensor]:
        settings = self.settings
        for group in self.optimizer.param_groups:
            group["lr"] = rate(settings, self.done / self.total, self.epoch)
        chosen = self.order[self.step * settings.batch_size :][: settings.batch_size]
        images, labels = self.data.train.images[chosen], self.data.train.labels[chosen]
        if settings.augment:
            images = augment(images, self.generators["augment"])
        encoder = self.generators["encoder"]
        with autocast(settings.device, settings.amp):
            spikes = self.outputs(images, encoder)
            loss = objective(settings, spikes, labels)
        self.step += 1
        value = loss.item()
        self.first_loss = value if self.first_loss is None else self.first_loss
        forward = partial(self.outputs, images, encoder)
        check_loss(value, self.first_loss, self.network, forward, self.where)
        self.optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        self.optimizer.step()
        self.sums["loss"] += value * len(labels)
        self.sums["right"] += self._right(spikes, labels)
        self.sums["samples"] += len(labels)
        return [s.detach() for s in spikes]

    def outputs(self, images: Tensor, encoder: Generator) -> list[Tensor]:
        """The outputs of the network for images, encoded with draws of ``encoder``."""
        x = encoders.encode(self.settings, images, encoder)
        outputs: list[Tensor] = self.network(x, self.settings.time)
        return outputs

    def _line(self, spikes: list[Tensor]) -> Line:
        sums, self.sums = self.sums, {"loss": 0.0, "right": 0, "samples": 0}
        return {
            **self._metrics("train", **sums, rates=self._rates(spikes)),
            "gradient_norm": gradient_norms(self.network),
            "lr": self.optimizer.param_groups[0]["lr"],
        }

    def _metrics(
        self, kind: str, loss: float, right: float, samples: float, rates: list[float]
    ) -> Line:
        return {
            "kind": kind,
            "epoch": self.epoch + 1,
            "step": self.done,
            "loss": loss / samples,
            "accuracy": right / samples,
            "firing_rate": rates,
            "seconds": self.seconds,
            "samples_per_second": self.trained / self.seconds,
        }

    @torch.no_grad()
    def _test(self) -> Line:
        """Loss, accuracy and firing rates on the test set, encoded with the same seed each time."""
        samples: Samples = self.data.test
        encoder = generator(self.settings.seed, "evaluation")
        loss, right, rates = 0.0, 0, [0.0] * len(self.network.lif_nodes)
        self.network.eval()
        for start in range(0, len(samples), EVALUATION_BATCH):
            part = samples.part(start, start + EVALUATION_BATCH)
            with autocast(self.settings.device, self.settings.amp):
                spikes = self.outputs(part.images, encoder)
            loss += objective(self.settings, spikes, part.labels).item() * len(part)
            right += self._right(spikes, part.labels)
            of_part = self._rates(spikes)
            rates = [r + p * len(part) for r, p in zip(rates, of_part, strict=True)]
        self.network.train()
        rates = [r / len(samples) for r in rates]
        return self._metrics(self.settings.evaluate, loss, right, len(samples), rates)

    def _right(self, spikes: list[Tensor], labels: Tensor) -> int:
        return int((decision(self.settings.readout, spikes) == labels).sum())

    def _rates(self, spikes: list[Tensor]) -> list[float]:
        """Spikes per neuron and step of each layer; a readout has none."""
        layers = len(self.network.lif_nodes)
        return [s.mean().item() for s in spikes[:layers]]

    def state_dict(self) -> dict[str, Any]:
        """Everything that the next step depends on, as tensors and numbers."""
        return {
            "network": self.network.state_dict(),
            "optimizer": self.optimizer.state_dict(),
            "generators": {name: g.get_state() for name, g in self.generators.items()},
            "order": self.order,
            "epoch": self.epoch,
            "step": self.step,
            "tested": self.tested,
            "seconds": self.seconds,
            "sums": dict(self.sums),
            "first_loss": self.first_loss,
        }

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Restore a state; ``ValueError`` if it is not one of this training, which stays as it was.

        :mod:`sgcli.training.run.checkpoint_check` says what is checked.
        """
        checkpoint_check.check(self, state)
        # As a plain dict: that of torch also holds versions of modules, which are not checked.
        self.network.load_state_dict(dict(state["network"]))
        self.optimizer.load_state_dict(state["optimizer"])
        for name, generator_state in state["generators"].items():
            self.generators[name].set_state(generator_state)
        self.order = state["order"].to(self.settings.device)
        self.epoch, self.step, self.tested = state["epoch"], state["step"], state["tested"]
        self.seconds, self.sums = state["seconds"], dict(state["sums"])
        self.first_loss = state["first_loss"]


@torch.no_grad()
def gradient_norms(network: nn.Module) -> dict[str, float]:
    """Euclidean norm of the gradient of the weights of each module, by the name of the module."""
    norm_of = {}
    for name, module in network.named_modules():
        grads = [p.grad for p in module.parameters(recurse=False) if p.grad is not None]
        if grads:
            norms = [torch.linalg.vector_norm(g, dtype=torch.float64).item() for g in grads]
            norm_of[name] = math.hypot(*norms)
    return norm_of
