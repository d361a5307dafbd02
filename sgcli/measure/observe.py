"""What the membranes of anyone's torch model do: recorded where its surrogates read them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor, nn

from sgcli.errors import SgError

# The attribute that holds the function of V − v_threshold: in SpikingJelly and sgcli, and in
# snnTorch.
ATTRIBUTES = ("surrogate_function", "spike_grad")
# Methods of snnTorch and sgcli that call the surrogate again, for the step before; these calls are
# not recorded.
BESIDES = ("mem_reset", "previous_spikes")
MOST_KEPT = 1 << 16  # values of a call that are kept for a histogram


@dataclass(frozen=True)
class Observed:
    """The distance x = H − v_threshold of a layer's membranes to the threshold, and its spikes.

    ``mean`` and ``deviation`` are over neurons, samples and steps, ``rate`` is spikes a neuron and
    step, ``sample`` some of the x.
    """

    name: str
    mean: float
    deviation: float
    rate: float
    count: int
    sample: Tensor


@dataclass
class Record:
    """Sums over the calls of one surrogate."""

    count: int = 0
    mean: float = 0.0
    square: float = 0.0  # sum of squared distances to the mean
    spikes: float = 0.0
    sample: list[Tensor] = field(default_factory=list)
    paused: bool = False

    def add(self, x: Tensor, spikes: Tensor) -> None:
        if self.paused:
            return
        x = x.detach().double().flatten()
        count, mean = x.numel(), float(x.mean())
        apart = mean - self.mean
        total = self.count + count
        # Chan's update: a sum of squares would cancel far from 0.
        self.square += float((x - mean).square().sum()) + apart**2 * self.count * count / total
        self.mean += apart * count / total
        self.count = total
        self.spikes += float(spikes.detach().sum())
        self.sample.append(x[:: -(-count // MOST_KEPT)].cpu())

    def observed(self, name: str) -> Observed:
        return Observed(
            name,
            self.mean,
            (self.square / self.count) ** 0.5,
            self.spikes / self.count,
            self.count,
            torch.cat(self.sample),
        )


class _Listening(nn.Module):
    """A surrogate that records what goes through it; all else is the surrogate's own."""

    def __init__(self, inner: nn.Module, record: Record) -> None:
        super().__init__()
        self.inner = inner
        self.record = record

    def forward(self, x: Tensor, *args: Any, **kwargs: Any) -> Any:
        spikes = self.inner(x, *args, **kwargs)
        self.record.add(x, spikes)
        return spikes

    def __getattr__(self, name: str) -> Any:
        try:
            return super().__getattr__(name)
        except AttributeError:
            return getattr(super().__getattr__("inner"), name)


def _listening(inner: Any, record: Record) -> Any:
    if isinstance(inner, nn.Module):
        return _Listening(inner, record)

    def listen(x: Tensor, *args: Any, **kwargs: Any) -> Any:
        spikes = inner(x, *args, **kwargs)
        record.add(x, spikes)
        return spikes

    return listen


def _unheard(method: Callable[..., Any], record: Record) -> Callable[..., Any]:
    """The method, during which nothing is recorded."""

    def quiet(*args: Any, **kwargs: Any) -> Any:
        record.paused = True
        try:
            return method(*args, **kwargs)
        finally:
            record.paused = False

    return quiet


def observe(
    model: nn.Module, *inputs: Any, attributes: Sequence[str] = ATTRIBUTES
) -> list[Observed]:
    """Run ``model(*inputs)`` without gradients; an entry for each spiking layer, in their order.

    A spiking layer is a module that calls one of its ``attributes``, a module or a function, with V
    − v_threshold. The call uses and changes the state of the neurons; reset the network before and
    after. Raises :class:`SgError` where there is no such layer, and where one fires without that
    call.
    """
    with torch.no_grad(), listening(model, attributes) as records:
        model(*inputs)
    silent = [name for name, record in records.items() if not record.count]
    if silent:
        raise SgError(
            f"{', '.join(silent)}: the surrogate was not called",
            "a backend of plain torch calls it at every step",
        )
    return [record.observed(name) for name, record in records.items()]


@contextmanager
def listening(
    model: nn.Module, attributes: Sequence[str] = ATTRIBUTES
) -> Iterator[dict[str, Record]]:
    """Have every surrogate of a model record its calls; the model is as it was at the end."""
    records: dict[str, Record] = {}
    with ExitStack() as undo:
        for name, module, attribute in _spiking(model, attributes):
            inner, record = getattr(module, attribute), Record()
            records[name] = record
            setattr(module, attribute, _listening(inner, record))
            undo.callback(setattr, module, attribute, inner)
            for other in BESIDES:
                if hasattr(module, other):
                    setattr(module, other, _unheard(getattr(module, other), record))
                    undo.callback(delattr, module, other)
            # SpikingJelly's neurons call their surrogate in training mode only.
            undo.callback(setattr, module, "training", module.training)
            module.training = True
        yield records


def _spiking(model: nn.Module, attributes: Sequence[str]) -> list[tuple[str, nn.Module, str]]:
    """Name, module and attribute of each surrogate of a model."""
    result = [
        (name or type(module).__name__, module, attribute)
        for name, module in model.named_modules()
        for attribute in attributes
        if callable(getattr(module, attribute, None))
    ]
    if not result:
        names = " or ".join(attributes)
        raise SgError(
            f"no layer of the model has a {names}",
            "name the attribute that is called with V − v_threshold: attributes=['…']",
        )
    return result
