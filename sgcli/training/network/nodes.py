"""Layers of neurons as the settings ask for them, and how they run."""

from __future__ import annotations

from typing import Any

from torch import Tensor, nn

from sgcli import surrogate
from sgcli.neuron import IFNode, Leaky, LIFNode, ParametricLIFNode
from sgcli.neuron.current import CurrentLIFNode, NorseLIFNode
from sgcli.neuron.integrator import LeakyIntegrator
from sgcli.neuron.recurrent import Recurrent
from sgcli.training.settings import Settings


def node(settings: Settings, generators: dict[str, Any], membranes: bool = False) -> Any:
    """A layer of neurons; with ``membranes`` it stores its membrane potentials in ``v_seq``."""
    shape = settings.shape
    stochastic = {"generator": generators["surrogate"]} if shape.definition.is_random() else {}
    common = {
        "v_threshold": settings.v_threshold,
        "surrogate_function": surrogate.of(shape.definition)(**shape.params, **stochastic),
        "detach_reset": settings.detach_reset,
        "step_mode": "m",
        "store_v_seq": membranes,
    }
    neurons = _neurons(settings, common)
    neurons.strict = settings.fire_above
    return neurons


def _neurons(settings: Settings, common: dict[str, Any]) -> Any:
    tau, tau_syn = settings.tau, settings.tau_syn
    hard = settings.reset == "hard"
    v_reset = 0.0 if hard else None
    leaky = {"decay_input": settings.decay_input, "v_reset": v_reset, **common}
    match settings.neuron:
        case "lif":
            return LIFNode(tau=tau, **leaky)
        case "plif":
            return ParametricLIFNode(tau, **leaky)
        case "if":
            return IFNode(v_reset=v_reset, **common)
        case "leaky":
            mechanism = "zero" if hard else "subtract"
            return Leaky(1 - 1 / tau, reset_mechanism=mechanism, **common)
        case "current":
            return CurrentLIFNode(tau, tau_syn, **common)
        case "spytorch":
            spytorch = {"decay_input": False, "reset_mechanism": "subtract", **common}
            return CurrentLIFNode(tau, tau_syn, **spytorch)
    # Norse; its unit of time is one step here.
    norse = {"dt": 1.0, "tau_mem_inv": 1 / tau, "tau_syn_inv": 1 / tau_syn, **common}
    return NorseLIFNode(v_th=norse.pop("v_threshold"), **norse)


def recurrent(neurons: Any, weights: nn.Linear) -> Recurrent:
    return Recurrent(neurons, weights, step_mode="m")


def integrator(settings: Settings) -> LeakyIntegrator:
    """A readout that integrates in the same order of operations as the neurons below it."""
    # The readout of SpyTorch has no gain: V ← β V + I.
    scheme = "euler" if settings.neuron == "norse" else "exponential"
    return LeakyIntegrator(
        settings.tau_readout,
        settings.tau_syn,
        decay_input=settings.neuron != "spytorch",
        scheme=scheme,
        late=settings.neuron in ("current", "spytorch"),
        step_mode="m",
    )


def fallback_reason(neurons: Any) -> str:
    """Why a layer runs step by step; empty if it runs whole sequences at once."""
    reason: str = getattr(
        neurons, "fallback_reason", lambda: "its neurons know single steps only"
    )()
    return reason


def run(neurons: Any, current: Tensor, steps: int | None) -> Tensor:
    """Spikes [T, B, …] under currents [T, B, …], or under a constant [B, …] for ``steps`` steps."""
    # The currents of a constant input are computed once per sample, not once per step.
    spikes: Tensor = neurons(current) if steps is None else neurons.constant_forward(current, steps)
    return spikes
