"""The protocols: every file says what it is from, what it claims and how it is trained."""

from __future__ import annotations

from typing import Any

import pytest

from sgcli.errors import SgError, UnknownName
from sgcli.training import protocols
from sgcli.training.protocols import named, names
from sgcli.training.settings import FIELDS, settings_for, settings_in

ALL = pytest.mark.parametrize("name", names())
ON_CPU = [name for name in names() if not named(name).gpu]

# What the sources say, in % where it is an accuracy.
PUBLISHED = {
    "spikingjelly-lif-fc-mnist": [91.12, 91.45, 92.00, 92.94],
    "snntorch-tutorial-5": [93.87],
    "snntorch-tutorial-6": [91.98, 94.90, 95.70],
    "norse-mnist": [94.5, 94.5, 94.5],
    "plif-mnist": [98.09, 99.72],
}


@ALL
def test_a_protocol_names_its_source_and_what_it_claims(name: str) -> None:
    protocol = named(name)
    assert protocol.source.startswith("https://")
    assert protocol.claims
    assert set(protocol.arms) <= {claim.arm for claim in protocol.claims}
    for claim in protocol.claims:
        bounds = (claim.below, claim.above)
        assert (claim.published is None) == (bounds != (None, None))
        assert not (claim.epoch and claim.step)
        assert claim.measure in ("accuracy", "loss")
        # What a prediction interval is about.
        assert claim.published is None or claim.statistic == "mean"


@ALL
def test_published_values_are_those_of_the_sources(name: str) -> None:
    found = [100 * c.published for c in named(name).claims if c.published is not None]
    assert found == pytest.approx(PUBLISHED.get(name, []))


@pytest.mark.parametrize("name", ON_CPU)
def test_a_cell_has_the_settings_of_the_file_and_of_its_arm(name: str) -> None:
    protocol = named(name)
    for arm, own in (protocol.arms or {"": {}}).items():
        made = protocol.settings_of(arm, seed=3)
        for key, value in {**settings_in(name), **own}.items():
            ours = made.shape if key == "surrogate" else getattr(made, key)
            assert ours == value or key in ("seed", "threads")
        assert (made.seed, made.threads) == (3, 1)
    if protocol.full:
        assert protocol.settings_of("", 0, full=True).epochs > made.epochs
    # What is trained is tested where something is claimed.
    for claim in protocol.claims_of(full=False):
        assert claim.epoch <= made.epochs
        assert claim.step in (0, made.steps, *made.evaluate_at)


@pytest.mark.parametrize("name", ON_CPU)
def test_what_a_file_leaves_open_changes_nothing(name: str) -> None:
    """A protocol says all that decides its result; defaults may change without it."""
    values = settings_in(name)
    free = {"seed", "limit", "evaluate", "device", "amp", "threads", "data_dir"}
    made = settings_for(**values)
    needed = {"hidden", "time", "encoder", "bias", "neuron", "surrogate", "loss", "optimizer"}
    needed |= {"lr", "schedule", "batch_size", "reset", "detach_reset", "tau", "v_threshold"}
    assert needed <= set(values)
    assert set(values) <= set(FIELDS)
    assert not free & set(values) - {"seed", "threads"}
    assert settings_for(**values) == made


def test_an_unknown_name_is_refused_with_the_nearest() -> None:
    with pytest.raises(UnknownName, match="spytorch-1"):
        named("spytorch1")


@pytest.mark.parametrize(
    "values",
    [{"what": "learns", "arm": "nobody"}, {"what": "learns", "arm": "a", "publishd": 0.9}],
)
def test_a_wrong_claim_is_refused(values: dict[str, Any]) -> None:
    with pytest.raises(SgError, match="here: a claim"):
        protocols._claim(values, {"a": {}}, "here")
