"""The gradient flow of a network before its training."""

from __future__ import annotations

import torch
from torch import Tensor

from sgcli.training.data.encoders import encode
from sgcli.training.data.samples import Data
from sgcli.training.network.losses import objective
from sgcli.training.network.network import build
from sgcli.training.run.process import threads
from sgcli.training.run.trainer import generators
from sgcli.training.settings import Settings


def layer_ratio(settings: Settings, data: Data) -> float | None:
    """Gradient norm of a layer over that of the layer above, as the geometric mean over layers.

    The gradient is that of the standardised currents, on the first samples of the training set.
    None for a single layer, and where a gradient is 0.
    """
    draws = generators(settings)
    with threads(settings.threads):
        network = build(settings, data.pixels, data.classes, draws).cpu()
        currents: list[Tensor] = []
        for standard in network.standards:
            standard.register_forward_hook(lambda module, inputs, output: currents.append(output))
        x = encode(settings, data.train.images[: settings.batch_size], draws["encoder"])
        spikes = network(x, settings.time)
        loss = objective(settings, spikes, data.train.labels[: settings.batch_size])
        # In float64: squares of small gradients underflow in float32.
        norms = [g.double().norm().item() for g in torch.autograd.grad(loss, currents)]
    if len(norms) < 2 or not min(norms[0], norms[-1]) > 0:
        return None
    return float((norms[0] / norms[-1]) ** (1 / (len(norms) - 1)))
