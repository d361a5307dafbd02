"""Settings of all tests."""

from __future__ import annotations

import itertools
import os

import pytest
from hypothesis import HealthCheck, settings

if "PYTEST_XDIST_WORKER" in os.environ:
    # A worker has a core; threads of torch for every core would wait for those of other workers.
    os.environ.setdefault("OMP_NUM_THREADS", "1")

settings.register_profile(
    "default",
    max_examples=50,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
settings.load_profile("default")


_number = itertools.count()


@pytest.fixture(autouse=True)
def _no_settings_from_outside(monkeypatch: pytest.MonkeyPatch, tmp_path_factory) -> None:
    """No variable of the person who runs the tests, and no sg.toml of their folder, has a say."""
    settings_of_others = ("SG_", "_SG_", "NO_COLOR", "FORCE_COLOR", "COLUMNS", "PYTHONWARNINGS")
    for name in list(os.environ):
        if name.startswith(settings_of_others):
            monkeypatch.delenv(name)
    # With a number of its own pytest would read through all folders for the next one.
    monkeypatch.chdir(tmp_path_factory.mktemp(f"cwd{next(_number)}", numbered=False))


@pytest.fixture
def without_figures(monkeypatch: pytest.MonkeyPatch) -> None:
    """Trainings leave out their figures, which take ten times as long as a short one."""
    from sgcli.figures import run

    monkeypatch.setattr(run, "draw", lambda folder, shape: None)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item):
    """Where REQUIRE_PEERS is set, as in .ci/run, a peer library that is missing is a failure."""
    report = yield
    missing = report.skipped and "could not import" in str(report.longrepr)
    if missing and item.get_closest_marker("peer") and os.environ.get("REQUIRE_PEERS"):
        report.outcome = "failed"
    return report
