"""What the tests of trainings share."""

from __future__ import annotations

TIMING = ("seconds", "samples_per_second")  # the only metrics that differ between equal runs
