"""The one line that other projects put into their tests."""

from __future__ import annotations

import pytest
import torch

from sgcli import surrogate
from sgcli.errors import SgError
from sgcli.testing import assert_surrogate_gradient


def test_a_right_surrogate_passes():
    assert_surrogate_gradient(surrogate.ATan(alpha=3.0), like="atan,alpha=3")
    assert_surrogate_gradient(surrogate.ATan(alpha=3.0), like="atan", alpha=3.0, require=["half"])
    formula = "alpha/2/(1+(pi/2*alpha*x)**2)"
    assert_surrogate_gradient(surrogate.ATan(alpha=3.0), formula=formula, alpha=3.0)


def test_a_wrong_one_is_named_with_the_worst_point():
    with pytest.raises(AssertionError, match=r"backward float32: x = .*, expected = .*, got = "):
        assert_surrogate_gradient(surrogate.ATan(alpha=3.0), like="atan,alpha=3.003")


def test_a_required_capability():
    def unpicklable(x: torch.Tensor) -> torch.Tensor:
        return surrogate.ATan()(x)

    assert_surrogate_gradient(unpicklable, like="atan")
    with pytest.raises(AssertionError, match="pickle"):
        assert_surrogate_gradient(unpicklable, like="atan", require=["pickle"])


def test_a_truth_must_be_given():
    with pytest.raises(SgError, match="not given"):
        assert_surrogate_gradient(surrogate.ATan())
