"""How setuptools builds the kernels: with a C++ compiler if there is one, otherwise not at all.

This is imported by setup.py, where torch and numpy are not installed.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from setuptools import Extension
from setuptools.command.build_ext import build_ext
from setuptools.errors import BaseError

from sgcli.native import writer

GENERATED = "build/native/surrogates.cpp"
# Python's own flags let integers wrap, which keeps compilers from counting loops.
SAFE = [
    "-fno-wrapv",
    "-std=c++17",
    "-O3",
    "-g0",
    "-fno-math-errno",
    "-fno-trapping-math",
    "-fvisibility=hidden",
]
THREADS = "-fopenmp"


def extensions() -> list[Extension]:
    """The two libraries; the one of the neurons without fused operations, see there."""
    return [
        _library("_surrogates", GENERATED, "-ffp-contract=fast"),
        _library("_neurons", "sgcli/native/neurons.cpp", "-ffp-contract=off"),
    ]


def _library(name: str, source: str, contract: str) -> Extension:
    return Extension(
        f"sgcli.native.{name}",
        [source],
        include_dirs=["sgcli/native"],
        depends=[f"sgcli/native/{name}" for name in writer.TEMPLATES],
        define_macros=[("SG_DIGEST", f'"{writer.templates_digest()}"')],
        extra_compile_args=[*SAFE, contract, THREADS],
        extra_link_args=[THREADS],
        language="c++",
        optional=True,
    )


class Build(build_ext):  # type: ignore[misc]  # setuptools has no types
    """Writes the source first; a compiler without OpenMP gets another try without it."""

    def run(self) -> None:
        generated = Path(GENERATED)
        generated.parent.mkdir(parents=True, exist_ok=True)
        generated.write_text(writer.source(), encoding="utf-8")
        super().run()

    def build_extension(self, ext: Any) -> None:
        try:
            super().build_extension(ext)
        except BaseError:
            ext.extra_compile_args.remove(THREADS)
            ext.extra_link_args.remove(THREADS)
            super().build_extension(ext)

    def get_export_symbols(self, ext: Any) -> list[str]:
        # Plain libraries, not Python modules: there is no function PyInit_….
        return []
