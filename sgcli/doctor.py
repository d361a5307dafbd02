"""The state of the installation: versions, devices, compute paths and settings."""

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

# The files in which each shell configures completion.
COMPLETION_FILES = {
    "bash": (".bashrc", ".bash_profile", ".local/share/bash-completion/completions/sg"),
    "zsh": (".zshrc",),
    "fish": (".config/fish/completions/sg.fish", ".config/fish/config.fish"),
}


@dataclass(frozen=True)
class Finding:
    """A row of the report: topic, item, value, and a remark or remedy."""

    topic: str
    item: str
    value: str
    note: str = ""


def diagnose() -> list[Finding]:
    """The report: versions, devices, compute paths, other libraries, command and settings."""
    return [*_versions(), *_devices(), *_paths(), *_peers(), *_command(), *_settings()]


def _versions() -> Iterator[Finding]:
    import torch

    yield Finding("versions", "sgcli", __version__)
    yield Finding("versions", "python", platform.python_version(), sys.executable)
    # The metadata of the package omit the build: 2.13.0 for 2.13.0+cu130.
    yield Finding("versions", "torch", torch.__version__)
    for package in PACKAGES:
        yield Finding("versions", package, release(package) or "not installed")


def _devices() -> Iterator[Finding]:
    import torch

    yield Finding("devices", "system", f"{platform.system()} {platform.machine()}")
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    threads = f"{torch.get_num_threads()} threads of torch"
    yield Finding(
        "devices", "cpu", f"{cores} cores", f"{threads}; OMP_NUM_THREADS changes their number"
    )
    count = torch.cuda.device_count() if torch.cuda.is_available() else 0
    for i in range(count):
        yield Finding("devices", f"cuda:{i}", torch.cuda.get_device_name(i))
    if not count:
        built = torch.version.cuda
        note = f"torch is built for CUDA {built}" if built else "torch is built without CUDA"
        yield Finding("devices", "cuda", "none", note)


def _paths() -> Iterator[Finding]:
    """The code that computes surrogates and neurons, with the reason for each fallback."""
    import torch
    from torch.torch_version import TorchVersion

    from sgcli.native import library

    loaded = library.libraries()
    state = loaded if isinstance(loaded, str) else "" if library.available() else "switched off"
    yield Finding(
        "compute paths",
        "compiled kernels",
        state or "float32 and float64 on the CPU",
        "torch's own functions instead" if state else "SG_NATIVE=0 switches them off",
    )
    for definition in REGISTRY.values():
        kernel = library.kernel(definition)
        if isinstance(kernel, str) and not isinstance(loaded, str):
            yield Finding("compute paths", definition.name, "torch", kernel)
    others = "half precision, other devices, tensors as parameters, torch.compile"
    yield Finding("compute paths", "surrogates otherwise", "torch", others)
    if TorchVersion(torch.__version__) < "2.7":
        note = "torch.compile of learnable=True needs torch 2.7"
        yield Finding("compute paths", "trainable shapes", "not compiled", note)
    yield Finding(
        "compute paths",
        "neurons, whole sequences",
        "one autograd function",
        "step by step for other neurons and surrogates, trainable shapes and torch.compile",
    )


def _peers() -> Iterator[Finding]:
    for name, library in LIBRARIES.items():
        installed = release(name)
        note = ""
        if installed and installed != library.release:
            note = f"sgcli was compared with {library.release}"
        yield Finding("other libraries", library.title, installed or "not installed", note)


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
    file = completion_place(shell)
    command = f"completion {shell}" if shell in COMPLETION_FILES else "completion"
    yield Finding(
        "command",
        "completion",
        f"on in {shell}" if file else "off",
        str(file) if file else f"`sg {command} --help` explains how to switch it on",
    )


def is_ours(path: Path) -> bool:
    """Whether an executable is the script ``sg`` of sgcli."""
    try:
        return b"sgcli" in path.read_bytes()[:4096]
    except OSError:
        return False


def completion_place(shell: str, home: Path | None = None) -> Path | None:
    """The file that switches completion of ``sg`` on in a shell; None if there is none."""
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
    files = config.config_files(Path.cwd())
    for file in files:
        yield Finding("settings", "file", file.origin, "`sg config show --origin` shows its effect")
    variables = sorted(v for v in os.environ if v.startswith("SG_"))
    for variable in variables:
        yield Finding("settings", "variable", variable, os.environ[variable])
    if not files and not variables:
        note = "sg.toml or [tool.sg] in pyproject.toml sets defaults"
        yield Finding("settings", "file", "none", note)
