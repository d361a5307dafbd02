"""Neurons that are linear below their threshold and run whole sequences at once."""

from __future__ import annotations

from typing import Any

from torch import Tensor

from sgcli.neuron import dynamics, resets, sequence, trajectory
from sgcli.neuron.base import BaseNode
from sgcli.neuron.memory import check_input, check_steps, length
from sgcli.neuron.plan import NeuronPlan


class LinearNode(BaseNode):
    """A neuron that is linear below its threshold and runs whole sequences at once.

    It runs step by step with a surrogate that is trainable, random or not one of sgcli's, and in a
    subclass that overrides charging, firing or reset; :meth:`fallback_reason` returns the reason.
    With ``fires_first`` a step returns the spikes of its initial potential.
    """

    fires_first = False

    def linear(self) -> dynamics.Charging:
        """The charging of one step."""
        raise NotImplementedError("a subclass of LinearNode must define linear")

    def rule(self) -> resets.Reset:
        """The reset after a spike."""
        return resets.immediate(self.v_threshold, self.v_reset)

    def input_current(self, x: Tensor) -> Tensor:
        """The input of the membrane in a step with the input ``x``."""
        return x

    def input_currents(self, x_seq: Tensor) -> Tensor:
        """The inputs of the membrane for a sequence [T, …]."""
        return x_seq

    def neuronal_charge(self, x: Tensor) -> None:
        self.v = dynamics.charge(self.linear(), x, self._membrane())

    def single_step_forward(self, x: Tensor) -> Tensor:
        check_input(x)
        x, rule = self.input_current(x), self.rule()
        if not rule.late:
            return super().single_step_forward(x)
        self.v = v = self._state(x)
        linear = self.linear()
        previous = self.neuronal_fire() if self.fires_first else self.previous_spikes()
        s = previous.detach() if self.detach_reset else previous
        current = dynamics.current(x, linear.gain, linear.drive)
        self.v = rule.follow(current, linear.keep, v, s)
        return previous if self.fires_first else self.neuronal_fire()

    def previous_spikes(self) -> Tensor:
        """The spikes of the previous step, which reset the potential in this one."""
        return self.neuronal_fire()

    def fallback_reason(self) -> str:
        for name in ("neuronal_charge", "neuronal_fire", "neuronal_reset", "single_step_forward"):
            if getattr(type(self), name) is not getattr(LinearNode, name):
                return f"{type(self).__name__} overrides {name}"
        return sequence.fallback_reason(self.surrogate_function)

    def multi_step_forward(self, x_seq: Tensor) -> Tensor:
        length(x_seq)
        if self.fallback_reason():
            return self.step_by_step(x_seq)
        check_input(x_seq)
        x_seq = self.input_currents(x_seq)
        return self._run(x_seq, x_seq[0], None)

    def constant_forward(self, x: Tensor, steps: int) -> Tensor:
        check_steps(steps)
        return self.step_by_step([x] * steps) if self.fallback_reason() else self._run(x, x, steps)

    def _run(self, x: Tensor, first: Tensor, steps: int | None) -> Tensor:
        v, linear = self._state(first), self.linear()
        gain, drive = linear.gain, linear.drive
        if isinstance(gain, Tensor) or isinstance(drive, Tensor):
            x, gain, drive = dynamics.current(x, gain, drive), 1.0, 0.0
        surrogate_function: Any = self.surrogate_function
        rule = self.rule()
        plan = NeuronPlan(
            gain,
            drive,
            rule,
            self._threshold(v),
            self.detach_reset,
            sequence.shape_of(surrogate_function),
            self.fires_first and rule.late,
        )
        if self.store_v_seq:
            spikes, self.v_seq = trajectory.run_with_states(x, v, linear.keep, plan, steps)
            self.v = self.v_seq[-1].clone()
        else:
            spikes, self.v = sequence.run(x, v, linear.keep, plan, steps)
            self.v_seq = None
        return spikes
