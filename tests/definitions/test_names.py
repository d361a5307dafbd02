"""The names of surrogates in Python."""

from __future__ import annotations

import numpy as np
import pytest

from sgcli.definitions import REGISTRY, Shape
from sgcli.definitions.names import shapes_of
from sgcli.errors import ParameterError, SgError, UnknownName

ATAN = REGISTRY["atan"]


@pytest.mark.parametrize(
    "names", ["atan,alpha=3", ["ATan,alpha=3"], Shape.of(ATAN, alpha=3), [Shape.of(ATAN, alpha=3)]]
)
def test_words_and_objects_name_the_same_shape(names):
    assert shapes_of(names) == [Shape.of(ATAN, alpha=3)]


def test_a_definition_is_named_by_itself():
    assert shapes_of(ATAN) == shapes_of([ATAN, "atan"]) == [Shape.of(ATAN)]
    assert [shape.name for shape in shapes_of("all")] == list(REGISTRY)


@pytest.mark.parametrize("values", [[1, 2.5], (1, 2.5), np.array([1, 2.5])])
def test_each_name_has_every_value_of_a_parameter(values):
    shapes = shapes_of(["atan", "sigmoid"], alpha=values)
    assert [(s.name, s.params["alpha"]) for s in shapes] == [
        ("atan", 1), ("atan", 2.5), ("sigmoid", 1), ("sigmoid", 2.5)
    ]  # fmt: skip
    assert shapes_of("atan", alpha=np.float64(1 / 3)) == [Shape.of(ATAN, alpha=1 / 3)]


@pytest.mark.parametrize(
    ("names", "parameters", "error"),
    [
        ([], {}, SgError),
        ("atam", {}, UnknownName),
        (3.5, {}, TypeError),
        ([3.5], {}, SgError),
        ([int], {}, SgError),
        ("atan", {"beta": 1}, ParameterError),
        ("atan", {"alpha": -1}, ParameterError),
        ("atan", {"alpha": "25x"}, ParameterError),
    ],
)
def test_an_unknown_name_is_an_error(names, parameters, error):
    with pytest.raises(error):
        shapes_of(names, **parameters)
