"""The benchmarks by name, each a function of rounds and threads that yields rows."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from sgcli.bench import commands
from sgcli.bench.harness import Bar, Row, compare
from sgcli.bench.lif import lif
from sgcli.bench.op import op
from sgcli.bench.profile import shares
from sgcli.bench.train import CONTESTANTS, contestants
from sgcli.training.run.process import threads as running
from sgcli.training.settings import settings_for


def train(rounds: int, threads: int) -> Iterator[Row]:
    """Training steps of the same network; a peer's ratio is how many times longer it takes."""
    with running(threads):
        runs = contestants()
        for name in CONTESTANTS:
            if name not in runs:
                yield Row("train", name, "sgcli", reason=f"{name.split()[0]} is not installed")
        yield from compare("train", runs, "sgcli", rounds, Bar("at least", 7))


def profile(rounds: int, threads: int) -> Iterator[Row]:
    """What a training step consists of; the ratios are its shares."""
    with running(threads) as count:
        yield from shares(settings_for("mnist", threads=count), rounds)


# With how many rounds each runs unless told otherwise.
SUITES: dict[str, tuple[Callable[[int, int], Iterator[Row]], int]] = {
    "start": (commands.start, 15),
    "plot": (commands.plot, 9),
    "lif": (lif, 25),
    "train": (train, 9),
    "profile": (profile, 9),
    "op": (op, 15),
}
