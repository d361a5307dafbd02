"""What is no surrogate is refused where it is handed over, not in the first forward pass."""

from __future__ import annotations

import pytest

from sgcli import adapters
from sgcli.errors import SgError


@pytest.mark.parametrize("to", ["to_spikingjelly", "to_snntorch", "to_sinabs"])
@pytest.mark.parametrize("wrong", [3, "atan", None])
def test_what_nothing_can_call(to, wrong):
    with pytest.raises(SgError, match="is no surrogate"):
        getattr(adapters, to)(wrong)
