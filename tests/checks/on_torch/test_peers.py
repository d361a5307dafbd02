"""Every surrogate of the installed libraries: no failure but the known ones, and all of those."""

from __future__ import annotations

from functools import cache

import pytest
import torch

from sgcli.checks.dtypes import FORMATS
from sgcli.checks.known import KNOWN, judge, surrogate_of
from sgcli.checks.on_torch import peers
from sgcli.checks.on_torch.run import of_torch
from sgcli.checks.on_torch.values import backward, forward
from sgcli.checks.verdict import Report
from sgcli.definitions import LIBRARIES, REGISTRY, installed
from sgcli.errors import SgError

FOREIGN = pytest.mark.parametrize("library", LIBRARIES)


@cache
def reports(library: str) -> list[Report]:
    """Judged reports on every subject of a library."""
    pytest.importorskip(library)
    release = installed.required(library)
    found = []
    for subject in peers.subjects(library):
        verdicts = tuple(of_torch(subject, capabilities=False))
        raw = Report.of(subject.shape, verdicts, subject.name, subject.like)
        found.append(judge(raw, library, release))
    return found


@pytest.mark.peer
@pytest.mark.filterwarnings("ignore")
@FOREIGN
def test_every_failure_is_a_known_one(library: str) -> None:
    failed = [f"{r.label} {v.name}: {v.failure}" for r in reports(library) for v in r.failures]
    assert failed == []


@pytest.mark.peer
@pytest.mark.filterwarnings("ignore")
@FOREIGN
def test_every_known_defect_is_reproduced(library: str) -> None:
    shown = {(surrogate_of(r), v.detail) for r in reports(library) for v in r.verdicts}
    for known in KNOWN:
        if known.library == library:
            assert any(found == known.text for _, found in shown), known


@pytest.mark.peer
@pytest.mark.filterwarnings("ignore")
@FOREIGN
def test_every_entry_of_the_maps_is_a_subject(library: str) -> None:
    mapped = {p.name for d in REGISTRY.values() for p in d.peers if p.library == library}
    assert mapped <= {surrogate_of(r) for r in reports(library)}


@pytest.mark.peer
@pytest.mark.filterwarnings("ignore")
def test_what_the_contract_names() -> None:
    """The point from which snnTorch's sigmoid is NaN, and Norse's alpha."""
    (sigmoid,) = [r for r in reports("snntorch") if r.label == "snntorch:sigmoid(slope=25)"]
    finite = next(v for v in sigmoid.verdicts if v.name == "finite float32")
    assert finite.status == "known"
    assert finite.x == pytest.approx(-3.4, abs=0.03)
    alphas = [r for r in reports("norse") if surrogate_of(r) == "super"]
    assert all(
        v.status == "known" for r in alphas for v in r.verdicts if v.name == "parameters float64"
    )


def test_a_missing_library_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(installed, "release", lambda package: None)
    with pytest.raises(SgError, match="Norse is not installed") as raised:
        next(peers.subjects("norse"))
    assert raised.value.hint == f"pip install norse=={LIBRARIES['norse'].release}"


def test_a_potential_loses_no_digit_of_its_distance() -> None:
    x = torch.tensor([-1e-30, 0.0, 1e-30, 0.25], dtype=torch.float64)
    v = peers.Potential(x, 1.0)
    assert torch.equal(v - 1.0, x)
    assert (v >= 1.0).tolist() == [False, True, True, True]
    assert (v < 1.0).tolist() == [True, False, False, False]
    assert torch.equal(v / 2.0, (x + 1.0) / 2.0)


@pytest.mark.peer
@pytest.mark.filterwarnings("ignore")
@FOREIGN
def test_they_fire_where_the_library_says(library: str) -> None:
    pytest.importorskip(library)
    smooth = ("igmoid(", "tanh(", "Gaussian(")
    subject = next(s for s in peers.subjects(library) if any(n in s.name for n in smooth))
    assert forward(subject, FORMATS["float32"], "cpu").status == "pass"
    y = subject.function(torch.zeros(1))
    assert bool(y.item()) is (LIBRARIES[library].fires == "x >= 0")
    assert backward(subject, FORMATS["float32"], "cpu").points > 40000
