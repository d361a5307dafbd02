"""Where packages lie that are not under their own name, and how kernels are built."""

import sys
from pathlib import Path

from setuptools import find_packages, setup

# A build in isolation does not have the folder of this file on its path.
sys.path.insert(0, str(Path(__file__).parent))

from sgcli.native.build import Build, extensions  # needs the path

setup(
    ext_modules=extensions(),
    cmdclass={"build_ext": Build},
    packages=[
        *find_packages(include=["sgcli*"]),
        "sgcli.data",
        "sgcli.data.mnist",
        "sgcli.configs",
    ],
    package_dir={"sgcli.configs": "configs"},
    include_package_data=False,
    package_data={
        "*": ["py.typed", "*.pyi"],
        "sgcli.data.mnist": ["*.gz", "*.md"],
        "sgcli.native": ["*.hpp", "*.cpp"],
        "sgcli.configs": ["*.toml"],
    },
)
