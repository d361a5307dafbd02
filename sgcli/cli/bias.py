"""sg bias."""

from __future__ import annotations

import click

from sgcli.cli.bias_escape import escape
from sgcli.cli.bias_fd import fd
from sgcli.cli.bias_loop import loop
from sgcli.cli.bias_sign import sign
from sgcli.cli.help import Group, help_text


@click.group("bias", cls=Group, context_settings={"help_option_names": ["-h", "--help"]})
def command() -> None:
    r"""Say how far surrogate gradients are from gradients.

    \b
    Examples:
      sg bias loop sigmoid --beta-sg 1,5,20
      sg bias sign sigmoid -o sign.png
      sg bias escape sigmoid atan
      sg bias fd sigmoid atan -o cosines.png
    """


command.help = help_text(command.help)
for kind in (loop, sign, escape, fd):
    command.add_command(kind)
