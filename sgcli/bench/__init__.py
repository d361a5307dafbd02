"""Benchmarks: our commands, operations and trainings against the least possible and the peers."""

from __future__ import annotations

import os

# Before torch is loaded: what watches its operations talks to stderr otherwise.
os.environ.setdefault("KINETO_LOG_LEVEL", "99")
