"""sg gradcheck."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from sgcli.cli.console import Talk
from sgcli.cli.names import CheckedName
from sgcli.cli.options import (
    OUTPUT,
    SURROGATES,
    Choice,
    Finite,
    argument,
    format_option,
    group,
    parameter_options,
    timeout_option,
    value_lists,
)
from sgcli.cli.options import command as sg_command
from sgcli.cli.verdicts import DTYPES, LEGEND, draw_errors, show, write_junit
from sgcli.errors import SgError

LIBRARIES = ("spikingjelly", "snntorch", "norse", "sinabs")


@sg_command("gradcheck")
@group(
    SURROGATES,
    argument("names", "NAME...",
             "Surrogates, FILE.py, FILE.py:NAME, PACKAGE.MODULE:NAME, a family, or all.",
             nargs=-1, type=CheckedName(many=True)),
    parameter_options,
    click.option("--call", multiple=True, metavar="NAME=VALUE",
                 help="Argument of the factory that makes the surrogate to check; repeatable."),
    click.option("--against", type=Choice([*LIBRARIES, "all"]), metavar="LIBRARY",
                 help="Check the surrogates of a library instead: "
                 f"{', '.join(LIBRARIES)}, or all."),
    timeout_option("Seconds that a file of yours may take to load, and each check of it."),
)  # fmt: skip
@group(
    "What is right",
    click.option("--like", default="", show_default=False, metavar="NAME",
                 help="Surrogate that yours should be, whose parameters --alpha and -p then set."),
    click.option("--formula", default="", show_default=False, metavar="EXPRESSION",
                 help="Formula in x that the gradient should have."),
)  # fmt: skip
@group(
    "Checks",
    click.option("--require-peak", type=Finite(),
                 help="Maximum that the gradient must have, at any shape."),
    click.option("--require", multiple=True, metavar="CHECK",
                 help="Capability, such as vmap, without which yours fails; repeatable."),
    click.option("--dtype", multiple=True, type=Choice(DTYPES), metavar="DTYPE",
                 help=f"Check this dtype only: {', '.join(DTYPES)}; repeatable."),
    click.option("--device", default="cpu", metavar="DEVICE", help="Device of torch to check on."),
    click.option("--quick", is_flag=True, help="Run only the checks that need no torch."),
    click.option("--thorough", is_flag=True, help="Compile with inductor too."),
)  # fmt: skip
@group(
    OUTPUT,
    click.option("--junit", type=click.Path(path_type=Path), metavar="FILE",
                 help="File for the verdicts as JUnit XML, for CI."),
    click.option("--plot", type=click.Path(path_type=Path), metavar="FOLDER",
                 help="Folder for figures of the errors."),
)  # fmt: skip
@format_option()
def command(
    names: Sequence[str],
    alpha: str | None,
    param: Sequence[str],
    call: Sequence[str],
    against: str | None,
    require: Sequence[str],
    dtype: Sequence[str],
    quick: bool,
    junit: Path | None,
    plot: Path | None,
    format: str,
    talk: Talk,
    **given: Any,
) -> int:
    r"""Prove gradients against 50-digit arithmetic.

    A surrogate named without parameters is checked at its default shape and at both ends of its
    typical range: its derivative against the exact derivative of the primitive, its torch forward
    and backward passes in four dtypes against the same truth, vmap, compile, second derivatives and
    more. The gradient of a default shape must have the maximum 1. The exit status is 1 if anything
    fails.

    FILE.py, FILE.py:NAME and PACKAGE.MODULE:NAME name your own: a definition, an nn.Module, an
    autograd.Function or any callable. --like or --formula says what it should be.

    \b
    Examples:
      sg gradcheck all
      sg gradcheck soft-sign atan --alpha 0.5,2,8
      sg gradcheck mine.py --junit report.xml
      sg gradcheck snntorch.surrogate:sigmoid --call slope=25 \
          --like sigmoid -p alpha=25
      sg gradcheck --formula '1/(1+alpha*abs(x))**2' --alpha 10
      sg gradcheck --against all
    """
    from sgcli.checks.session import Listener, Session
    from sgcli.studies.gradcheck import checked

    if against:
        others = {"names": names, "--like": given["like"], "--formula": given["formula"],
                  "--call": call, "--alpha": alpha, "-p": param, "--quick": quick}  # fmt: skip
        for other, value in others.items():
            if value:
                raise SgError(f"{other} and --against exclude one another", "leave one of them out")
    if junit == Path("-"):
        raise SgError("--junit writes a file, stdout has the table", "--junit report.xml")
    if quick and (require or plot):
        raise SgError("--require and --plot need torch", "leave out --quick")
    session = Session(
        names,
        lists=value_lists(alpha, param),
        calls={key: values[0] for key, values in value_lists(None, call).items()},
        against=against or "",
        dtypes=dtype or DTYPES,
        require=require,
        quick=quick,
        errors=plot is not None,
        **given,
    )
    try:
        results = checked(session, Listener(talk.say, talk.step))
    finally:
        talk.stepped()
    reports = results.reports
    show(reports, format)
    talk.say("--quick: only the checks that need no torch were run" if quick else LEGEND)
    if junit:
        write_junit(reports, junit)
    if plot:
        draw_errors(results.errors, plot, talk)
    return 0 if all(r.ok for r in reports) else 1
