"""The options of the modes of sg compare; their defaults, which differ by mode, are in modes.py."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from sgcli.cli.comparing.modes import MODES, spelt
from sgcli.cli.options import Decorator, Finite, Numbers
from sgcli.cli.output import Limits

COUNT = click.IntRange(min=1)
FILE = click.Path(path_type=Path, exists=True, dir_okay=False)


def _text(value: Any) -> str:
    if isinstance(value, tuple):
        return ",".join(map(_text, value))
    return f"{value:g}" if isinstance(value, float) else str(value)


def _defaults(name: str) -> str:
    """``512; 256 with --train``, for the help."""
    found: dict[str, list[str]] = {}
    for flag, mode in MODES.items():
        value = mode.defaults.get(name)
        if value is not None and not isinstance(value, bool):
            found.setdefault(_text(value), []).append(spelt(flag) if flag else "")
    if len(found) == 1:
        return next(iter(found))
    return "; ".join(
        f"{text} with {', '.join(filter(None, flags))}" if any(flags) else text
        for text, flags in found.items()
    )


def option(spelling: str, help: str, **kwargs: Any) -> Decorator:
    """An option whose default is None, so that each mode puts its own."""
    name = spelling.split("/")[0].removeprefix("--").replace("-", "_")
    shown = _defaults(name)
    text = f"{help}  [default: {shown}]" if shown else help
    return click.option(spelling, name, default=None, show_default=False, help=text, **kwargs)


OPTIONS: list[Decorator] = [
    # What chooses a mode.
    option("--depth", "Gradient flow through L layers, predicted and measured.",
           type=COUNT, metavar="L"),
    option("--from-run", "Gradient flow in a trained network of train-toy, from its membranes.",
           type=click.Path(path_type=Path, exists=True, file_okay=False), metavar="FOLDER"),
    option("--loop", "Integrate the gradient around a closed loop of weights.", is_flag=True),
    option("--bias", "Compare its sign with the true gradient's along one weight.", is_flag=True),
    option("--escape", "Is it unbiased for a neuron that fires at random?", is_flag=True),
    option("--fd", "Cosine between it and finite differences of the loss.", is_flag=True),
    option("--train", "Train deep networks with default and recommended shapes.", is_flag=True),
    # The neuron and its input.
    option("--mu", "Mean of the membrane minus the threshold, in standard deviations.",
           type=Finite(), metavar="MU"),
    option("--time", "Time steps.", type=COUNT, metavar="T"),
    option("--tau", "Membrane time constant, in steps.", type=Finite(min=1), metavar="TAU"),
    option("--neuron", "Leaky or not.", type=click.Choice(["lif", "if"])),
    option("--reset", "After a spike: back to 0, or lower by the threshold.",
           type=click.Choice(["hard", "soft"])),
    option("--detach-reset/--no-detach-reset", "Keep the reset out of the gradient, or in it."),
    # The network.
    option("--width", "Neurons in a layer.", type=COUNT, metavar="N"),
    option("--batch", "Samples in a batch.", type=COUNT, metavar="N"),
    option("--seeds", "Networks drawn.", type=COUNT, metavar="N"),
    option("--seed", "Of what is drawn.", type=click.IntRange(min=0), metavar="N"),
    option("--normalise/--no-normalise", "Standardise each unit's current over the batch, or not."),
    option("--block", "What a layer is: plain, or a block whose spikes are added to its input.",
           type=click.Choice(["none", "sew"])),
    option("--verdict", "The factor below which gradients vanish, above which they explode.",
           type=Numbers(2, 2), metavar="LO,HI"),
    option("--predict", "Predict only: no network is built, torch is not imported.", is_flag=True),
    # The constructions of Gygax & Zenke.
    option("--beta", "Steepness of the forward pass.", type=Finite(0, min_open=True), metavar="B"),
    option("--beta-sg", "Steepness of the surrogates, several in turn.",
           type=Numbers(), metavar="B[,B…]"),
    option("--radius", "Of the loop, in the space of weights.",
           type=Finite(0, min_open=True), metavar="R"),
    option("--points", "Points of the loop or of the interval.",
           type=click.IntRange(3, 10_000_000), metavar="N"),
    option("--directions", "Two lines of five numbers: the plane of the loop.",
           type=FILE, metavar="FILE"),
    option("--weights", "The weights that stay.", type=Numbers(4, 4), metavar="V1,V2,U1,U2"),
    option("--sweep", "The interval of the weight w.", type=Limits(), metavar="LO,HI"),
    option("--samples", "Spikes drawn at each point.", type=click.IntRange(100), metavar="N"),
    option("--epsilon", "Steps of the finite differences, several in turn.",
           type=Numbers(), metavar="E[,E…]"),
    # The training.
    option("--layers", "Hidden layers.", type=COUNT, metavar="L"),
    option("--steps", "Updates of each training.", type=COUNT, metavar="N"),
    option("--optimizers", "Each in turn: sgd, adam.", metavar="NAME[,NAME]"),
    option("--out", "Where the run folders go.", type=click.Path(path_type=Path), metavar="FOLDER"),
    # The table and the figure.
    option("--xlim", "Range of x of both panels: -2.5,2.5 and -10,10 if not given.",
           type=Limits(), metavar="LO,HI"),
    option("--cost", "Measure the cost of an element too, with torch.", is_flag=True),
    option("--figure", "What to draw.", metavar="NAME",
           type=click.Choice(["curves", "distances", "layers", "time", "heatmap", "membrane",
                              "factor", "mean-ratio", "coherence"])),
]  # fmt: skip


def mode_options(function: Callable[..., Any]) -> Callable[..., Any]:
    for one in reversed(OPTIONS):
        function = one(function)
    return function
