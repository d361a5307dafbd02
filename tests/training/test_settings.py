"""Settings: one text for options, files and defaults."""

from __future__ import annotations

import dataclasses
import pickle
import subprocess
import sys
import tomllib
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest

from sgcli.definitions import REGISTRY, Shape, load
from sgcli.errors import SgError
from sgcli.training.settings import (
    FIELDS,
    KINDS,
    PROTOCOL,
    TASKS,
    checked,
    defaults,
    settings_for,
    to_toml,
)


@pytest.mark.parametrize("task", TASKS)
def test_a_task_has_a_default_for_every_setting(task: str) -> None:
    assert set(defaults(task)) == set(FIELDS)
    assert defaults(task)["task"] == task


def test_every_file_in_configs_is_valid() -> None:
    found = [f for f in files("sgcli.configs").iterdir() if f.name.endswith(".toml")]
    assert found
    for file in found:
        text = file.read_text(encoding="utf-8")
        checked(tomllib.loads(text), file.name, others=frozenset({PROTOCOL}))


def test_the_file_of_a_run_gives_its_settings_back() -> None:
    made = settings_for(
        "mnist", surrogate="erf,alpha=1.1", hidden=[512, 256], lr=1e-3, reset="hard"
    )
    again = checked(tomllib.loads(to_toml(made)), "config.toml")
    assert settings_for(**again) == made
    for field in dataclasses.fields(made):
        assert field.metadata["help"] in to_toml(made)


@pytest.mark.parametrize("definition", REGISTRY.values(), ids=lambda d: d.name)
def test_a_surrogate_is_written_with_every_digit(definition: Any) -> None:
    values = {
        k: p.typical[0] if p.integer else p.typical[0] + 1 / 3 for k, p in definition.params.items()
    }
    shape = Shape.of(definition, **values)
    assert load.parse(shape.text()).shape == shape


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("lr", float("nan")), ("lr", 0), ("lr", "1e-3"), ("time", 0), ("time", 2.5),
        ("epochs", True), ("tau", 0.9), ("tau", float("inf")), ("reset", "sfot"),
        ("detach_reset", 1), ("hidden", "MP2"), ("hidden", [10, 0]), ("hidden", "10,x"),
        ("surrogate", "sigmod"), ("surrogate", 3), ("device", "cud"), ("seed", -1),
        ("task", "fashion"), ("v_threshold", 0), ("batch_size", 0), ("encoder", 1),
        ("steps", -1), ("init", "he"), ("normalise", True), ("mu", 9), ("readout", "voltage"),
    ],
)  # fmt: skip
def test_a_wrong_value_is_refused(key: str, value: Any) -> None:
    with pytest.raises(SgError) as caught:
        checked({key: value}, "here")
    assert key in str(caught.value) or str(value) in str(caught.value)


def test_all_errors_of_a_file_come_at_once() -> None:
    with pytest.raises(SgError) as caught:
        checked({"epoch": 1, "lr": "fast", "time": 0, "tau": 2.0}, "my.toml")
    message = caught.value.message
    assert message.startswith("my.toml: ")
    assert "epoch is unknown (did you mean epochs?)" in message
    assert "lr = 'fast'" in message
    assert "time = 0" in message
    assert "tau" not in message


@pytest.mark.parametrize("key", KINDS)
def test_text_and_typed_values_are_read_alike(key: str) -> None:
    typed = defaults("mnist")[key]
    text = ",".join(map(str, typed)) if isinstance(typed, tuple) else str(typed).lower()
    text = typed.label if isinstance(typed, Shape) else text
    assert KINDS[key].parse(key, text) == KINDS[key].check(key, typed)
    assert KINDS[key].allowed


MINE = "from sgcli.definitions.smooth import ATan\nclass Mine(ATan):\n    pass\n"


@pytest.fixture
def mine(tmp_path: Path) -> Path:
    path = tmp_path / "mine.py"
    path.write_text(MINE)
    return path


@pytest.fixture
def parsed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The texts of surrogates that are parsed from here on."""
    texts: list[str] = []

    def parse(text: str, *given: Any, parse: Any = load.parse) -> Any:
        texts.append(text)
        return parse(text, *given)

    monkeypatch.setattr(load, "parse", parse)
    return texts


def test_settings_have_the_shape_of_their_surrogate(mine: Path, parsed: list[str]) -> None:
    made = settings_for("mnist", surrogate=f"{mine}:Mine, alpha=3")
    assert made.surrogate == f"{mine}:Mine,alpha=3.0"
    assert made.shape.params == {"alpha": 3.0}
    assert made.shape is made.shape
    assert parsed == [f"{mine}:Mine, alpha=3"]


def test_changed_settings_keep_their_shape_or_have_the_new_one(
    mine: Path, parsed: list[str]
) -> None:
    made = settings_for("mnist", surrogate=f"{mine}:Mine")
    changed = made.with_changes(threads=3)
    assert (changed.threads, changed.shape) == (3, made.shape)
    assert changed == dataclasses.replace(made, threads=3)
    other = made.with_changes(surrogate=Shape.of(REGISTRY["atan"], alpha=3), seed=1)
    assert (other.surrogate, other.shape.name, other.seed) == ("atan,alpha=3.0", "atan", 1)
    assert len(parsed) == 1


def test_a_shape_is_a_surrogate(parsed: list[str]) -> None:
    shape = Shape.of(REGISTRY["atan"], alpha=3)
    assert settings_for("mnist", surrogate=shape) == settings_for("mnist", surrogate="atan,alpha=3")
    assert settings_for("mnist", surrogate=shape).shape is shape
    assert parsed == ["atan,alpha=3"]


def test_the_shape_is_no_setting() -> None:
    made = settings_for("mnist")
    assert "shape" not in dataclasses.asdict(made)
    assert "shape" not in FIELDS
    assert "shape" not in repr(made)
    replaced = dataclasses.replace(made, surrogate="atan,alpha=3.0")
    assert replaced.shape == load.parse("atan,alpha=3").shape


def test_another_process_parses_a_file_itself(mine: Path) -> None:
    """Pickle would look for the classes of a file in a module that only this process has."""
    packed = pickle.dumps(settings_for("mnist", surrogate=f"{mine}:Mine,alpha=3"))
    code = (
        "import pickle, sys; s = pickle.load(sys.stdin.buffer); "
        "print(s.shape.label, s.shape.definition.__name__)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], input=packed, capture_output=True, check=True
    )
    assert done.stdout.decode().split() == [f"{mine}:Mine,alpha=3", "Mine"]
