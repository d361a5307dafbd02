"""The frame of the command line: errors, exit statuses, imports, precedence of settings."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import click
import pytest

from sgcli.cli import main as frame
from sgcli.errors import SgError
from tests.cli.run import sg

SG = [sys.executable, "-m", "sgcli"]


def test_help_names_every_command_and_an_example(capsys):
    done = sg(capsys, "--help")
    assert done.status == 0
    for name in frame.COMMANDS:
        assert name in done.out


@pytest.mark.parametrize("name", frame.COMMANDS)
def test_every_command_has_help_with_an_example(capsys, name):
    done = sg(capsys, name, "--help")
    assert done.status == 0
    assert "Example" in done.out
    assert f"sg {name}" in done.out


def test_version(capsys):
    from sgcli import __version__

    assert sg(capsys, "--version").out == f"sgcli {__version__}\n"


@pytest.mark.parametrize(
    ("args", "says"),
    [(["gradchek"], "gradcheck"), (["list", "--formt", "json"], "--format"), (["list", "x"], "x")],
)
def test_usage_errors(capsys, args, says):
    done = sg(capsys, *args)
    assert done.status == 2
    assert says in done.err


def raising(error):
    @click.command("list")
    def command():
        raise error

    return command


@pytest.mark.parametrize(
    ("error", "status", "says"),
    [
        (SgError("it is wrong", "do this"), 2, "Error: it is wrong\nhint: do this\n"),
        (OSError(28, "No space left on device", "f"), 2, "Error: the disk is full"),
        (PermissionError(13, "Permission denied", "f.png"), 2, "Permission denied: f.png"),
        (MemoryError(), 2, "out of memory"),
        (RuntimeError("first\nsecond"), 2, "Error: RuntimeError: first\nhint: --debug"),
        (KeyboardInterrupt(), 130, "Error: interrupted"),
    ],
)
def test_every_error_ends_in_one_place(capsys, monkeypatch, error, status, says):
    monkeypatch.setattr(frame.Sg, "get_command", lambda *_: raising(error))
    done = sg(capsys, "list")
    assert done.status == status
    assert says in done.err
    assert "Traceback" not in done.err


def test_debug_shows_the_traceback(capsys):
    with pytest.raises(SgError):
        sg(capsys, "gradcheck", "sigmoid", "--alpha", "0", "--debug")


def test_a_closed_pipe_is_no_error():
    done = subprocess.run(
        ["bash", "-c", f"set -o pipefail; {' '.join(SG)} list | head -1 >/dev/null"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("args", ["--help", "plot --help", "list"])
def test_a_pipe_that_nobody_reads_is_no_error(args):
    read, write = os.pipe()
    os.close(read)
    done = subprocess.run([*SG, *args.split()], stdout=write, stderr=subprocess.PIPE, check=False)
    os.close(write)
    assert (done.returncode, done.stderr) == (0, b"")


@pytest.mark.parametrize("seconds", [0.03, 0.06, 0.1, 0.13, 0.16, 0.2, 0.25])
def test_an_early_interrupt_is_an_interrupt(seconds):
    """Python itself takes the first milliseconds; from our first line on the status is 130."""
    code = (
        "import sys; from sgcli.__main__ import main\n"
        "sys.argv = ['sg', 'gradcheck', 'all']\n"
        "print('ours', flush=True); sys.exit(main())"
    )
    command = [sys.executable, "-c", code]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        process.stdout.readline()
        time.sleep(seconds)
        process.send_signal(signal.SIGINT)
        said = process.stderr.read().decode().splitlines()
    assert process.returncode == 130
    assert said[-1] == "Error: interrupted"
    assert not any("Traceback" in line for line in said)


@pytest.mark.parametrize(
    "args",
    [
        ["--help"], *[[name, "--help"] for name in frame.COMMANDS],
        ["list"], ["compare", "sigmoid", "atan"],
    ],
)  # fmt: skip
def test_what_is_light_imports_nothing_heavy(args):
    heavy = {"torch", "matplotlib", "sympy"}
    if "--help" in args:
        heavy |= {"numpy", "mpmath", "rich"}
    if args == ["--help"]:
        heavy |= {"sgcli.cli.plot", "sgcli.definitions"}
    code = (
        "import sys; from sgcli.cli.main import main; main(sys.argv[1:]); "
        f"sys.exit(','.join(sorted({heavy} & set(sys.modules))) or 0)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, *args], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize(
    "args",
    ["list", "show sigmoid", "plot sigmoid -o a.png", "compare sigmoid atan -o b.png",
     "flow atan --depth 9 --predict -o c.png", "recommend atan", "gradcheck sigmoid --quick"],
)  # fmt: skip
def test_what_needs_no_torch_imports_none(args):
    code = (
        "import sys; from sgcli.cli.main import main; assert main(sys.argv[1:]) == 0; "
        "sys.exit('torch' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, *args.split()], capture_output=True, check=False
    )
    assert done.returncode == 0, done.stderr


def test_completion_of_names_needs_nothing_heavy():
    code = (
        "import sys; from sgcli.cli.main import main\n"
        "try: main([])\n"
        "except SystemExit: pass\n"
        "sys.exit(','.join({'torch', 'numpy', 'matplotlib'} & set(sys.modules)) or 0)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={"_SG_COMPLETE": "bash_complete", "COMP_WORDS": "sg gradcheck soft", "COMP_CWORD": "2"},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "plain,soft_sign" in done.stdout


def test_precedence_of_settings(capsys, monkeypatch):
    Path("pyproject.toml").write_text('[tool.sg.list]\nformat = "csv"\n')
    assert sg(capsys, "list").out.startswith("name,module")
    Path("sg.toml").write_text('[list]\nformat = "md"\n')
    assert sg(capsys, "list").out.startswith("| surrogate")
    monkeypatch.setenv("SG_LIST_FORMAT", "latex")
    assert sg(capsys, "list").out.startswith(r"\begin{tabular}")
    assert sg(capsys, "list", "--format", "json").out.startswith("{")


def test_all_errors_of_a_settings_file_at_once(capsys):
    Path("sg.toml").write_text('[list]\nformt = "md"\n[gradchek]\nx = 1\n')
    done = sg(capsys, "list")
    assert done.status == 2
    assert "formt in [list] (did you mean format?)" in done.err
    assert "[gradchek] (did you mean gradcheck?)" in done.err


@pytest.mark.parametrize("text", ["tool = 3", "[tool]\nsg = 3", "[tool.sg]\nlist = 3"])
def test_a_settings_file_of_another_shape_breaks_nothing_silently(capsys, text):
    Path("pyproject.toml").write_text(text)
    done = sg(capsys, "list", "--format", "csv")
    assert done.status == (0 if text == "tool = 3" else 2)
    assert "Traceback" not in done.err
    assert "AttributeError" not in done.err


def test_a_settings_file_that_is_not_toml(capsys):
    Path("sg.toml").write_text("[list\n")
    done = sg(capsys, "list")
    assert done.status == 2
    assert "is not TOML" in done.err


def test_the_installed_sg_runs():
    sg_path = Path(sys.executable).with_name("sg")
    done = subprocess.run([sg_path, "--version"], capture_output=True, text=True, check=True)
    assert done.stdout.startswith("sgcli ")
