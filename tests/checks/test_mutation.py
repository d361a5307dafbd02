"""Every planted fault is caught; the table in the docs is what was measured."""

from __future__ import annotations

import pytest

from tests.checks import mutation

MUTANTS = mutation.everything()
# One entry of each build in the default tests: smooth, with jumps, and with two parameters.
FEW = [m for m in MUTANTS if m.definition.name in ("sigmoid", "rect", "s2nn")]


def test_there_are_enough():
    assert len(MUTANTS) >= 200


@pytest.mark.parametrize("mutant", FEW, ids=lambda m: f"{m.definition.name}: {m.kind}")
def test_a_fault_is_caught(mutant):
    assert mutant.caught()


@pytest.mark.slow
def test_every_fault_is_caught_and_the_document_says_so():
    found = [(mutant, mutant.caught()) for mutant in MUTANTS]
    assert not [f"{m.definition.name}: {m.kind}" for m, by in found if not by]
    assert mutation.table(found) in mutation.DOCUMENT.read_text(encoding="utf-8")
