"""Neurons that are linear below their threshold, whole sequences at once."""

from __future__ import annotations

from typing import Any

from torch import Tensor

from sgcli.neuron import dynamics, resets, sequence, trajectory
from sgcli.neuron.base import BaseNode
from sgcli.neuron.memory import check_input, check_steps, length
from sgcli.neuron.plan import Plan


class LinearNode(BaseNode):
    """A neuron that is linear below its threshold; it runs through whole sequences at once.

    A surrogate that is not a plain one of sgcli's (trainable, random, a function of your own), and
    a subclass with its own charging, firing or reset, go step by step;
    :meth:`fallback_reason` says why.
    With ``fires_first`` a step gives the spikes of the potential that it begins with.
    """

    fires_first = False

    def linear(self) -> dynamics.LinearDynamics:
        """The charging of one step."""
        raise NotImplementedError("a subclass of LinearNode defines linear")

    def rule(self) -> resets.Reset:
        """What a spike does to the potential."""
        return resets.at_once(self.v_threshold, self.v_reset)

    def received(self, x: Tensor) -> Tensor:
        """What of the input ``x`` of a step reaches the membrane."""
        return x

    def received_sequence(self, x_seq: Tensor) -> Tensor:
        """The same of a sequence [T, …]."""
        return x_seq

    def neuronal_charge(self, x: Tensor) -> None:
        self.v = dynamics.charge(self.linear(), x, self._membrane())

    def single_step_forward(self, x: Tensor) -> Tensor:
        check_input(x)
        x, rule = self.received(x), self.rule()
        if not rule.late:
            return super().single_step_forward(x)
        self.v = v = self._state(x)
        linear = self.linear()
        before = self.neuronal_fire() if self.fires_first else self.fired_before()
        s = before.detach() if self.detach_reset else before
        current = dynamics.current(x, linear.gain, linear.drive)
        self.v = rule.follow(current, linear.keep, v, s)
        return before if self.fires_first else self.neuronal_fire()

    def fired_before(self) -> Tensor:
        """The spikes of the step before, whose reset comes in this one."""
        return self.neuronal_fire()

    def fallback_reason(self) -> str:
        for name in ("neuronal_charge", "neuronal_fire", "neuronal_reset", "single_step_forward"):
            if getattr(type(self), name) is not getattr(LinearNode, name):
                return f"{type(self).__name__} has a {name} of its own"
        return sequence.fallback_reason(self.surrogate_function)

    def multi_step_forward(self, x_seq: Tensor) -> Tensor:
        length(x_seq)
        if self.fallback_reason():
            return self.stepped(x_seq)
        check_input(x_seq)
        x_seq = self.received_sequence(x_seq)
        return self._run(x_seq, x_seq[0], None)

    def constant_forward(self, x: Tensor, steps: int) -> Tensor:
        check_steps(steps)
        return self.stepped([x] * steps) if self.fallback_reason() else self._run(x, x, steps)

    def _run(self, x: Tensor, first: Tensor, steps: int | None) -> Tensor:
        v, linear = self._state(first), self.linear()
        gain, drive = linear.gain, linear.drive
        if isinstance(gain, Tensor) or isinstance(drive, Tensor):
            x, gain, drive = dynamics.current(x, gain, drive), 1.0, 0.0
        surrogate_function: Any = self.surrogate_function
        rule = self.rule()
        plan = Plan(
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
