"""A capability is judged by what the surrogate does, not by what is said meanwhile."""

from __future__ import annotations

import warnings

import torch

from sgcli.checks.on_torch.capabilities import CAPABILITIES, capability
from sgcli.checks.subject import Subject
from sgcli.definitions import Shape
from sgcli.definitions.catalogue import REGISTRY
from sgcli.surrogate import atan


def talkative(x: torch.Tensor) -> torch.Tensor:
    """As torch.compile, which warns of the release of Python that runs it."""
    warnings.warn("it may run slower", RuntimeWarning, stacklevel=1)
    return atan.apply(x, 2.0)


def test_a_warning_is_no_failure() -> None:
    """Warnings are errors in these tests, as with ``python -W error``."""
    subject = Subject("talkative", Shape.of(REGISTRY["atan"]), talkative)
    for name in CAPABILITIES.keys() - {"compile"}:  # Dynamo does not trace a warning
        assert capability(subject, name, required=True).status == "pass", name
