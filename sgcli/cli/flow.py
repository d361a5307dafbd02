"""sg flow."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

from sgcli.cli import flow_run, flow_trained
from sgcli.cli.console import Talk
from sgcli.cli.flow_options import FIGURES, FIGURES_OF_RUN, FIGURES_OF_TRAINING, flow_options
from sgcli.cli.formats import emit
from sgcli.cli.options import command as sg_command
from sgcli.cli.page import PageOptions
from sgcli.errors import SgError

if TYPE_CHECKING:
    from sgcli.definitions import Shape

OF_RUN = ("batch", "bounds")
OF_TRAINING = ("depth", "units", "batch", "seeds", "mu", "steps", "optimizers", "out")


@sg_command("flow")
@flow_options
def command(
    shapes: Sequence[Shape],
    run: Path | None,
    train: bool,
    figure: str | None,
    page: PageOptions,
    talk: Talk,
    **options: Any,
) -> int:
    r"""Predict and measure gradients through layers and time.

    In the backward pass, each layer multiplies the gradient norm by a factor r. The command
    predicts r from the shape of the surrogate and measures it in random networks. With --time it
    also shows the gradient through time. With --run it analyses a network that train-toy has
    trained. With --train it trains deep networks twice: with each shape as given, and with the
    shape that sg recommend derives from it.

    \b
    Examples:
      sg flow all --depth 20 --predict
      sg flow sigmoid atan --depth 10 --time 8 --no-detach-reset
      sg flow atan --depth 40 --predict --figure heatmap -o heatmap.png
      sg flow --run runs/mnist-atan-… --figure membrane -o membrane.png
      sg flow sigmoid atan --train --steps 200
    """
    if run and train:
        raise SgError("--run and --train exclude one another", "use one of them")
    if run:
        if shapes:
            raise SgError("the surrogate is that of the run", "--run takes no names")
        figure = _one_of(FIGURES_OF_RUN, figure)
        # Of names only, of which there are none.
        options |= dict.fromkeys(("alpha", "param"))
        return flow_run.show(run, figure, page, talk, _of(options, "with --run", OF_RUN))
    if not shapes:
        raise click.MissingParameter(param_hint="'NAME...'", param_type="argument")
    if train:
        figure = _one_of(FIGURES_OF_TRAINING, figure)
        chosen = _of(options, "with --train", OF_TRAINING)
        return flow_trained.show(shapes, figure, page, talk, chosen)
    chosen = _of(options, "without --train", set(options) - {"steps", "optimizers", "out"})
    return _flow(shapes, _one_of(FIGURES, figure), page, talk, chosen)


def _one_of(figures: Sequence[str], figure: str | None) -> str:
    if figure is not None and figure not in figures:
        raise SgError(f"--figure {figure} is not available here", f"it is {' or '.join(figures)}")
    return figure or figures[0]


def _of(options: Mapping[str, Any], where: str, names: Collection[str]) -> dict[str, Any]:
    """The options of these names; raises :class:`SgError` for another one, which would not act."""
    source = click.get_current_context().get_parameter_source
    for name in options:
        typed = source(name) in (ParameterSource.COMMANDLINE, ParameterSource.ENVIRONMENT)
        if typed and name not in names:
            raise SgError(f"--{name.replace('_', '-')} has no effect {where}", "leave it out")
    return {name: options[name] for name in names if options[name] is not None}


def _flow(
    shapes: Sequence[Shape], figure: str, page: PageOptions, talk: Talk, options: Mapping[str, Any]
) -> int:
    from sgcli.cli.flow_tables import silence, surrogates
    from sgcli.studies.flow import flow

    if figure == "time" and options["time"] == 1:
        raise SgError("--figure time needs several time steps", "as --time 8")
    if figure == "heatmap" and options["depth"] == 1:
        raise SgError("--figure heatmap needs several layers", "as --depth 20")
    result = flow(shapes, progress=talk.step, **options)
    talk.stepped()
    table = surrogates(result, options["predict"]).sorted(page.sort)
    if page.targets:
        from sgcli.cli.flow_figures import drawn

        page.draw(drawn(figure, result, options["predict"], page.look, talk), shapes)
    emit(table, page.format)
    if warning := silence(result.setting):
        talk.say(warning)
    return 0
