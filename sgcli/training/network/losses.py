"""Losses of network outputs [T, B, classes] and labels [B], and the class that wins."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from torch import Tensor
from torch.nn import functional

from sgcli.training.settings import Settings


def cross_entropy(outputs: Tensor, labels: Tensor) -> Tensor:
    """Cross-entropy of the sum over time: of spike counts, where outputs are spikes."""
    return functional.cross_entropy(outputs.sum(0), labels)


def mse(outputs: Tensor, labels: Tensor) -> Tensor:
    """Mean squared distance of the firing rates from 1 for the label and 0 for other classes."""
    rates = outputs.mean(0)
    return functional.mse_loss(rates, functional.one_hot(labels, rates.shape[1]).to(rates.dtype))


def cross_entropy_steps(outputs: Tensor, labels: Tensor) -> Tensor:
    """Cross-entropy of each step, averaged over steps: snnTorch's ``ce_rate_loss``."""
    return functional.cross_entropy(outputs.flatten(0, 1), labels.repeat(len(outputs)))


def cross_entropy_sum(outputs: Tensor, labels: Tensor) -> Tensor:
    """Cross-entropy of each step, summed over steps."""
    return len(outputs) * cross_entropy_steps(outputs, labels)


def cross_entropy_max(outputs: Tensor, labels: Tensor) -> Tensor:
    """Cross-entropy of the maximum over time; of equal maxima, only one gets the gradient."""
    return functional.cross_entropy(outputs.max(0).values, labels)


LOSSES: dict[str, Callable[[Tensor, Tensor], Tensor]] = {
    function.__name__: function
    for function in (
        cross_entropy, mse, cross_entropy_steps, cross_entropy_sum, cross_entropy_max
    )
}  # fmt: skip


def lack_of_activity(spikes: Tensor, floor: float) -> Tensor:
    """mean([floor − ν]₊²), where ν is the spikes per step of each neuron and sample of [T, B, …].

    Zenke and Vogels, Neural Computation 33 (2021) 899, doi:10.1162/neco_a_01367.
    """
    return (floor - spikes.mean(0)).relu().square().mean()


def excess_of_activity(spikes: Tensor, ceiling: float) -> Tensor:
    """mean([ν − ceiling]₊²), with ν as above."""
    return (spikes.mean(0) - ceiling).relu().square().mean()


def objective(settings: Settings, outputs: Sequence[Tensor], labels: Tensor) -> Tensor:
    """The loss of the outputs of a network, plus the activity penalty of its hidden layers."""
    loss = LOSSES[settings.loss](outputs[-1], labels)
    if settings.activity_penalty:
        hidden = outputs[: -2 if settings.readout == "membrane" else -1]
        penalties = [lack_of_activity(spikes, settings.activity_floor) for spikes in hidden]
        if settings.activity_ceiling < 1:
            penalties += [
                excess_of_activity(spikes, settings.activity_ceiling) for spikes in hidden
            ]
        loss = loss + settings.activity_penalty * sum(penalties)
    return loss


def decision(readout: str, outputs: Sequence[Tensor]) -> Tensor:
    """The predicted class [B]: the one with most spikes, or with the highest membrane."""
    if readout == "integrator":
        return outputs[-1].amax(0).argmax(1)
    return outputs[-2 if readout == "membrane" else -1].sum(0).argmax(1)
