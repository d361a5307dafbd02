"""The neurons of a network, as its settings want them, and how a layer of them is run."""

from __future__ import annotations

from typing import Any

from torch import Tensor, nn

from sgcli import surrogate
from sgcli.definitions import load
from sgcli.neuron import IFNode, Leaky, LIFNode, ParametricLIFNode
from sgcli.neuron.current import CurrentLIFNode, NorseLIFNode
from sgcli.neuron.integrator import LeakyIntegrator
from sgcli.neuron.recurrent import Recurrent
from sgcli.training.settings import Settings


def node(settings: Settings, generators: dict[str, Any], membranes: bool = False) -> Any:
    """A layer of neurons, with a surrogate of its own; with ``membranes`` it keeps them."""
    shape = load.parse(settings.surrogate).shape
    stochastic = {"generator": generators["surrogate"]} if shape.definition.is_random() else {}
    common = {
        "v_threshold": settings.v_threshold,
        "surrogate_function": surrogate.of(shape.definition)(**shape.params, **stochastic),
        "detach_reset": settings.detach_reset,
        "step_mode": "m",
        "store_v_seq": membranes,
    }
    made = NODES[settings.neuron](settings, common)
    made.strict = settings.fire_above
    return made


def _reset(settings: Settings) -> float | None:
    return 0.0 if settings.reset == "hard" else None


def _if(settings: Settings, common: dict[str, Any]) -> Any:
    return IFNode(v_reset=_reset(settings), **common)


def _lif(settings: Settings, common: dict[str, Any]) -> Any:
    decay = settings.decay_input
    return LIFNode(tau=settings.tau, decay_input=decay, v_reset=_reset(settings), **common)


def _plif(settings: Settings, common: dict[str, Any]) -> Any:
    decay = settings.decay_input
    return ParametricLIFNode(settings.tau, decay, v_reset=_reset(settings), **common)


def _leaky(settings: Settings, common: dict[str, Any]) -> Any:
    mechanism = "zero" if settings.reset == "hard" else "subtract"
    return Leaky(1 - 1 / settings.tau, reset_mechanism=mechanism, **common)


def _current(settings: Settings, common: dict[str, Any]) -> Any:
    return CurrentLIFNode(settings.tau, settings.tau_syn, **common)


def _spytorch(settings: Settings, common: dict[str, Any]) -> Any:
    how: dict[str, Any] = {"decay_input": False, "reset_mechanism": "subtract"}
    return CurrentLIFNode(settings.tau, settings.tau_syn, **how, **common)


def _norse(settings: Settings, common: dict[str, Any]) -> Any:
    # A step is its unit of time.
    how: dict[str, Any] = {
        "dt": 1.0,
        "tau_mem_inv": 1 / settings.tau,
        "tau_syn_inv": 1 / settings.tau_syn,
    }
    return NorseLIFNode(v_th=common.pop("v_threshold"), **how, **common)


NODES = {
    "lif": _lif,
    "if": _if,
    "plif": _plif,
    "leaky": _leaky,
    "current": _current,
    "spytorch": _spytorch,
    "norse": _norse,
}


def recurrent(neurons: Any, weights: nn.Linear) -> Recurrent:
    return Recurrent(neurons, weights, step_mode="m")


def integrator(settings: Settings) -> LeakyIntegrator:
    """A readout in the time and the order of the neurons that it reads."""
    # SpyTorch's has no gain: V ← β V + I.
    scheme = "euler" if settings.neuron == "norse" else "exponential"
    return LeakyIntegrator(
        settings.tau_readout,
        settings.tau_syn,
        decay_input=settings.neuron != "spytorch",
        scheme=scheme,
        late=settings.neuron in ("current", "spytorch"),
        step_mode="m",
    )


def obstacle(neurons: Any) -> str:
    """Why a layer goes step by step; empty if it runs through whole sequences at once."""
    found: str = getattr(neurons, "obstacle", lambda: "its neurons know single steps only")()
    return found


def run(neurons: Any, current: Tensor, steps: int | None) -> Tensor:
    """Spikes [T, B, …] under currents [T, B, …], or under the same [B, …] in so many steps."""
    # A constant input needs its currents once per sample, not once per step.
    found: Tensor = neurons(current) if steps is None else neurons.constant_forward(current, steps)
    return found
