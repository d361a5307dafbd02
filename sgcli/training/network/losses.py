"""What is minimised, of the outputs of a network [T, B, classes] and the classes [B]."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from torch import Tensor
from torch.nn import functional

from sgcli.training.settings import Settings


def cross_entropy(outputs: Tensor, labels: Tensor) -> Tensor:
    """Cross-entropy with the sum over time as logits: for spikes, their count."""
    return functional.cross_entropy(outputs.sum(0), labels)


def mse(outputs: Tensor, labels: Tensor) -> Tensor:
    """Mean squared distance of the firing rates from 1 for the class and 0 for the others."""
    rates = outputs.mean(0)
    return functional.mse_loss(rates, functional.one_hot(labels, rates.shape[1]).to(rates.dtype))


def cross_entropy_steps(outputs: Tensor, labels: Tensor) -> Tensor:
    """Cross-entropy of each step, averaged over steps: snnTorch's ``ce_rate_loss``."""
    return functional.cross_entropy(outputs.flatten(0, 1), labels.repeat(len(outputs)))


def cross_entropy_sum(outputs: Tensor, labels: Tensor) -> Tensor:
    """Cross-entropy of each step, summed over steps."""
    return len(outputs) * cross_entropy_steps(outputs, labels)


def cross_entropy_max(outputs: Tensor, labels: Tensor) -> Tensor:
    """Cross-entropy of the highest value over time; among equals one alone gets the gradient."""
    return functional.cross_entropy(outputs.max(0).values, labels)


LOSSES: dict[str, Callable[[Tensor, Tensor], Tensor]] = {
    function.__name__: function
    for function in (
        cross_entropy, mse, cross_entropy_steps, cross_entropy_sum, cross_entropy_max
    )
}  # fmt: skip


def lack_of_activity(spikes: Tensor, floor: float) -> Tensor:
    """mean([floor − ν]₊²), ν the spikes a step of each neuron for each sample of [T, B, …].

    Zenke and Vogels, Neural Computation 33 (2021) 899, doi:10.1162/neco_a_01367.
    """
    return (floor - spikes.mean(0)).relu().square().mean()


def excess_of_activity(spikes: Tensor, ceiling: float) -> Tensor:
    """mean([ν − ceiling]₊²), of the same ν."""
    return (spikes.mean(0) - ceiling).relu().square().mean()


def objective(settings: Settings, outputs: Sequence[Tensor], labels: Tensor) -> Tensor:
    """The loss of what a network returned, with the penalty on its hidden layers."""
    loss = LOSSES[settings.loss](outputs[-1], labels)
    if settings.activity_penalty:
        hidden = outputs[: -2 if settings.readout == "membrane" else -1]
        wrong = [lack_of_activity(spikes, settings.activity_floor) for spikes in hidden]
        if settings.activity_ceiling < 1:
            wrong += [excess_of_activity(spikes, settings.activity_ceiling) for spikes in hidden]
        loss = loss + settings.activity_penalty * sum(wrong)
    return loss


def decision(readout: str, outputs: Sequence[Tensor]) -> Tensor:
    """The class [B] that a network names: the most spikes, or the highest membrane."""
    if readout == "integrator":
        return outputs[-1].amax(0).argmax(1)
    return outputs[-2 if readout == "membrane" else -1].sum(0).argmax(1)
