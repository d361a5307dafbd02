"""A checkpoint with anything wrong in it is refused by a sentence, before anything is loaded."""

from __future__ import annotations

import dataclasses
import io
import json
import random
import re
import warnings
import zipfile
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
import torch

from sgcli.errors import DataError
from sgcli.training.data.samples import Data, Samples
from sgcli.training.run import checkpoint
from sgcli.training.run.checkpoint_check import check
from sgcli.training.run.trainer import Trainer
from tests.training.run import child, damage
from tests.training.run.test_trainer import VARIANTS

# With running statistics, and one with leaks that are trained.
NETWORKS: dict[str, dict[str, Any]] = {
    "adam": {"hidden": ["2C3", "BN"], "neuron": "plif"},
    "sgd": {"hidden": [5], "normalise": "standardise"},
}


@pytest.fixture(scope="session")
def square(data: Data) -> Data:
    """The small task, of images of 4 × 4."""

    def cut(samples: Samples) -> Samples:
        return Samples(samples.images[:, :16], samples.labels)

    return dataclasses.replace(data, train=cut(data.train), test=cut(data.test))


@pytest.mark.parametrize("optimizer", NETWORKS)
def test_whatever_is_wrong_is_refused_and_nothing_crashes(
    optimizer: str, square: Data, small: Any, tmp_path: Path
) -> None:
    settings = small(optimizer=optimizer, time=3, **NETWORKS[optimizer])
    log = tmp_path / "log"
    process = child.start(damage.resume_each, settings, square, tmp_path, log)
    process.join(600)
    lines = [json.loads(line) for line in log.read_text().splitlines()]
    assert process.exitcode == 0, lines[-1]
    tried = lines[1::2]
    assert len(tried) > 500
    for name, what, refusal, unchanged in tried:
        fine = any(name.endswith(end) and what == fact for end, fact in damage.FINE)
        assert bool(refusal) != fine, (name, what)
        assert "\n" not in refusal, (name, what)
        assert unchanged, (name, what)


@pytest.mark.parametrize("given", VARIANTS)
def test_every_state_of_a_training_fits_another_one(
    given: dict[str, Any], data: Data, small: Any
) -> None:
    trainer, fresh = Trainer(small(**given), data), Trainer(small(**given), data)
    check(fresh, trainer.state_dict())
    while not trainer.finished:
        trainer.advance()
        check(fresh, trainer.state_dict())
    check(trainer, fresh.state_dict())


def test_squares_beyond_all_numbers_are_those_of_a_training(data: Data, small: Any) -> None:
    """Of a gradient of 1e25: Adam's mean of squares is infinite, and the weight stands still."""
    trainer = Trainer(small(), data)
    trainer.advance()
    for weight in trainer.network.parameters():
        weight.grad = torch.full_like(weight, 1e25)
    trainer.optimizer.step()
    state = trainer.state_dict()
    assert state["optimizer"]["state"][0]["exp_avg_sq"].isinf().all()
    for moments in state["optimizer"]["state"].values():
        moments["step"].fill_(1)
    Trainer(small(), data).load_state_dict(state)


@pytest.mark.parametrize(
    ("place", "value", "sentence"),
    [
        (("optimizer", "state", 0, "exp_avg"), torch.zeros(1),
         "optimizer.state.0.exp_avg has the shape [1], not [16, 20]"),
        (("optimizer", "state", 0, "exp_avg"), torch.zeros(16, 20, dtype=torch.complex64),
         "optimizer.state.0.exp_avg is of torch.complex64, not torch.float32"),
        (("optimizer", "state", 1, "exp_avg"), damage.MISSING,
         "exp_avg is missing in optimizer.state.1"),
        (("optimizer", "param_groups", 0, "fused"), None,
         "optimizer.param_groups.0.fused has the type NoneType, not bool"),
        (("optimizer", "param_groups", 0, "betas"), (0.9, 1.5),
         "optimizer.param_groups.0.betas.1 is 1.5, not 0.999"),
        (("network", "linears.0.bias"), torch.full((16,), torch.nan),
         "network.linears.0.bias is not finite"),
        (("network", "more"), torch.zeros(1), "'more' is unknown in network"),
        (("sums",), {}, "loss is missing in sums"),
        (("order",), torch.zeros(95, dtype=torch.int64), "order is not a permutation"),
        (("step",), 99, "step is 99, not from 0 to 10"),
        (("epoch",), 10**5000, "epoch is a number beyond 64 bits, not from 0 to 2"),
        (("first_loss",), None, "first_loss has the type NoneType, not float"),
        ((), [], "the state has the type list, not dict"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)  # fmt: skip
def test_the_sentence_names_what_is_wrong(
    place: damage.Place, value: Any, sentence: str, data: Data, small: Any
) -> None:
    trainer = Trainer(small(), data)
    trainer.advance()
    with pytest.raises(ValueError, match=re.escape(sentence)) as caught:
        trainer.load_state_dict(damage.replaced(trainer.state_dict(), place, value))
    assert str(caught.value) == sentence


def test_bytes_that_are_no_state_are_no_checkpoint(data: Data, small: Any, tmp_path: Path) -> None:
    """Torch raises errors of all kinds for them."""
    packed = io.BytesIO()
    torch.save({"trainer": Trainer(small(), data).state_dict(), "metrics_bytes": 0}, packed)
    with zipfile.ZipFile(packed) as archive:
        (name,) = (n for n in archive.namelist() if n.endswith("data.pkl"))
        pickled = archive.read(name)
    start, draws = packed.getvalue().index(pickled), random.Random(0)
    raised = set()
    for _ in range(300):
        wrong = bytearray(packed.getvalue())
        wrong[start + draws.randrange(len(pickled))] = draws.randrange(256)
        (tmp_path / "wrong.pt").write_bytes(checkpoint.sealed(bytes(wrong)))
        with suppress(DataError), warnings.catch_warnings(action="ignore"):
            try:
                checkpoint.read(tmp_path / "wrong.pt")
            except ValueError as error:
                raised.add(type(error.__cause__))
    assert {KeyError, UnicodeDecodeError, RuntimeError} <= raised
