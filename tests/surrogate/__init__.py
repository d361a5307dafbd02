"""Helpers of the tests of the torch classes."""

import pytest
import torch

from sgcli import surrogate
from tests.strategies import DEFINITIONS, DETERMINISTIC, WITH_PRIMITIVE, name_of

every = pytest.mark.parametrize("definition", DEFINITIONS, ids=name_of)
deterministic = pytest.mark.parametrize("definition", DETERMINISTIC, ids=name_of)
with_parameters = pytest.mark.parametrize(
    "definition", [d for d in DEFINITIONS if d.params], ids=name_of
)
with_primitive = pytest.mark.parametrize("definition", WITH_PRIMITIVE, ids=name_of)
X = torch.tensor([-1.7, -0.3, -0.0, 0.0, 0.2, 0.9, 2.3], dtype=torch.float64)


def classes(definition):
    return getattr(surrogate, definition.__name__), getattr(surrogate, definition.name)


def gradient(function, x=X):
    torch.manual_seed(0)  # for those that draw
    leaf = x.clone().requires_grad_()
    return torch.autograd.grad(function(leaf).sum(), leaf)[0]
