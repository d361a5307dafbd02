from __future__ import annotations

import json
import math

import pytest

from sgcli.cli.formats import SCHEMA_VERSION
from sgcli.cli.main import main
from sgcli.definitions import REGISTRY, Definition, Shape
from sgcli.definitions.bibliography import PAPERS
from sgcli.definitions.facts import facts
from sgcli.definitions.page import page


@pytest.mark.parametrize("name", REGISTRY)
def test_page_names_everything_a_reader_needs(
    name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    definition = REGISTRY[name]
    assert main(["show", name]) == 0
    text = capsys.readouterr().out
    for part in (definition.summary(), definition.__name__, "peak", "derivative σ′(x)"):
        assert part in text
    for p in definition.params.values():
        assert p.domain_text in text
    for peer in definition.peers:
        assert peer.name in text
        assert peer.note in " ".join(text.split())
    for source in definition.sources:
        assert source.split(":", 1)[1] in text
    assert not any(line != line.rstrip() for line in text.splitlines())


@pytest.mark.parametrize("format", ["md", "latex"])
def test_every_page_in_the_formats_of_papers(
    format: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["show", "all", "--format", format]) == 0
    text = capsys.readouterr().out
    assert text.count("\\sigma'(x)") == len(REGISTRY)
    if format == "latex":
        assert text.count(r"\begin{") == text.count(r"\end{")
        assert all(ord(c) < 0x370 for c in text)  # pdflatex knows no Greek letters


def test_json_has_the_computed_facts(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["show", "soft-sign,alpha=3", "LeakyKReLU", "--format", "json"]) == 0
    data = json.loads(capsys.readouterr().out)
    assert data["schema_version"] == SCHEMA_VERSION
    soft_sign, leaky = data["rows"]
    shape = Shape.of(REGISTRY["soft_sign"], alpha=3)
    assert soft_sign["parameters"][0]["value"] == 3
    assert soft_sign["parameters"][0]["default"] == 2
    assert soft_sign["peak"] == facts(shape).peak == 1.5
    assert soft_sign["area"] == pytest.approx(1)
    # (1 + alpha|x|)^2 = 2
    assert soft_sign["fwhm"] == pytest.approx(2 * (math.sqrt(2) - 1) / 3)
    assert soft_sign["derivative"]["latex"].startswith(r"\frac{\alpha}")
    snntorch = next(e for e in soft_sign["elsewhere"] if e["library"] == "snntorch")
    assert snntorch["values"] == {"slope": 3.0}
    assert snntorch["factor"] == pytest.approx(2 / 3)
    assert snntorch["fires"] == "x > 0"
    assert leaky["area"] == "inf"
    assert leaky["support"] == [0.0, None]
    assert leaky["jumps"] == [0.0]


def test_code_is_printed_as_it_is(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["show", "sigmoid", "--alpha", "5", "--code", "torch"]) == 0
    text = capsys.readouterr().out
    assert "def __init__(self, alpha=5.0, spiking=True)" in text
    compile(text, "pasted", "exec")


def test_a_library_without_it_is_a_users_error(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["show", "rect", "--code", "sinabs"]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.startswith("Error: sinabs has no rect\nhint: SpikingJelly has it")


def test_an_unknown_name_suggests_one(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["show", "sigmoit"]) == 2
    assert "did you mean sigmoid" in capsys.readouterr().err


def test_differences_from_other_libraries_are_said() -> None:
    elsewhere = {e.peer.library: e for e in page(Shape.of(REGISTRY["sigmoid"])).elsewhere}
    assert any("fires at x > 0" in d for d in elsewhere["snntorch"].differences)
    assert any("peak 6.25" in d for d in elsewhere["snntorch"].differences)
    assert not any("fires" in d for d in elsewhere["spikingjelly"].differences)


def test_the_forward_is_described_as_it_computes() -> None:
    said = {name: page(Shape.of(d)).forward for name, d in REGISTRY.items()}
    single = {name for name, text in said.items() if text.startswith("a spike for x >= 0")}
    assert single == {name for name, d in REGISTRY.items() if d.forward is Definition.forward}


def test_the_bibliography_has_no_orphans() -> None:
    used = {source for d in REGISTRY.values() for source in d.sources}
    used |= {alias.source for d in REGISTRY.values() for alias in d.aliases}
    assert set(PAPERS) <= used


@pytest.mark.parametrize("name", REGISTRY)
def test_page_fits_eighty_columns(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from rich.console import Console

    from sgcli.cli import page_screen

    monkeypatch.setattr(page_screen, "screen", lambda: Console(width=80, color_system=None))
    assert max(map(len, page_screen.drawn(page(Shape.of(REGISTRY[name]))).splitlines())) <= 80
