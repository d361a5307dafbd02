"""Current-based neurons: inputs enter a synaptic current, which charges the membrane."""

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
    "multiply": "times 1 − S, the current of the step included",
    "subtract": "lower by v_threshold",
}


class SynapticNode(LinearNode):
    """A linear neuron behind an exponential synapse, whose current ``i`` is part of its state."""

    i: Tensor | float
    delayed = False  # whether an input reaches the membrane in the step after it only

    def of_current(self) -> float:
        """What a step keeps of the current."""
        raise NotImplementedError("a subclass of SynapticNode defines of_current")

    def reset(self) -> None:
        super().reset()
        self.i = 0.0

    def detach(self) -> None:
        super().detach()
        if isinstance(self.i, Tensor):
            self.i = self.i.detach()

    def received(self, x: Tensor) -> Tensor:
        before = like(self.i, x)
        self.i = synapse.step(x, before, self.of_current())
        return before if self.delayed else self.i

    def received_sequence(self, x_seq: Tensor) -> Tensor:
        before = like(self.i, x_seq[0])
        result, self.i = synapse.run(x_seq, before, self.of_current(), self.delayed)
        return result

    def constant_forward(self, x: Tensor, steps: int) -> Tensor:
        check_steps(steps)
        return self.multi_step_forward(x.expand(steps, *x.shape))


class CurrentLIFNode(SynapticNode):
    """S = Θ(U − v_threshold), U ← (β_m·U + (1 − β_m)·I)·(1 − S), I ← β_s·I + X in each step.

    β = exp(−1/tau), with ``tau_mem`` and ``tau_syn`` in steps, in [1, inf). ``decay_input=False``
    takes I whole, and ``reset_mechanism='subtract'`` is U ← β_m·U + gain·I − S·v_threshold, as in
    the first tutorial of spytorch (Neftci et al. 2019, doi:10.1109/MSP.2019.2931595), whose reset
    is detached. ``v`` is U, ``i`` is I. Source: Zenke & Vogels 2021, doi:10.1162/neco_a_01367.
    """

    checks: ClassVar[dict[str, Callable[[Any], Any]]] = {
        **BaseNode.checks,
        "tau_mem": TAU_MEM.check,
        "tau_syn": TAU_SYN.check,
        "reset_mechanism": one_of("reset_mechanism", RESETS),
    }
    shown = (
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

    def linear(self) -> dynamics.LinearDynamics:
        keep = synapse.SCHEMES["exponential"](self.tau_mem)
        return dynamics.LinearDynamics(keep, gain=1 - keep if self.decay_input else 1.0)

    def of_current(self) -> float:
        return synapse.SCHEMES["exponential"](self.tau_syn)

    def rule(self) -> resets.Reset:
        if self.reset_mechanism == "subtract":
            return resets.Subtract(by=self.v_threshold)
        return resets.Multiply()


class NorseLIFNode(SynapticNode):
    """Norse's LIF by Euler steps: I ← I + X, H = V + dt·tau_mem_inv·(v_leak − V + I).

    Then S = Θ(H − v_th), V is H or v_reset, and I ← I − dt·tau_syn_inv·I. ``tau_mem_inv`` and
    ``tau_syn_inv`` are in 1/s, at most 1/dt, ``dt`` is in s. ``i`` is I before its decay. The reset
    is differentiated in Norse's ``lif_feed_forward_step`` and detached in its ``lif_step``, which
    is recurrent. Source: Pehle & Pedersen 2021, doi:10.5281/zenodo.4422025.
    """

    checks: ClassVar[dict[str, Callable[[Any], Any]]] = {
        **BaseNode.checks,
        "tau_mem_inv": RATE.check,
        "tau_syn_inv": RATE.check,
        "dt": DT.check,
        "v_leak": V_LEAK.check,
    }
    shown = (
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
                    f"dt · {name} = {self.dt * getattr(self, name):g} makes Euler steps overshoot",
                    f"{name} is at most 1/dt",
                )

    def _start(self) -> float:
        return self.v_leak

    def linear(self) -> dynamics.LinearDynamics:
        gain = self.dt * self.tau_mem_inv
        return dynamics.LinearDynamics(keep=1 - gain, gain=gain, drive=gain * self.v_leak)

    def of_current(self) -> float:
        return 1 - self.dt * self.tau_syn_inv
