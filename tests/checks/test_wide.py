"""The bound of gradcheck holds over the whole domain of each parameter, on both paths."""

from __future__ import annotations

from contextlib import nullcontext

import pytest

from sgcli.checks.dtypes import FORMATS
from sgcli.checks.on_torch import values
from sgcli.checks.run import check
from sgcli.checks.subject import of_shape
from sgcli.definitions import REGISTRY, Shape, load
from sgcli.errors import ParameterError
from sgcli.native import library
from tests.strategies import name_of

SIZES = (1e-3, 1e-2, 0.1, 1.0, 10.0, 100.0, 1e3)
PATHS = {"kernel": nullcontext, "torch": library.off}


def at(definition, name, size) -> list[Shape]:
    """The shape with that value of a parameter; none where it is outside of the domain."""
    value = int(size) if definition.params[name].integer else size
    try:
        return [Shape.of(definition, **{name: value})]
    except ParameterError:
        return []


def failed(shape: Shape) -> list[str]:
    report = check(shape)
    return [
        f"{v.check} {v.dtype}: {v.detail or v.x}" for v in report.verdicts if v.status == "fail"
    ]


@pytest.mark.slow
@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("definition", REGISTRY.values(), ids=name_of)
def test_every_check_passes_over_six_orders_of_magnitude(definition, size, path):
    with PATHS[path]():
        for name in definition.params:
            for shape in at(definition, name, size):
                assert failed(shape) == [], shape.label


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize(
    "text",
    [
        "sigmoid,alpha=100",
        "piecewise_exp,alpha=1000",
        "s2nn,alpha=1000",
        "dspike,b=1000",
        "erf,alpha=1000",
        "spike_rate_escape,height=1000",
        "atan,alpha=1000",
        "squarewave_fourier_series,n=1000",
        "multi_gaussian,h=7,s=1",
    ],
)
def test_steep_shapes_keep_the_bound(text, dtype, path):
    """Small factors that are flushed to 0 before they are multiplied by alpha break it."""
    with PATHS[path]():
        verdict = values.backward(of_shape(load.parse(text).shape), FORMATS[dtype], "cpu")
    assert verdict.status == "pass", verdict
