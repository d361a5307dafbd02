"""sg gradcheck."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from sgcli import files
from sgcli.cli.console import Talk
from sgcli.cli.names import CheckedName
from sgcli.cli.options import (
    OUTPUT,
    SURROGATES,
    Choice,
    Finite,
    argument,
    group,
    parameter_options,
    table_options,
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
                 help="Argument to pass if the named object is a factory that returns the "
                      "surrogate; repeatable."),
    click.option("--against", type=Choice([*LIBRARIES, "all"]), metavar="LIBRARY",
                 help="Check the surrogates of an installed library: "
                 f"{', '.join(LIBRARIES)}, or all."),
    timeout_option("Time limit, in seconds, for loading your file and for each check."),
)  # fmt: skip
@group(
    "Reference",
    click.option("--like", default="", show_default=False, metavar="NAME",
                 help="Surrogate that yours should equal. With --like, --alpha and -p set the "
                      "parameters of this reference."),
    click.option("--formula", default="", show_default=False, metavar="EXPRESSION",
                 help="Formula in x that the gradient should equal."),
)  # fmt: skip
@group(
    "Checks",
    click.option("--require-peak", type=Finite(),
                 help="Peak: the largest value of every gradient must equal X."),
    click.option("--require", multiple=True, metavar="CHECK",
                 help="Capability that your surrogate must have, such as vmap; repeatable."),
    click.option("--dtype", multiple=True, type=Choice(DTYPES), metavar="DTYPE",
                 help=f"Check only this dtype (default: all four): {', '.join(DTYPES)}; "
                      "repeatable."),
    click.option("--device", default="cpu", metavar="DEVICE", help="Torch device to check on."),
    click.option("--quick", is_flag=True, help="Skip the checks that need torch."),
    click.option("--thorough", is_flag=True, help="Compile with inductor, too."),
)  # fmt: skip
@group(
    OUTPUT,
    click.option("--junit", type=click.Path(path_type=Path), metavar="FILE",
                 help="Write the verdicts to a JUnit XML file, for CI."),
    click.option("--plot", type=click.Path(path_type=Path), metavar="FOLDER",
                 help="Write figures of the errors to a folder."),
)  # fmt: skip
@table_options()
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
    **options: Any,
) -> int:
    r"""Prove gradients against 50-digit arithmetic.

    The derivative is compared with the exact derivative of the primitive. The torch forward and
    backward passes are compared with the same truth in four dtypes. Then vmap, torch.compile,
    second derivatives and more are tested. A surrogate named without parameter values is checked at
    its default shape and at both ends of each parameter's typical range. The gradient of a default
    shape must have the maximum 1. The exit status is 1 if a check fails.

    Your own surrogate is FILE.py:NAME or PACKAGE.MODULE:NAME: a definition, an nn.Module, an
    autograd.Function or any callable. Use --like or --formula to say what it should be.

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
        others = {"names": names, "--like": options["like"], "--formula": options["formula"],
                  "--call": call, "--alpha": alpha, "-p": param, "--quick": quick}  # fmt: skip
        for other, value in others.items():
            if value:
                raise SgError(f"{other} and --against exclude one another", "leave one of them out")
    if junit == Path("-"):
        raise SgError("--junit writes a file, stdout has the table", "--junit report.xml")
    if quick and (require or plot):
        raise SgError("--require and --plot need torch", "leave out --quick")
    if junit:
        files.check(junit)
    if plot:
        files.check_folder(plot)
    session = Session(
        names,
        lists=value_lists(alpha, param),
        calls={key: values[0] for key, values in value_lists(None, call).items()},
        against=against or "",
        dtypes=dtype or DTYPES,
        require=require,
        quick=quick,
        errors=plot is not None,
        **options,
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
