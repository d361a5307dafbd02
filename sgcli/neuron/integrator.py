"""The leaky integrator, a readout without spikes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from torch import Tensor

from sgcli.definitions.param import Param
from sgcli.neuron import synapse
from sgcli.neuron.memory import (
    MemoryModule,
    check_input,
    check_steps,
    length,
    like,
    one_of,
    or_none,
)  # fmt: skip

TAU_MEM = Param(10.0, "[1, inf)", (1.0, 20.0), "membrane time constant, in steps", name="tau_mem")
TAU_SYN = Param(5.0, "[1, inf)", (1.0, 20.0), "synaptic time constant, in steps", name="tau_syn")


class LeakyIntegrator(MemoryModule):
    """The potentials of neurons without threshold: V ← β_m·V + gain·I, I ← β_s·I + X.

    ``tau_mem`` and ``tau_syn`` are in steps, in [1, inf). The factors β are exp(−1/tau), or
    1 − 1/tau with ``scheme='euler'``. The gain is 1 − β_m, or 1 with ``decay_input=False``. With
    ``tau_syn=None`` the current I is X. By default an input reaches the potential of its own step,
    as in Norse's ``li_feed_forward_step`` (with 'euler'). With ``late=True`` a step returns its
    initial potential, and I enters V before X enters I (Zenke & Vogels 2021,
    doi:10.1162/neco_a_01367).
    """

    repr_names = ("tau_mem", "tau_syn", "decay_input", "scheme", "late", "step_mode")
    checks: ClassVar[dict[str, Callable[[Any], Any]]] = {
        **MemoryModule.checks,
        "tau_mem": TAU_MEM.check,
        "tau_syn": or_none(TAU_SYN),
        "scheme": one_of("scheme", dict.fromkeys(synapse.SCHEMES, "")),
    }
    tau_mem: float
    tau_syn: float | None
    scheme: str
    v: Tensor | float
    i: Tensor | float

    def __init__(
        self,
        tau_mem: float = 10.0,
        tau_syn: float | None = 5.0,
        decay_input: bool = True,
        scheme: str = "exponential",
        late: bool = False,
        step_mode: str = "s",
    ) -> None:
        super().__init__(step_mode)
        self.tau_mem = tau_mem
        self.tau_syn = tau_syn
        self.decay_input = bool(decay_input)
        self.scheme = scheme
        self.late = bool(late)
        self.reset()

    def reset(self) -> None:
        self.v = self.i = 0.0

    def detach(self) -> None:
        for name in ("v", "i"):
            state = getattr(self, name)
            setattr(self, name, state.detach() if isinstance(state, Tensor) else state)

    def single_step_forward(self, x: Tensor) -> Tensor:
        """The potential of one step, in the shape of ``x``."""
        v, i = self._state(x)
        keep, gain, current_decay = self._factors()
        current = synapse.step(x, i, current_decay)
        self.v = synapse.step(gain * (i if self.late else current), v, keep)
        self.i = current
        return v if self.late else self.v

    def multi_step_forward(self, x_seq: Tensor) -> Tensor:
        length(x_seq)
        v, i = self._state(x_seq[0])
        keep, gain, current_decay = self._factors()
        current, self.i = synapse.run(x_seq, i, current_decay, self.late)
        potential, self.v = synapse.run(gain * current, v, keep, self.late)
        return potential

    def constant_forward(self, x: Tensor, steps: int) -> Tensor:
        check_steps(steps)
        return self.multi_step_forward(x.expand(steps, *x.shape))

    def _factors(self) -> tuple[float, float, float]:
        """β_m, the gain and β_s."""
        factor = synapse.SCHEMES[self.scheme]
        keep = factor(self.tau_mem)
        current_decay = 0.0 if self.tau_syn is None else factor(self.tau_syn)
        return keep, (1 - keep if self.decay_input else 1.0), current_decay

    def _state(self, x: Tensor) -> tuple[Tensor, Tensor]:
        check_input(x)
        return like(self.v, x), like(self.i, x)
