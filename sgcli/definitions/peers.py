"""The names and parameters of a surrogate in other libraries, as data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from sgcli.definitions.expression import evaluate

V_THRESHOLD = 1.0  # the default threshold of parameter maps


@dataclass(frozen=True)
class Library:
    """A library: its title, the release that was read, its module and its firing condition."""

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

    ``params`` maps each of its parameters to an expression in ours and ``v_threshold``.
    ``default`` holds the values of our parameters at its default, where they differ from our
    defaults. Its gradient at x is ``height`` times ours at x - ``shift``. This holds for all values
    of our parameters, or only for the values in ``only``.
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
        """The values of our parameters for which the map holds."""
        return ", ".join(f"{k} = {v:g}" for k, v in self.only.items())


class Parametrised(Protocol):
    """An object with parameters; a protocol, because the module of shapes imports this one."""

    @property
    def params(self) -> Mapping[str, float]: ...


def variables_of(shape: Parametrised, v_threshold: float = V_THRESHOLD) -> dict[str, float]:
    """The variables of a map's expressions: our parameters and the threshold of the neuron."""
    return {"v_threshold": v_threshold, **shape.params}


def factor(peer: Peer, shape: Parametrised, v_threshold: float = V_THRESHOLD) -> float:
    """The ratio of the peer's gradient to ours."""
    return evaluate(peer.height, variables_of(shape, v_threshold))


@dataclass(frozen=True)
class Alias:
    """Another name of a surrogate, and a source that uses it: ``doi:…`` or ``arXiv:…``."""

    name: str
    source: str


@dataclass(frozen=True)
class Equal:
    """An entry of the catalogue with the same gradient up to the factor ``height``."""

    name: str
    params: Mapping[str, str]
    height: str
