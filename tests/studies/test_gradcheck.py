"""Gradients checked from Python."""

from __future__ import annotations

from pathlib import Path

import pytest

from sgcli.definitions import REGISTRY, Shape
from sgcli.errors import SgError
from sgcli.studies.gradcheck import gradcheck


def test_names_definitions_and_shapes_are_checked():
    shape = Shape.of(REGISTRY["atan"], alpha=1 / 3)
    one, *others = gradcheck([shape, REGISTRY["sigmoid"]], quick=True)
    assert (one.name, one.params, one.ok) == ("atan", {"alpha": 1 / 3}, True)
    assert {report.name for report in others} == {"sigmoid"}
    assert len(others) > 1


def test_parameters_are_those_of_all_surrogates():
    reports = gradcheck("atan", alpha=[2, 3], quick=True)
    assert [report.params["alpha"] for report in reports] == [2, 3]


def test_your_own_is_held_against_what_it_should_be():
    Path("mine.py").write_text(
        "import torch\n\n\nclass Wrong(torch.autograd.Function):\n"
        "    @staticmethod\n    def forward(ctx, x):\n"
        "        ctx.save_for_backward(x)\n        return (x >= 0).to(x)\n\n"
        "    @staticmethod\n    def backward(ctx, g):\n"
        "        (x,) = ctx.saved_tensors\n        return g / (1 + x.abs()) ** 3\n"
    )
    (report,) = gradcheck("mine.py:Wrong", like="super_spike,alpha=1", dtypes=["float32"])
    assert not report.ok
    assert any(verdict.check == "backward" for verdict in report.failures)


def test_nothing_to_check_is_an_error():
    with pytest.raises(SgError, match="no surrogate is named"):
        gradcheck()
