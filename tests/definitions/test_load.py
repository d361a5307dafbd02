"""Names in any spelling, values in any combination, and errors with a remedy."""

from __future__ import annotations

from importlib import metadata
from typing import NamedTuple

import pytest

from sgcli.definitions import REGISTRY, Shape, catalogue, load
from sgcli.definitions.bibliography import PAPERS
from sgcli.errors import ParameterError, SgError, UnknownName
from tests.strategies import DEFINITIONS, name_of


@pytest.mark.parametrize("definition", DEFINITIONS, ids=name_of)
def test_every_spelling_finds_it(definition):
    name = definition.name
    for spelling in (
        name,
        definition.__name__,
        name.replace("_", "-"),
        name.replace("_", "").upper(),
    ):
        assert load.find(spelling) is definition


@pytest.mark.parametrize("definition", DEFINITIONS, ids=name_of)
def test_a_label_is_read_back(definition):
    shape = Shape.of(definition, **{k: p.typical[1] for k, p in definition.params.items()})
    assert load.parse(shape.label).shape == shape


def test_every_name_times_every_value():
    named = [*load.choose("sigmoid"), *load.choose("s2nn,beta=2")]
    shapes = load.expand(named, {"alpha": ["1", "5"]})
    assert [s.label for s in shapes] == [
        "sigmoid,alpha=1",
        "sigmoid,alpha=5",
        "s2nn,alpha=1,beta=2",
        "s2nn,alpha=5,beta=2",
    ]


def test_families_and_all():
    assert len(load.choose("all")) == len(REGISTRY)
    assert {n.definition.family() for n in load.choose("smooth")} == {"smooth"}


@pytest.mark.parametrize(("typed", "meant"), [("sigmoidd", "sigmoid"), ("softsing", "soft_sign")])
def test_did_you_mean(typed, meant):
    with pytest.raises(UnknownName, match=meant):
        load.find(typed)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("sigmoid,beta=1", "sigmoid has alpha"),
        ("sigmoid,alpha", "PARAM=VALUE"),
        ("sigmoid,alpha=-1", r"alpha in \(0, inf\)"),
        ("sigmoid,alpha=x", r"alpha in \(0, inf\)"),
        ("poisson_pass,alpha=1", "no parameters"),
    ],
)
def test_a_wrong_parameter_lists_the_known_ones(text, says):
    with pytest.raises(ParameterError, match=says):
        load.parse(text)


class FromElsewhere(REGISTRY["atan"], name="from_elsewhere"):
    """Announced by another package."""


class Point(NamedTuple):
    """An entry point, as importlib.metadata returns it."""

    name: str
    value: str
    target: object

    def load(self) -> object:
        return self.target


@pytest.fixture
def announce(monkeypatch):
    def announcing(*targets: object) -> None:
        points = [Point(f"p{i}", f"package:{i}", t) for i, t in enumerate(targets)]
        monkeypatch.setattr(metadata, "entry_points", lambda group: points)
        catalogue.announced.cache_clear()

    yield announcing
    catalogue.announced.cache_clear()


def test_other_packages_announce_theirs(announce):
    announce(FromElsewhere)
    assert load.find("from-elsewhere") is FromElsewhere
    assert FromElsewhere in [n.definition for n in load.choose("all")]


@pytest.mark.parametrize("target", [3, REGISTRY["sigmoid"]])
def test_an_entry_point_that_is_no_new_definition_is_a_clear_error(announce, target):
    announce(target)
    with pytest.raises(SgError, match="entry point"):
        load.choose("all")


@pytest.mark.parametrize(
    ("alias", "name"),
    [
        ("triangle", "piecewise_quadratic"),
        ("ZIF", "piecewise_quadratic"),
        ("gaussian", "erf"),
        ("boxcar", "rect"),
        ("SLAYER", "spike_rate_escape"),
        ("superspike", "super_spike"),
        ("straight-through", "deterministic_pass"),
    ],
)
def test_a_surrogate_has_the_names_of_the_literature(alias, name):
    assert load.find(alias).name == name


def test_a_name_belongs_to_one_surrogate_and_an_alias_has_a_source():
    names = [load.plain(n) for d in REGISTRY.values() for n in d.every_name()]
    assert len(set(names)) == len(names)
    for definition in REGISTRY.values():
        for alias in definition.aliases:
            assert alias.source in PAPERS
