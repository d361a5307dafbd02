"""sg completion."""

from __future__ import annotations

from click.shell_completion import get_completion_class

from sgcli.cli.console import Talk
from sgcli.cli.main import cli
from sgcli.cli.options import Choice, argument, group
from sgcli.cli.options import command as sg_command


@sg_command("completion")
@group(
    "Shell",
    argument("shell", "SHELL", "Shell to write for: bash, zsh or fish.",
             type=Choice(["bash", "zsh", "fish"])),
)  # fmt: skip
def command(shell: str, talk: Talk) -> None:
    r"""Print the script for completion in your shell.

    The shell then completes commands, options, their choices, and surrogates with their parameters.

    \b
    Examples that turn it on permanently:
      bash   echo 'eval "$(sg completion bash)"' >> ~/.bashrc
      zsh    echo 'eval "$(sg completion zsh)"' >> ~/.zshrc
      fish   sg completion fish > ~/.config/fish/completions/sg.fish

    The first sg on PATH must be that of sgcli: `sg doctor` says whether it is.
    """
    kind = get_completion_class(shell)
    assert kind is not None  # Click has all three
    print(kind(cli, {}, "sg", "_SG_COMPLETE").source())
