"""The options of sg flow."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from sgcli.cli.options import Choice, Choices, Count, Finite, Numbers, group, out_option, surrogates
from sgcli.cli.page import figure_option, page_options

COUNT = Count(min=1)
OPTIMIZERS = {"sgd": "SGD", "adam": "Adam"}
# What can be drawn for surrogates, for a run and for trainings; the first if nothing is said.
FIGURES = ("layers", "time", "heatmap", "membrane")
FIGURES_OF_RUN = ("layers", "membrane")
FIGURES_OF_TRAINING = ("factor", "mean-ratio", "coherence")

# Where the default is None there is one for surrogates and another for --train.
WHAT = group(
    "Instead of random networks",
    click.option("--run", type=click.Path(path_type=Path, exists=True, file_okay=False),
                 metavar="FOLDER",
                 help="Analyse the trained network in a run folder of train-toy."),
    click.option("--train", is_flag=True,
                 help="Train deep networks with given and with recommended shapes."),
)  # fmt: skip
NETWORK = group(
    "Network",
    click.option("--depth", type=COUNT, default=20, metavar="L", help="Number of layers."),
    click.option("--units", type=COUNT, metavar="N",
                 help="Neurons per layer. The default is 512, or 256 with --train."),
    click.option("--batch", type=COUNT, metavar="N",
                 help="Samples per batch. The default is 512, or 128 with --train."),
    click.option("--seeds", type=COUNT, metavar="N",
                 help="Number of random networks. The default is 5, or 3 with --train."),
    click.option("--mu", type=Finite(), default=-0.5, metavar="MU",
                 help="Mean distance of the membrane potential from the threshold, in standard "
                      "deviations of that potential; negative is below."),
    click.option("--normalise/--no-normalise", default=True,
                 help="Standardise the current of each unit over the batch."),
    click.option("--block", type=Choice(["none", "sew"]), default="none",
                 help="Residual blocks: none, or sew, whose output is their input plus their "
                      "spikes."),
    click.option("--bounds", type=Numbers(2, 2), default="0.1,10", metavar="LO,HI",
                 help="A gradient counts as stable if all layers together change its norm by a "
                      "factor in this range."),
    click.option("--predict", is_flag=True,
                 help="Predict without measuring. Torch is not needed."),
)  # fmt: skip
NEURON = group(
    "Neuron",
    click.option("--time", type=COUNT, default=1, metavar="T", help="Number of time steps."),
    click.option("--tau", type=Finite(min=1, max=1e9), default=2.0, metavar="TAU",
                 help="Membrane time constant, in steps."),
    click.option("--neuron", type=Choice(["lif", "if"]), default="lif",
                 help="Neuron model: lif, with leak; if, without."),
    click.option("--reset", type=Choice(["hard", "soft"]), default="hard",
                 help="Reset after a spike: hard sets the membrane potential to 0, soft subtracts "
                      "the threshold."),
    click.option("--detach-reset/--no-detach-reset", default=True,
                 help="Keep the reset out of the gradient."),
)  # fmt: skip
TRAINING = group(
    "Training with --train",
    click.option("--steps", type=COUNT, default=200, metavar="N", help="Updates per training."),
    click.option("--optimizers", type=Choices(OPTIMIZERS), default=",".join(OPTIMIZERS),
                 metavar="NAME[,NAME]", help="Optimizers to train with: sgd, adam."),
    out_option("Folder that contains the run folders."),
)  # fmt: skip
PAGE = page_options(
    figure_option(
        [*FIGURES, *FIGURES_OF_TRAINING],
        "Kind of figure. Available: layers, time, heatmap, membrane; with --run: layers, membrane; "
        "with --train: factor, mean-ratio, coherence. Default: the first of each list.",
    )
)


def flow_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """All of them, as ``shapes``, ``page`` and values by name."""
    return surrogates(required=False)(NETWORK(NEURON(WHAT(TRAINING(PAGE(function))))))
