from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from sgcli.cli.main import COMMANDS, main
from sgcli.definitions import REGISTRY

HEAVY = ("torch", "numpy", "matplotlib", "sympy", "mpmath", "rich")


def run(*words: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """``sg`` in a process of its own; stderr has the imported modules."""
    return subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "sgcli", *words],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, **variables},
    )


def imported(done: subprocess.CompletedProcess[str]) -> set[str]:
    return {line.rpartition("|")[2].strip().split(".")[0] for line in done.stderr.splitlines()}


def complete(line: str) -> subprocess.CompletedProcess[str]:
    words = line.split(" ")
    return run(
        _SG_COMPLETE="zsh_complete", COMP_WORDS=line, COMP_CWORD=str(len(words) - 1)
    )  # the words so far, the last being completed


def test_help_imports_nothing_heavy() -> None:
    done = run("--help")
    assert "See:" in done.stdout
    assert imported(done).isdisjoint(HEAVY)
    assert "sgcli" in imported(done)


@pytest.mark.parametrize(
    ("line", "wanted"),
    [
        ("sg ", set(COMMANDS)),
        ("sg show ", {*REGISTRY, "all"}),
        ("sg show soft", {"soft_sign"}),
        ("sg show sigmoid,", {"sigmoid,alpha="}),
        ("sg show --format ", {"table", "json", "md", "latex"}),
        ("sg completion ", {"bash", "zsh", "fish"}),
    ],
)
def test_completion_knows_names_and_imports_nothing_heavy(line: str, wanted: set[str]) -> None:
    done = complete(line)
    # Three lines an item: its kind, the word, the help.
    assert wanted <= set(done.stdout.splitlines()[1::3])
    assert imported(done).isdisjoint(HEAVY)


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_script_is_one_that_the_shell_reads(
    shell: str, capfd: pytest.CaptureFixture[str]
) -> None:
    assert main(["completion", shell]) == 0
    script = capfd.readouterr().out
    assert f"_SG_COMPLETE={shell}_complete" in script
    if shutil.which(shell):
        subprocess.run([shell, "-n"], input=script, text=True, check=True)


def test_an_unknown_shell_is_a_users_error(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["completion", "csh"]) == 2
    assert "'csh' is not one of 'bash', 'zsh', 'fish'" in capsys.readouterr().err


def test_a_wrong_settings_file_does_not_disturb_completion() -> None:
    Path("sg.toml").write_text("[nonsense]\n")
    assert "show" in complete("sg sh").stdout
