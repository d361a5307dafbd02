"""Where else a surrogate is found: its name and parameters in the other libraries, as data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from sgcli.definitions.expression import evaluate

V_THRESHOLD = 1.0  # the threshold at which maps are shown where nothing else is said


@dataclass(frozen=True)
class Library:
    """One peer: how it is called, which release was read, and what it does at the threshold."""

    title: str
    release: str
    module: str
    fires: str
    note: str = ""


LIBRARIES: dict[str, Library] = {
    "spikingjelly": Library(
        "SpikingJelly", "2.0.0", "spikingjelly.activation_based.surrogate", "x >= 0"
    ),
    "snntorch": Library(
        "snnTorch",
        "1.0.0",
        "snntorch.surrogate",
        "x > 0",
        "spikes are float32 whatever the input; resets are detached",
    ),
    "norse": Library(
        "Norse",
        "1.1.0",
        "norse.torch.functional.threshold",
        "x > 0",
        "chosen by the name of the method",
    ),
    "sinabs": Library("sinabs", "3.1.3", "sinabs.activation.surrogate_gradient_fn", "x >= 0"),
}


@dataclass(frozen=True)
class Peer:
    """The same surrogate in another library.

    ``params`` gives each of their parameters as an expression in ours and, where it matters,
    ``v_threshold``; ``default`` is their default written in our parameters, where it differs from
    ours. Their gradient at x is ``height`` times ours at x - ``shift``, for all values of our
    parameters or, where ``only`` fixes some, for those.
    """

    library: str
    name: str
    params: Mapping[str, str] = field(default_factory=dict)
    default: Mapping[str, float] = field(default_factory=dict)
    only: Mapping[str, float] = field(default_factory=dict)
    height: str = "1"
    shift: str = "0"
    note: str = ""

    @property
    def only_text(self) -> str:
        """The values of our parameters that the map is bound to."""
        return ", ".join(f"{k} = {v:g}" for k, v in self.only.items())


class Parametrised(Protocol):
    """A shape, as far as a map needs one; the file that has shapes imports this one."""

    @property
    def params(self) -> Mapping[str, float]: ...


def known(shape: Parametrised, v_threshold: float = V_THRESHOLD) -> dict[str, float]:
    """What the expressions of a map may use: our parameters, and the threshold of the neuron."""
    return {"v_threshold": v_threshold, **shape.params}


def factor(peer: Peer, shape: Parametrised, v_threshold: float = V_THRESHOLD) -> float:
    """How many times ours their gradient is."""
    return evaluate(peer.height, known(shape, v_threshold))


@dataclass(frozen=True)
class Equal:
    """Another entry that is the same up to a factor: σ′ is ``height`` times its σ′."""

    name: str
    params: Mapping[str, str]
    height: str
