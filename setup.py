"""Where packages lie that are not under their own name; all else is in pyproject.toml."""

from setuptools import find_packages, setup

setup(
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
        "sgcli.configs": ["*.toml"],
    },
)
