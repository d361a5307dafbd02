"""Helpers of the tests of the kernels."""

import pytest
import torch

from sgcli.native import library, writer
from tests.strategies import DEFINITIONS

needs_kernels = pytest.mark.skipif(
    isinstance(library.libraries(), str), reason=f"kernels: {library.libraries()}"
)
NATIVE = [d for d in DEFINITIONS if not writer.reason(d)]
DTYPES = (torch.float32, torch.float64)
LARGE = 1 << 21  # float32 numbers of the smallest result that is streamed, where it can be
