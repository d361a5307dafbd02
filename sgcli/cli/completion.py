"""sg completion."""

from __future__ import annotations

import click

from sgcli.cli.console import Talk
from sgcli.cli.options import Choice
from sgcli.cli.options import command as sg_command


@sg_command("completion")
@click.argument("shell", type=Choice(["bash", "zsh", "fish"]))
def command(shell: str, talk: Talk) -> None:
    r"""Print the script that lets a shell complete what you type.

    Commands, options, their choices, surrogate names and their parameters are completed.

    \b
    Examples, each turning it on for good:
      bash   echo 'eval "$(sg completion bash)"' >> ~/.bashrc
      zsh    echo 'eval "$(sg completion zsh)"' >> ~/.zshrc
      fish   sg completion fish > ~/.config/fish/completions/sg.fish

    It must be sgcli's sg that is first on PATH; `sg doctor` says so.
    """
    from click.shell_completion import get_completion_class

    from sgcli.cli.main import cli

    found = get_completion_class(shell)
    assert found is not None  # Click has all three
    print(found(cli, {}, "sg", "_SG_COMPLETE").source())
