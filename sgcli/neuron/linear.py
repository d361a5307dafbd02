"""Neurons that are linear below their threshold, whole sequences at once."""

from __future__ import annotations

from typing import Any

from torch import Tensor

from sgcli.neuron import dynamics, late, resets, sequence, trajectory
from sgcli.neuron.base import BaseNode
from sgcli.neuron.memory import check_input, check_steps, length
from sgcli.neuron.trajectory import Course


class LinearNode(BaseNode):
    """A neuron that is linear below its threshold; it runs through whole sequences at once.

    A surrogate that is not a plain one of sgcli's (trainable, random, a function of your own), and
    a subclass with its own charging, firing or reset, go step by step: :meth:`obstacle` says why.
    With ``fires_first`` a step gives the spikes of the potential that it begins with.
    """

    fires_first = False

    def linear(self) -> dynamics.Linear | dynamics.Trained:
        """The charging of one step."""
        raise NotImplementedError("a subclass of LinearNode defines linear")

    def rule(self) -> resets.Reset:
        """What a spike does to the potential."""
        if self.v_reset is None:
            return resets.Soft(late=False, by=self.v_threshold)
        return resets.Hard(late=False, v_reset=self.v_reset)

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
        self.v = rule.follow(dynamics.current(linear, x), linear.keep, v, s)
        return before if self.fires_first else self.neuronal_fire()

    def fired_before(self) -> Tensor:
        """The spikes of the step before, whose reset comes in this one."""
        return self.neuronal_fire()

    def obstacle(self) -> str:
        for name in ("neuronal_charge", "neuronal_fire", "neuronal_reset", "single_step_forward"):
            if getattr(type(self), name) is not getattr(LinearNode, name):
                return f"{type(self).__name__} has a {name} of its own"
        return sequence.obstacle(self.surrogate_function)

    def multi_step_forward(self, x_seq: Tensor) -> Tensor:
        length(x_seq)
        if self.obstacle():
            return self.stepped(x_seq)
        check_input(x_seq)
        x_seq = self.received_sequence(x_seq)
        return self._run(x_seq, x_seq[0], None)

    def constant_forward(self, x: Tensor, steps: int) -> Tensor:
        check_steps(steps)
        return self.stepped([x] * steps) if self.obstacle() else self._run(x, x, steps)

    def _run(self, x: Tensor, first: Tensor, steps: int | None) -> Tensor:
        surrogate_function: Any = self.surrogate_function
        v, linear = self._state(first), self.linear()
        rule, fires_at = self.rule(), self._threshold(v)
        shape = sequence.shape_of(surrogate_function)
        course = Course(rule, fires_at, self.detach_reset, shape, self.fires_first)
        if isinstance(linear, dynamics.Linear) and not self.store_v_seq:
            found = self._at_once(x, v, linear, course, steps)
            if found is not None:
                spikes, self.v = found
                return spikes
        currents = dynamics.current(linear, x)
        spikes, h = trajectory.run(currents, v, linear.keep, course, steps)
        after = h[1:] if rule.late else self._after_reset(h[1:], spikes)
        self.v = after[-1].clone()
        self.v_seq = after if self.store_v_seq else None
        return spikes

    def _at_once(
        self, x: Tensor, v: Tensor, linear: dynamics.Linear, course: Course, steps: int | None
    ) -> tuple[Tensor, Tensor] | None:
        """Spikes [T, …] and state after them where nothing is trained; None for some resets."""
        if course.reset.late:
            return late.run(x, v, linear, course, steps)
        plan = sequence.Plan(
            linear,
            course.fires_at,
            self.v_reset,
            self.detach_reset,
            course.shape,
            taken=self.v_threshold,
        )
        return sequence.run(x, v, plan, steps)

    def _after_reset(self, h: Tensor, spikes: Tensor) -> Tensor:
        s = spikes.detach() if self.detach_reset else spikes
        return dynamics.reset(h, s, self.v_threshold, dynamics.reset_value(self.v_reset, h))
