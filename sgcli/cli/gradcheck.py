"""sg gradcheck."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click

from sgcli.cli.console import Talk
from sgcli.cli.options import (
    CheckedName,
    Choice,
    Finite,
    format_option,
    parameter_options,
    timeout_option,
    value_lists,
)
from sgcli.cli.options import command as sg_command
from sgcli.cli.verdicts import DTYPES, LEGEND, draw_errors, show, write_junit
from sgcli.errors import SgError

LIBRARIES = ("spikingjelly", "snntorch", "norse", "sinabs")


@sg_command("gradcheck")
@click.argument("names", nargs=-1, type=CheckedName(many=True), metavar="NAME...")
@parameter_options
@click.option("--like", default="", metavar="NAME", help="What NAME should be; -p is then its.")
@click.option("--formula", default="", metavar="EXPRESSION", help="What the gradient should be.")
@click.option("--call", multiple=True, metavar="NAME=VALUE", help="Call NAME first, a factory.")
@click.option("--against", type=Choice([*LIBRARIES, "all"]), help="A library's surrogates.")
@click.option("--require", multiple=True, metavar="CHECK", help="A capability that decides too.")
@click.option(
    "--require-peak", type=Finite(), help="Fail unless the maximum is this, at any shape."
)
@click.option("--dtype", multiple=True, type=Choice(DTYPES), help="Only these.")
@click.option("--device", default="cpu", help="Where the torch checks run.")
@click.option("--quick", is_flag=True, help="Only the checks that need no torch.")
@click.option("--thorough", is_flag=True, help="Compile with inductor too.")
@timeout_option("How long a file of yours may take to load, and each check of it.")
@click.option("--junit", type=click.Path(path_type=Path), help="A JUnit XML file for CI.")
@click.option("--plot", type=click.Path(path_type=Path), help="A folder for figures of errors.")
@format_option()
def command(
    names: Sequence[str],
    alpha: str | None,
    param: Sequence[str],
    like: str,
    formula: str,
    call: Sequence[str],
    against: str | None,
    require: Sequence[str],
    require_peak: float | None,
    dtype: Sequence[str],
    device: str,
    quick: bool,
    thorough: bool,
    timeout: float,
    junit: Path | None,
    plot: Path | None,
    format: str,
    talk: Talk,
) -> int:
    r"""Prove each gradient against 50-digit arithmetic.

    A bare name is checked at its default shape and at both ends of its typical range: the
    derivative against the exact derivative of the primitive, the torch forward and backward passes
    in four dtypes against the same truth, vmap, compile, second derivatives and more. The maximum
    gradient of a default shape must be 1. The exit status is 1 if anything fails.

    Your own: FILE.py, FILE.py:NAME or PACKAGE.MODULE:NAME names a definition, an nn.Module, an
    autograd.Function or any callable; --like or --formula says what it should be.

    \b
    Examples:
      sg gradcheck all
      sg gradcheck soft-sign atan --alpha 0.5,2,8
      sg gradcheck mine.py --junit report.xml
      sg gradcheck snntorch.surrogate:sigmoid --call slope=25 --like sigmoid -p alpha=25
      sg gradcheck --formula '1/(1+alpha*abs(x))**2' --alpha 10
      sg gradcheck --against all
    """
    from sgcli.checks.session import Listener, Session

    if against:
        others = {"names": names, "--like": like, "--formula": formula, "--call": call,
                  "--alpha": alpha, "-p": param, "--quick": quick}  # fmt: skip
        for other, given in others.items():
            if given:
                raise SgError(f"{other} and --against exclude one another", "leave one of them out")
    if junit == Path("-"):
        raise SgError("--junit writes a file, stdout has the table", "--junit report.xml")
    if quick and (require or plot):
        raise SgError("--require and --plot need torch", "leave out --quick")
    session = Session(
        names,
        like,
        formula,
        lists=value_lists(alpha, param),
        calls={key: values[0] for key, values in value_lists(None, call).items()},
        timeout=timeout,
        against=against or "",
        dtypes=dtype or DTYPES,
        device=device,
        require=require,
        require_peak=require_peak,
        quick=quick,
        thorough=thorough,
        errors=plot is not None,
    )
    listener = Listener(talk.say, talk.step)
    try:
        if session.foreign:
            from sgcli.checks import apart

            # What somebody wrote may end its process, which is then not this one.
            results = apart.run(session, listener)
        else:
            results = session.run(listener)
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
