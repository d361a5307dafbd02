"""Current-based neurons: inputs drive a synaptic current, which charges the membrane."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from torch import Tensor

from sgcli.definitions.param import Param
from sgcli.errors import ParameterError
from sgcli.neuron import dynamics, resets, synapse
from sgcli.neuron.base import BaseNode, SurrogateFunction
from sgcli.neuron.integrator import TAU_MEM, TAU_SYN
from sgcli.neuron.linear import LinearNode
from sgcli.neuron.memory import check_steps, like, one_of

RATE = Param(100.0, "(0, inf)", (50.0, 500.0), "inverse time constant, in 1/s", name="rate")
DT = Param(1e-3, "(0, inf)", (1e-4, 1e-2), "duration of a step, in s", name="dt")
V_LEAK = Param(0.0, "(-inf, inf)", (-0.5, 0.5), "potential at rest", name="v_leak")
RESETS = {
    "multiply": "U is multiplied by 1 − S, with the current of the step",
    "subtract": "v_threshold is subtracted",
}


class SynapticNode(LinearNode):
    """A linear neuron with an exponential synapse; the current ``i`` is part of its state."""

    i: Tensor | float
    delayed = False  # whether an input reaches the membrane one step later

    def current_decay(self) -> float:
        """The factor by which the current decays in a step."""
        raise NotImplementedError("a subclass of SynapticNode must define current_decay")

    def reset(self) -> None:
        super().reset()
        self.i = 0.0

    def detach(self) -> None:
        super().detach()
        if isinstance(self.i, Tensor):
            self.i = self.i.detach()

    def input_current(self, x: Tensor) -> Tensor:
        previous = like(self.i, x)
        self.i = synapse.step(x, previous, self.current_decay())
        return previous if self.delayed else self.i

    def input_currents(self, x_seq: Tensor) -> Tensor:
        previous = like(self.i, x_seq[0])
        currents, self.i = synapse.run(x_seq, previous, self.current_decay(), self.delayed)
        return currents

    def constant_forward(self, x: Tensor, steps: int) -> Tensor:
        check_steps(steps)
        return self.multi_step_forward(x.expand(steps, *x.shape))


class CurrentLIFNode(SynapticNode):
    """S = Θ(U − v_threshold), U ← (β_m·U + (1 − β_m)·I)·(1 − S), I ← β_s·I + X in each step.

    β = exp(−1/tau), with ``tau_mem`` and ``tau_syn`` in steps, in [1, inf). ``v`` is U, ``i`` is I.
    ``decay_input=False`` replaces the gain 1 − β_m of the current by 1.
    ``reset_mechanism='subtract'`` is U ← β_m·U + gain·I − S·v_threshold, as in the first tutorial
    of spytorch (Neftci et al. 2019, doi:10.1109/MSP.2019.2931595), whose reset is detached. Source:
    Zenke & Vogels 2021, doi:10.1162/neco_a_01367.
    """

    checks: ClassVar[dict[str, Callable[[Any], Any]]] = {
        **BaseNode.checks,
        "tau_mem": TAU_MEM.check,
        "tau_syn": TAU_SYN.check,
        "reset_mechanism": one_of("reset_mechanism", RESETS),
    }
    repr_names = (
        "tau_mem", "tau_syn", "decay_input", "v_threshold", "reset_mechanism", "detach_reset",
        "strict", "step_mode",
    )  # fmt: skip
    tau_mem: float
    tau_syn: float
    reset_mechanism: str
    fires_first = True
    delayed = True

    def __init__(
        self,
        tau_mem: float = 10.0,
        tau_syn: float = 5.0,
        decay_input: bool = True,
        v_threshold: float = 1.0,
        surrogate_function: SurrogateFunction | None = None,
        reset_mechanism: str = "multiply",
        detach_reset: bool = False,
        strict: bool = True,
        step_mode: str = "s",
        store_v_seq: bool = False,
    ) -> None:
        super().__init__(v_threshold, 0.0, surrogate_function, detach_reset, step_mode, store_v_seq)
        self.tau_mem = tau_mem
        self.tau_syn = tau_syn
        self.decay_input = bool(decay_input)
        self.reset_mechanism = reset_mechanism
        self.strict = bool(strict)

    def linear(self) -> dynamics.Charging:
        keep = synapse.SCHEMES["exponential"](self.tau_mem)
        return dynamics.Charging(keep, gain=1 - keep if self.decay_input else 1.0)

    def current_decay(self) -> float:
        return synapse.SCHEMES["exponential"](self.tau_syn)

    def rule(self) -> resets.Reset:
        if self.reset_mechanism == "subtract":
            return resets.Subtract(by=self.v_threshold)
        return resets.Multiply()


class NorseLIFNode(SynapticNode):
    """Norse's LIF by Euler steps: I ← I + X, H = V + dt·tau_mem_inv·(v_leak − V + I).

    Then S = Θ(H − v_th), V is H or v_reset, and I ← I − dt·tau_syn_inv·I. ``i`` is I before its
    decay. ``tau_mem_inv`` and ``tau_syn_inv`` are in 1/s, at most 1/dt; ``dt`` is in s. Norse
    differentiates the reset in ``lif_feed_forward_step`` and detaches it in ``lif_step``, which is
    recurrent. Source: Pehle & Pedersen 2021, doi:10.5281/zenodo.4422025.
    """

    checks: ClassVar[dict[str, Callable[[Any], Any]]] = {
        **BaseNode.checks,
        "tau_mem_inv": RATE.check,
        "tau_syn_inv": RATE.check,
        "dt": DT.check,
        "v_leak": V_LEAK.check,
    }
    repr_names = (
        "tau_syn_inv", "tau_mem_inv", "v_leak", "v_threshold", "v_reset", "dt", "detach_reset",
        "strict", "step_mode",
    )  # fmt: skip
    tau_mem_inv: float
    tau_syn_inv: float
    v_leak: float = V_LEAK.default
    v_reset: float
    dt: float

    def __init__(
        self,
        tau_syn_inv: float = 200.0,
        tau_mem_inv: float = 100.0,
        v_leak: float = 0.0,
        v_th: float = 1.0,
        v_reset: float = 0.0,
        surrogate_function: SurrogateFunction | None = None,
        detach_reset: bool = False,
        strict: bool = True,
        dt: float = 1e-3,
        step_mode: str = "s",
        store_v_seq: bool = False,
    ) -> None:
        super().__init__(v_th, v_reset, surrogate_function, detach_reset, step_mode, store_v_seq)
        self.tau_syn_inv = tau_syn_inv
        self.tau_mem_inv = tau_mem_inv
        self.v_leak = self.v = V_LEAK.check(v_leak)
        self.dt = dt
        self.strict = bool(strict)
        for name in ("tau_syn_inv", "tau_mem_inv"):
            if self.dt * getattr(self, name) > 1:
                raise ParameterError(
                    f"Euler steps overshoot with dt · {name} = {self.dt * getattr(self, name):g}",
                    f"{name} is at most 1/dt",
                )

    def _start(self) -> float:
        return self.v_leak

    def linear(self) -> dynamics.Charging:
        gain = self.dt * self.tau_mem_inv
        return dynamics.Charging(keep=1 - gain, gain=gain, drive=gain * self.v_leak)

    def current_decay(self) -> float:
        return 1 - self.dt * self.tau_syn_inv
