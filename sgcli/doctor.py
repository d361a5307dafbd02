"""What is installed and how it will run, for people who ask why something does not."""

from __future__ import annotations

import os
import platform
import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from sgcli import __version__, config
from sgcli.definitions import LIBRARIES, REGISTRY
from sgcli.definitions.installed import release

PACKAGES = ("numpy", "matplotlib", "sympy", "mpmath", "click", "rich")

# Where each shell is told to complete a command.
COMPLETION_FILES = {
    "bash": (".bashrc", ".bash_profile", ".local/share/bash-completion/completions/sg"),
    "zsh": (".zshrc",),
    "fish": (".config/fish/completions/sg.fish", ".config/fish/config.fish"),
}


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at: the topic, what it is, and a remark or remedy."""

    topic: str
    item: str
    value: str
    note: str = ""


def diagnose() -> list[Finding]:
    """Look at versions, devices, compute paths, other libraries, the command and its settings."""
    return [*_versions(), *_devices(), *_paths(), *_peers(), *_command(), *_settings()]


def _versions() -> Iterator[Finding]:
    import torch

    yield Finding("versions", "sgcli", __version__)
    yield Finding("versions", "python", platform.python_version(), sys.executable)
    # Its metadata leave out which build of torch this is: 2.13.0 is really 2.13.0+cu130.
    yield Finding("versions", "torch", torch.__version__)
    for package in PACKAGES:
        yield Finding("versions", package, release(package) or "not installed")


def _devices() -> Iterator[Finding]:
    import torch

    yield Finding("devices", "system", f"{platform.system()} {platform.machine()}")
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    threads = f"{torch.get_num_threads()} threads of torch"
    yield Finding("devices", "cpu", f"{cores} cores", f"{threads}; OMP_NUM_THREADS changes it")
    count = torch.cuda.device_count() if torch.cuda.is_available() else 0
    for i in range(count):
        yield Finding("devices", f"cuda:{i}", torch.cuda.get_device_name(i))
    if not count:
        built = torch.version.cuda
        why = f"torch is built for CUDA {built}" if built else "torch is built without CUDA"
        yield Finding("devices", "cuda", "none", why)


def _paths() -> Iterator[Finding]:
    """Which code computes what; none is chosen silently."""
    import torch
    from torch.torch_version import TorchVersion

    from sgcli.native import library

    result = library.libraries()
    state = result if isinstance(result, str) else "" if library.available() else "switched off"
    where = "float32 and float64 on the CPU"
    yield Finding(
        "compute paths",
        "compiled kernels",
        state or where,
        "torch's own functions instead" if state else "SG_NATIVE=0 switches them off",
    )
    for definition in REGISTRY.values():
        kernel = library.kernel(definition)
        if isinstance(kernel, str) and not isinstance(result, str):
            yield Finding("compute paths", definition.name, "torch", kernel)
    others = "halves, other devices, tensors as parameters, torch.compile"
    yield Finding("compute paths", "surrogates otherwise", "torch", others)
    if TorchVersion(torch.__version__) < "2.7":
        why = "torch.compile of learnable=True needs torch 2.7"
        yield Finding("compute paths", "trainable shapes", "not compiled", why)
    yield Finding(
        "compute paths",
        "neurons, whole sequences",
        "one autograd function",
        "step by step for other neurons and surrogates, trainable shapes and torch.compile",
    )


def _peers() -> Iterator[Finding]:
    for name, library in LIBRARIES.items():
        result = release(name)
        note = ""
        if result and result != library.release:
            note = f"compared with {library.release}"
        yield Finding("other libraries", library.title, result or "not installed", note)


def _command() -> Iterator[Finding]:
    first = shutil.which("sg")
    if first is None:
        yield Finding("command", "sg on PATH", "none", "python -m sgcli does everything sg does")
    elif is_ours(Path(first)):
        yield Finding("command", "sg on PATH", first, "sgcli's")
    else:
        yield Finding(
            "command",
            "sg on PATH",
            first,
            "not sgcli's: Debian's sg is newgrp; activate the environment, or use python -m sgcli",
        )
    shell = Path(os.environ.get("SHELL", "")).name
    place = completion_place(shell)
    how = f"sg completion {shell} --help" if shell in COMPLETION_FILES else "sg completion --help"
    yield Finding(
        "command",
        "completion",
        f"on in {shell}" if place else "off",
        str(place) if place else f"`{how}` says how",
    )


def is_ours(path: Path) -> bool:
    """Whether an executable is the script that installing sgcli writes."""
    try:
        return b"sgcli" in path.read_bytes()[:4096]
    except OSError:
        return False


def completion_place(shell: str, home: Path | None = None) -> Path | None:
    """The file of a shell that turns the completion of ``sg`` on."""
    for name in COMPLETION_FILES.get(shell, ()):
        path = (home or Path.home()) / name
        try:
            text = path.read_text(encoding="utf-8", errors="replace")
        except OSError:
            continue
        lines = [line for line in text.splitlines() if not line.lstrip().startswith("#")]
        if any("sg completion" in line or "_SG_COMPLETE" in line for line in lines):
            return path
    return None


def _settings() -> Iterator[Finding]:
    result = config.layers(Path.cwd())
    for layer in result:
        yield Finding("settings", "file", layer.origin, "`sg config show --origin` shows them all")
    variables = sorted(v for v in os.environ if v.startswith("SG_"))
    for variable in variables:
        yield Finding("settings", "variable", variable, os.environ[variable])
    if not result and not variables:
        yield Finding("settings", "file", "none", "sg.toml or [tool.sg] in pyproject.toml")
