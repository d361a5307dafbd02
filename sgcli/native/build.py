"""The setuptools build of the kernels, which are optional: without a C++ compiler none are built.

setup.py imports this module in an environment without torch and numpy.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from setuptools import Extension
from setuptools.command.build_ext import build_ext
from setuptools.errors import BaseError

from sgcli.native import writer

GENERATED = "build/native/surrogates.cpp"
# Python's own flags define integer overflow, which keeps compilers from counting loop iterations.
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
    """The two libraries; neurons.cpp says why its own must not fuse operations."""
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
    """Write the source, then compile; if that fails, compile again without OpenMP."""

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
        # Plain libraries, not Python modules: they export no PyInit_….
        return []
