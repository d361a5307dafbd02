"""What share of a training step of `sg train-toy mnist` is matrix products, neurons, Python ….

Every operation of torch is counted where it was called from; what is between them is Python.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterable, Iterator
from typing import Any

from torch.autograd.profiler import profile, record_function

from sgcli.bench.harness import Row
from sgcli.measure.rounds import quartiles
from sgcli.training.data.tasks import load
from sgcli.training.run.trainer import Trainer
from sgcli.training.settings import Settings

STEPS = 10  # a round
WARM_UP = 5
STEP, NETWORK = "sgcli: step", "sgcli: network"
PARTS = ("matrix products", "neurons", "optimiser", "loss and metrics", "data", "Python")
MATRIX, NEURONS, OPTIMISER, LOSS, DATA, PYTHON = PARTS

PRODUCT = re.compile(
    r"aten::(linear|addmm|mm|bmm|baddbmm|matmul|_?convolution\w*|conv\dd|mkldnn_\w*|\w*_conv\w*)"
    r"|(Addmm|Mm|Bmm|Convolution|MkldnnConvolution)Backward\d*"
)
BACKWARD = re.compile(r"autograd::engine::evaluate_function: (?P<node>\w+)")


def profiled(trainer: Trainer, steps: int) -> dict[str, float]:
    """Seconds a step takes in each of ``PARTS``; their sum is the step, profiling included."""
    network: Any = trainer.network
    plain = network.forward

    def forward(*args: Any) -> Any:
        with record_function(NETWORK):
            return plain(*args)

    network.forward = forward
    try:
        # Kineto, the newer one, talks to stderr.
        with profile(use_kineto=False) as result:
            for _ in range(steps):
                with record_function(STEP):
                    trainer.advance()
    finally:
        del network.forward
    events: Any = result.function_events
    sums = dict.fromkeys(PARTS, 0.0)
    for part, microseconds in _shares(list(events)):
        sums[part] += microseconds / 1e6 / steps
    return sums


def _shares(events: list[Any]) -> Iterator[tuple[str, float]]:
    """Part and own time of every event inside a step."""
    forward = {
        e.sequence_nr: part
        for e in events
        if e.sequence_nr >= 0 and (part := _part_of_forward(e)) is not None
    }
    for step in (e for e in events if e.name == STEP):
        yield PYTHON, step.self_cpu_time_total
        phase = DATA
        for child in sorted(step.cpu_children, key=lambda e: e.time_range.start):
            if child.name.startswith("Optimizer."):
                yield from _inside(child, OPTIMISER, forward)
            elif child.name == NETWORK:
                # What is inside the network and no product is done by neurons, or for them.
                yield PYTHON, child.self_cpu_time_total
                for inner in child.cpu_children:
                    yield from _inside(inner, NEURONS, forward)
                phase = LOSS
            else:
                yield from _inside(child, phase, forward)


def _inside(event: Any, part: str, forward: dict[int, str]) -> Iterator[tuple[str, float]]:
    if PRODUCT.fullmatch(event.name):
        part = MATRIX
    elif BACKWARD.match(event.name):
        # A node of the backward pass belongs where the operation was that made it.
        part = forward.get(event.sequence_nr, LOSS)
    yield part, event.self_cpu_time_total
    for child in event.cpu_children:
        yield from _inside(child, part, forward)


def _part_of_forward(event: Any) -> str | None:
    """Where an operation of the forward pass belongs; None for what is not inside the network."""
    if BACKWARD.match(event.name):
        return None
    for ancestor in _upwards(event):
        if PRODUCT.fullmatch(ancestor.name):
            return MATRIX
        if ancestor.name == NETWORK:
            return NEURONS
        if BACKWARD.match(ancestor.name):
            return None
    return None


def _upwards(event: Any) -> Iterable[Any]:
    while event is not None:
        yield event
        event = event.cpu_parent


def shares(settings: Settings, rounds: int) -> Iterator[Row]:
    """A row for each part: its time over that of the step, in the same round."""
    trainer = Trainer(settings, load(settings).split(settings.evaluate, settings.limit))
    for _ in range(WARM_UP):
        trainer.advance()
    result, plain = [], []
    for _ in range(rounds):
        result.append(profiled(trainer, STEPS))
        start = time.perf_counter()
        for _ in range(STEPS):
            trainer.advance()
        plain.append((time.perf_counter() - start) / STEPS)
    whole = [sum(sums.values()) for sums in result]
    for part in PARTS:
        of_step = [sums[part] / total for sums, total in zip(result, whole, strict=True)]
        q1, ratio, q3 = quartiles(of_step)
        seconds = quartiles([sums[part] for sums in result])[1]
        yield Row("profile", part, "step", seconds, quartiles(whole)[1], ratio, q1, q3, rounds)
    q1, ratio, q3 = quartiles([p / total for p, total in zip(plain, whole, strict=True)])
    seconds, base = quartiles(plain)[1], quartiles(whole)[1]
    yield Row("profile", "step not profiled", "step", seconds, base, ratio, q1, q3, rounds)
