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
                 metavar="FOLDER", help="Look at the network in a run folder of train-toy."),
    click.option("--train", is_flag=True,
                 help="Train deep networks, with default and with recommended shapes."),
)  # fmt: skip
NETWORK = group(
    "Network",
    click.option("--depth", type=COUNT, default=20, metavar="L", help="Layers."),
    click.option("--units", type=COUNT, metavar="N",
                 help="Neurons in a layer: 512, or 256 with --train."),
    click.option("--batch", type=COUNT, metavar="N",
                 help="Samples in a batch: 512, or 128 with --train."),
    click.option("--seeds", type=COUNT, metavar="N",
                 help="Networks drawn: 5, or 3 with --train."),
    click.option("--mu", type=Finite(), default=-0.5, metavar="MU",
                 help="Mean of the membrane minus the threshold, in standard deviations."),
    click.option("--normalise/--no-normalise", default=True,
                 help="Standardise the current of each unit over the batch."),
    click.option("--block", type=Choice(["none", "sew"]), default="none",
                 help="Plain layers, none, or blocks that add their input to their spikes, sew."),
    click.option("--verdict", type=Numbers(2, 2), default="0.001,1000", metavar="LO,HI",
                 help="Factors below which gradients vanish and above which they explode."),
    click.option("--predict", is_flag=True,
                 help="Predict only: no network is built, torch is not imported."),
)  # fmt: skip
NEURON = group(
    "Neuron",
    click.option("--time", type=COUNT, default=1, metavar="T", help="Time steps."),
    click.option("--tau", type=Finite(min=1), default=2.0, metavar="TAU",
                 help="Membrane time constant, in steps."),
    click.option("--neuron", type=Choice(["lif", "if"]), default="lif",
                 help="Neurons that leak, lif, or do not, if."),
    click.option("--reset", type=Choice(["hard", "soft"]), default="hard",
                 help="Reset after a spike: hard to 0, soft by the threshold."),
    click.option("--detach-reset/--no-detach-reset", default=True,
                 help="Keep the reset out of the gradient."),
)  # fmt: skip
TRAINING = group(
    "Training with --train",
    click.option("--steps", type=COUNT, default=200, metavar="N", help="Updates of each training."),
    click.option("--optimizers", type=Choices(OPTIMIZERS), default=",".join(OPTIMIZERS),
                 metavar="NAME[,NAME]", help="Optimizers, each in turn: sgd and adam."),
    out_option("Folder of the run folders."),
)  # fmt: skip
PAGE = page_options(
    figure_option(
        [*FIGURES, *FIGURES_OF_TRAINING],
        "Kind of figure: layers if not given, or factor with --train. A run has layers and "
        "membrane, --train has the last three.",
    )
)


def flow_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """All of them, as ``shapes``, ``page`` and values by name."""
    return surrogates(required=False)(NETWORK(NEURON(WHAT(TRAINING(PAGE(function))))))
