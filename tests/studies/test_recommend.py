"""The shape that keeps the size of gradients."""

from __future__ import annotations

import math

import pytest

from sgcli import surrogate
from sgcli.definitions.names import shapes_of
from sgcli.errors import SgError
from sgcli.studies.recommend import recommend
from sgcli.theory.coherence import coherence
from sgcli.theory.flow import predict


def test_the_shape_has_the_ratio_and_the_line_makes_it():
    result = recommend("atan", rate=0.3, target=10, depth=5)
    one = result.shapes[0]
    shape = one.recommendation.shape
    assert predict(shape, 5, result.mu).factor == pytest.approx(10)
    assert result.ratio == pytest.approx(10**0.2)
    assert one.coherence == coherence(shape, result.mu)
    made = eval(one.code, {"surrogate": surrogate})
    assert made.alpha == pytest.approx(shape.params["alpha"], rel=1e-3)
    assert one.factor == pytest.approx(predict(shapes_of("atan")[0], 5, result.mu).factor)


def test_weights_that_are_given():
    result = recommend("sigmoid", weight_std=0.05, fan_in=784, sd=0.65)
    assert result.gain == pytest.approx(0.05 * 28)
    spread = math.sqrt(result.rate * (1 - result.rate))
    assert result.weights_sd == pytest.approx(0.05 * 28 * spread)
    assert recommend("sigmoid").weights_sd is None


def test_what_is_not_recommended_has_no_line():
    (at_peak,) = (
        one for one in recommend("super_spike").shapes if one.recommendation.normalise == "peak"
    )
    assert (at_peak.recommendation.shape, at_peak.code) == (None, "")


@pytest.mark.parametrize(
    ("given", "error"),
    [
        ({"mu": 1, "rate": 0.3}, "exclude one another"),
        ({"rate": 1.0}, "cannot be 1"),
        ({"fan_in": 784}, "need one another"),
        ({"depth": 0}, "0 layers"),
        ({"target": math.nan}, "the factor nan"),
        ({"solve": "beta"}, "no parameter 'beta'"),
    ],
)
def test_what_cannot_be_is_an_error(given, error):
    with pytest.raises(SgError, match=error):
        recommend("atan", **given)
