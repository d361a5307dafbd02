"""sg plot."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from sgcli.cli.console import Talk
from sgcli.cli.formats import to_json
from sgcli.cli.options import OUTPUT, Choice, Choices, group, surrogates
from sgcli.cli.options import command as sg_command
from sgcli.cli.output import STDOUT, Drawing, Limits, figure_options, normalised, write
from sgcli.errors import SgError

# The words of the command line and those of the library; heaviside stands for any forward pass.
CURVES: dict[str, Any] = {
    "heaviside": "forward",
    "primitive": "primitive",
    "gradient": "derivative",
}
DATA_FORMATS = ("csv", "json")
NEAR, FAR = (-2.5, 2.5), (-10.0, 10.0)


@sg_command("plot")
@surrogates()
@group(
    "Curves",
    click.option("--curves", type=Choices(CURVES), default=tuple(CURVES), metavar="NAME[,NAME…]",
                 help="Curves to draw: heaviside, which is any forward pass, primitive and "
                 "gradient."),
    click.option("--xlim", type=Limits(), metavar="LO,HI",
                 help="Range of x, if not -2.5,2.5, or -10,10 with --log."),
    click.option("--points", type=int, default=1001, metavar="N",
                 help="Number of equidistant x in the range."),
    click.option("--log", is_flag=True, help="Draw values on a log scale, to see the tails."),
)  # fmt: skip
@figure_options("File for the figure, .png, .pdf or .svg, or - for stdout; repeatable.", True)
@group(
    OUTPUT,
    click.option("--data", type=click.Path(path_type=Path, allow_dash=True), metavar="FILE",
                 help="File for the numbers, .csv or .json, or - for stdout; "
                 "no figure without -o."),
    click.option("--data-format", type=Choice(DATA_FORMATS), default="csv",
                 help="Format of --data on stdout."),
)  # fmt: skip
def command(
    shapes: Sequence[Any],
    drawing: Drawing,
    curves: Sequence[str],
    xlim: tuple[float, float] | None,
    points: int,
    log: bool,
    data: Path | None,
    data_format: str,
    talk: Talk,
) -> None:
    r"""Draw forward pass, primitive and gradient of surrogates.

    Up to eight surrogates share one panel. More get a panel each. Several values of a
    parameter make a family. Without -o the file is named after them, as in sigmoid-alpha5.png.

    \b
    Examples:
      sg plot sigmoid --alpha 5
      sg plot sigmoid --alpha 1,2,5,10 -o family.pdf --style paper
      sg plot sigmoid soft_sign atan --curves gradient --log -o tails.svg
      sg plot --formula 'alpha/2/(1+(pi/2*alpha*x)**2)' --alpha 2
      sg plot leaky_k_relu,leak=0.1 rect --xlim -1,1 --data curves.csv
    """
    from sgcli.theory.curves import sample

    if data == STDOUT and STDOUT in drawing.targets:
        raise SgError("stdout cannot carry both figure and data", "name a file for one of them")
    numbers = [] if data is None else [(data, _data_format(data, data_format))]
    if not drawing.targets and data is None:
        format = click.get_current_context().params["figure_format"]
        name = _file_name(shapes, curves, xlim, log)
        drawing = replace(drawing, targets={Path(f"{name}.{format}"): format})
    low, high = xlim or (FAR if log else NEAR)
    sampled = [sample(s, low, high, points, [CURVES[c] for c in curves]) for s in shapes]
    contents = [(path, _export(sampled, format)) for path, format in numbers]
    if drawing.targets:
        from sgcli.figures.surrogate import plot

        figure = plot(sampled, drawing.look, log)
        text = normalised(
            shapes, "style", "width", "height", "dpi", "curves", "xlim", "points", "log"
        )
        contents += drawing.render(figure, text)
    write(contents, talk)


def _data_format(path: Path, chosen: str) -> str:
    format = chosen if path == STDOUT else path.suffix.lower().removeprefix(".")
    if format not in DATA_FORMATS:
        raise SgError(f"{path}: numbers go into .csv or .json", "as in --data curves.csv")
    return format


def _file_name(
    shapes: Sequence[Any], curves: Sequence[str], xlim: tuple[float, float] | None, log: bool
) -> str:
    """``sigmoid-alpha5``; with what else differs from the default, ``sigmoid-alpha5-gradient``."""
    parts = [_shapes_name(shapes)]
    if set(curves) != set(CURVES):
        parts += curves
    if xlim:
        parts.append(f"x{xlim[0]:g}to{xlim[1]:g}")
    return "-".join([*parts, "log"] if log else parts)


def _shapes_name(shapes: Sequence[Any]) -> str:
    """``sigmoid-alpha5``, ``sigmoid-alpha1-2-5``, ``sigmoid-atan`` or ``21-surrogates``."""
    names = list(dict.fromkeys(shape.definition.identifier() for shape in shapes))
    if len(names) > 4:
        return f"{len(shapes)}-surrogates"
    if len(names) > 1:
        return "-".join(names)
    values = {k: dict.fromkeys(f"{s.params[k]:g}" for s in shapes) for k in shapes[0].params}
    return "-".join([*names, *(k + "-".join(v) for k, v in values.items())])


def _export(sampled: Sequence[Any], format: str) -> bytes:
    from sgcli.theory.export import to_csv, to_objects

    text = to_csv(sampled) if format == "csv" else to_json({"curves": to_objects(sampled)}) + "\n"
    return text.encode()
