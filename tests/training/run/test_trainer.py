"""The training loop: what it learns, its randomness, its rates, and where it stops."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch

from sgcli.native import library
from sgcli.training.data.samples import Data
from sgcli.training.network.precision import autocast
from sgcli.training.run.runs import run
from sgcli.training.run.trainer import Line, Trainer, generator, rate
from sgcli.training.settings import APPLIES_WHEN, KINDS, settings_for
from tests.native import needs_kernels
from tests.training import TIMING


def finish(trainer: Trainer) -> list[Line]:
    lines = []
    while not trainer.finished:
        line = trainer.advance()
        if line is not None:
            lines.append({k: v for k, v in line.items() if k not in TIMING})
    return lines


def state(trainer: Trainer) -> list[torch.Tensor]:
    """Weights and all of the optimiser's tensors."""
    found = [p.detach() for p in trainer.network.parameters()]
    for entry in trainer.optimizer.state_dict()["state"].values():
        found += [v for v in entry.values() if isinstance(v, torch.Tensor)]
    return found


def equal(one: Trainer, other: Trainer) -> bool:
    return all(torch.equal(a, b) for a, b in zip(state(one), state(other), strict=True))


VARIANTS: list[dict[str, Any]] = [
    {},
    {"encoder": "poisson", "loss": "mse"},
    {"optimizer": "sgd", "reset": "hard", "detach_reset": False, "hidden": [12, 8]},
    {"surrogate": "poisson_pass", "schedule": "constant"},
    {"amp": True},
    {"surrogate": "sso"},
    {"steps": 17, "init": "normal", "normalise": "standardise", "mu": 0.2, "readout": "current"},
    {"neuron": "plif", "hidden": [12, "DP"], "schedule": "cosine", "drop_last": True},
    {"neuron": "leaky", "readout": "membrane", "loss": "cross_entropy_sum", "fire_above": True},
    {"neuron": "norse", "recurrent": True, "init": "norse", "readout": "integrator",
     "loss": "cross_entropy_max", "v_threshold": 0.1, "evaluate_at": [3, 12], "encoder": "lif",
     "pixel_mean": 0.1, "pixel_sd": 0.1},
    {"neuron": "current", "readout": "integrator", "loss": "cross_entropy_max", "vote": 2,
     "activity_penalty": 100.0, "activity_floor": 0.1, "init": "gaussian", "init_scale": 6.0,
     "encoder": "latency", "pixel_sd": 0.2},
]  # fmt: skip


def test_it_learns(data: Data, small: Any) -> None:
    lines = finish(Trainer(small(epochs=6, surrogate="soft_sign"), data))
    assert lines[-1]["kind"] == "test"
    assert lines[-1]["accuracy"] > 0.9
    assert lines[-1]["loss"] < lines[0]["loss"] / 2


@pytest.mark.parametrize("given", VARIANTS)
def test_the_seed_decides_everything(given: dict[str, Any], data: Data, small: Any) -> None:
    one, other = Trainer(small(**given), data), Trainer(small(**given), data)
    assert finish(one) == finish(other)
    assert equal(one, other)
    third = Trainer(small(**given, seed=1), data)
    finish(third)
    assert not equal(one, third)


@pytest.mark.parametrize("given", VARIANTS)
@pytest.mark.parametrize("after", [1, 7, 10, 11, 15])
def test_going_on_from_a_state_equals_never_stopping(
    given: dict[str, Any], after: int, data: Data, small: Any
) -> None:
    whole, first, second = (Trainer(small(**given), data) for _ in range(3))
    want = finish(whole)
    got = []
    for _ in range(after):
        line = first.advance()
        if line is not None:
            got.append({k: v for k, v in line.items() if k not in TIMING})
    second.load_state_dict(first.state_dict())
    assert second.done == first.done
    got += finish(second)
    assert got == want
    assert equal(whole, second)


def test_all_samples_once_an_epoch(data: Data, small: Any) -> None:
    trainer = Trainer(small(batch_size=40, epochs=1), data)
    assert trainer.total == 3
    assert sorted(trainer.order.tolist()) == list(range(95))
    lines = finish(trainer)
    assert [line["step"] for line in lines] == [1, 2, 3, 3]
    assert not torch.equal(trainer.order, torch.arange(95))


@pytest.mark.parametrize(("steps", "tested"), [(1, [1]), (9, [9]), (10, [10]), (23, [10, 20, 23])])
def test_a_training_of_so_many_updates_is_tested_at_its_end(
    steps: int, tested: list[int], data: Data, small: Any
) -> None:
    trainer = Trainer(small(steps=steps, epochs=50), data)
    assert trainer.total == steps
    lines = finish(trainer)
    assert trainer.done == steps
    assert [line["step"] for line in lines if line["kind"] == "test"] == tested
    assert lines[-1]["kind"] == "test"
    assert lines[-2]["step"] == steps


def test_an_epoch_in_updates_is_the_epoch(data: Data, small: Any) -> None:
    by_epochs, by_steps = Trainer(small(epochs=2), data), Trainer(small(steps=20), data)
    assert finish(by_epochs) == finish(by_steps)
    assert equal(by_epochs, by_steps)


def test_it_is_tested_where_it_is_said(data: Data, small: Any) -> None:
    settings = small(epochs=5, evaluate_at=[3, 10, 14], evaluate_every=2)
    lines = finish(Trainer(settings, data))
    assert [line["step"] for line in lines if line["kind"] == "test"] == [3, 10, 14, 20, 40, 50]
    plain = finish(Trainer(small(epochs=5), data))
    assert [line["epoch"] for line in lines if line["kind"] == "test"] == [1, 1, 2, 2, 4, 5]
    trained = [line for line in lines if line["kind"] == "train"]
    assert trained == [line for line in plain if line["kind"] == "train"]
    assert lines[-1] == plain[-1]


def test_what_fills_no_batch_is_left_out(data: Data, small: Any) -> None:
    trainer = Trainer(small(batch_size=40, epochs=3, drop_last=True), data)
    assert (trainer.steps_per_epoch, trainer.total) == (2, 6)
    lines = finish(trainer)
    assert [line["step"] for line in lines if line["kind"] == "test"] == [2, 4, 6]
    assert trainer.trained == 6 * 40


def test_a_cosine_goes_down_and_up_by_epochs() -> None:
    settings = settings_for("mnist", lr=0.5, schedule="cosine")
    assert rate(settings, 0.3, 0) == 0.5
    assert rate(settings, 0.9, 32) == pytest.approx(0.25)
    assert rate(settings, 0.1, 64) == pytest.approx(0)
    assert rate(settings, 0.5, 128) == pytest.approx(0.5)


def test_evaluation_changes_no_running_statistics(data: Data, small: Any) -> None:
    trainer = Trainer(small(normalise="standardise"), data)
    trainer.advance()
    before = [b.clone() for b in trainer.network.buffers()]
    trainer._test()
    assert all(torch.equal(a, b) for a, b in zip(before, trainer.network.buffers(), strict=True))
    assert trainer.network.training


def test_generators_of_different_names_are_independent() -> None:
    draws = {torch.rand(1, generator=generator(s, n)).item() for s in (0, 1) for n in ("a", "b")}
    assert len(draws) == 4


def test_one_cycle_rises_to_lr_and_falls_to_nothing() -> None:
    settings = settings_for("mnist", lr=0.5)
    rates = [rate(settings, i / 1000) for i in range(1000)]
    top = rates.index(max(rates))
    assert top == 300
    assert max(rates) == 0.5
    assert rates[0] == 0.5 / 25
    assert rates[:top] == sorted(rates[:top])
    assert rates[top:] == sorted(rates[top:], reverse=True)
    assert rates[-1] < 1e-5
    assert rate(settings_for("mnist", lr=0.5, schedule="constant"), 0.9) == 0.5


OTHERS: dict[str, Any] = {
    "tau": 7.0, "tau_syn": 2.0, "tau_readout": 3.0, "decay_input": True, "reset": "hard",
    "init_scale": 3.0, "mu": 2.0, "activity_floor": 0.9, "activity_ceiling": 0.0,
}  # fmt: skip
WHERE: list[dict[str, Any]] = [
    *({"neuron": neuron} for neuron in KINDS["neuron"].words),
    {"init": "gaussian"},
    {"init": "normal"},
    {"normalise": "standardise"},
    {"readout": "integrator"},
    {"activity_penalty": 1.0},
]


def test_all_settings_that_act_in_places_are_tried() -> None:
    assert OTHERS.keys() == APPLIES_WHEN.keys() - {"data_dir", "spectrum"}


@pytest.mark.parametrize("where", WHERE, ids=str)
@pytest.mark.parametrize("key", OTHERS)
def test_a_setting_acts_where_it_is_said_to(
    key: str, where: dict[str, Any], data: Data, small: Any
) -> None:
    one, other = small(**where, steps=4), small(**where, steps=4, **{key: OTHERS[key]})
    assert getattr(one, key) != OTHERS[key]
    trainers = Trainer(one, data), Trainer(other, data)
    for trainer in trainers:
        finish(trainer)
    assert equal(*trainers) != APPLIES_WHEN[key][1](one)


def test_the_path_is_told(data: Data, small: Any) -> None:
    assert Trainer(small(), data).path.startswith("sequence")
    assert Trainer(small(surrogate="poisson_pass"), data).path.startswith("steps")
    with library.off():
        assert Trainer(small(), data).path == "sequence in torch"


@needs_kernels
def test_kernels_and_torch_are_two_runs(small: Any, data: Data, tmp_path: Path) -> None:
    """Their results differ in the last digits; neither goes on with the other."""
    settings = small(steps=2)
    by_kernels = run(settings, tmp_path, data=data)
    with library.off():
        by_torch = run(settings, tmp_path, data=data, resume=True)
    assert (by_kernels.path, by_torch.path) == ("sequence", "sequence in torch")
    assert by_kernels.folder != by_torch.folder


def test_the_norm_of_each_layers_gradient_is_that_of_its_parameters(data: Data, small: Any) -> None:
    trainer = Trainer(small(), data)
    line = trainer.advance()
    assert line is not None
    for name, norm in line["gradient_norm"].items():
        parts = [p.grad.flatten() for p in trainer.network.get_submodule(name).parameters()]
        assert norm == pytest.approx(torch.cat(parts).double().norm().item())
    assert list(line["gradient_norm"]) == ["linears.0", "linears.1"]


def test_bfloat16_is_in_the_products_and_not_in_the_neurons(data: Data, small: Any) -> None:
    trainer = Trainer(small(amp=True), data)
    first = trainer.network.linears[0]
    x = torch.rand(7, 20)
    with autocast("cpu", True):
        got = first(x)
        spikes = trainer.network(x, 5)
    assert torch.equal(
        got,
        torch.nn.functional.linear(
            x.bfloat16(), first.weight.bfloat16(), first.bias.bfloat16()
        ).float(),
    )
    assert not torch.equal(got, torch.nn.functional.linear(x, first.weight, first.bias))
    assert {s.dtype for s in spikes} == {torch.float32}
    assert {p.dtype for p in trainer.network.parameters()} == {torch.float32}
    lines = finish(Trainer(small(amp=True, epochs=6, surrogate="soft_sign"), data))
    assert lines[-1]["accuracy"] > 0.9
