"""How long a command takes from the shell, against the least that any such command would take."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from sgcli.bench.harness import Bar, Row, compare

IMPORTS = "import click, rich.console"

# The same picture without any of our code: as large, as fine, the same three curves.
BARE_PLOT = """
import numpy as np
import matplotlib
matplotlib.use("Agg")
import matplotlib.pyplot as plt

x = np.linspace(-2.5, 2.5, 1001)
s = 1 / (1 + np.exp(-5 * x))
figure, axes = plt.subplots(figsize=(6.4, 4.2), dpi=150, layout="constrained")
axes.plot(x, x >= 0, label="Heaviside")
axes.plot(x, s, label="Primitive")
axes.plot(x, 5 * s * (1 - s), label="Gradient")
axes.axhline(1, linestyle=":")
axes.set(xlabel="Input", ylabel="Output", title="Sigmoid, alpha = 5")
axes.grid(True)
axes.legend()
figure.savefig("bare.png")
"""


def sg() -> list[str]:
    """The installed command of this environment, else the module."""
    script = Path(sys.executable).with_name("sg")
    return [str(script)] if script.exists() else [sys.executable, "-m", "sgcli"]


def process(
    command: list[str], folder: str, threads: int, variables: Mapping[str, str] | None = None
) -> Callable[[], None]:
    """A run of a command in a folder, with no settings but its own."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("SG_", "_SG_"))}
    environment = {**kept, **(variables or {})}
    if threads:
        environment["OMP_NUM_THREADS"] = str(threads)

    def run() -> None:
        subprocess.run(command, cwd=folder, env=environment, check=True, capture_output=True)

    return run


def start(rounds: int, threads: int) -> Iterator[Row]:
    """`sg --help` and a completion against importing what any command line needs."""
    completing = {"_SG_COMPLETE": "bash_complete", "COMP_WORDS": "sg show so", "COMP_CWORD": "2"}
    with tempfile.TemporaryDirectory() as folder:
        runs = {
            "bare imports": process([sys.executable, "-c", IMPORTS], folder, threads),
            "sg --help": process([*sg(), "--help"], folder, threads),
            "completion": process(sg(), folder, threads, completing),
        }
        yield from compare("start", runs, "bare imports", rounds, Bar("at most", 1.7))


def plot(rounds: int, threads: int) -> Iterator[Row]:
    """`sg plot sigmoid --alpha 5` against a script of numpy and matplotlib alone."""
    with tempfile.TemporaryDirectory() as folder:
        runs = {
            "bare script": process([sys.executable, "-c", BARE_PLOT], folder, threads),
            "sg plot sigmoid": process(
                [*sg(), "plot", "sigmoid", "--alpha", "5", "-o", "ours.png"], folder, threads
            ),
        }
        yield from compare("plot", runs, "bare script", rounds, Bar("at most", 1.15))
