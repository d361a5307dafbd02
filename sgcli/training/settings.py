"""Everything that decides the result of a training, in one dataclass; defaults are in configs/."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from difflib import get_close_matches
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from sgcli.errors import SgError
from sgcli.training.kinds import Choice, Flag, Kind, Number, Sizes, Text

if TYPE_CHECKING:
    from sgcli.definitions import Shape

TASKS = ("mnist",)


def surrogate_text(text: str) -> str:
    """``soft-sign`` → ``soft_sign,alpha=2.0``."""
    from sgcli.definitions import load

    return shape_text(load.parse(text).shape)


def shape_text(shape: Shape, name: str = "") -> str:
    """A shape in full, with every digit of its parameters."""
    return ",".join(
        [name or shape.definition.reference(), *(f"{k}={v!r}" for k, v in shape.params.items())]
    )


def device_text(text: str) -> str:
    """A device that is there; the CPU always is, without a look at torch."""
    from sgcli.devices import check_device

    return text if text == "cpu" else check_device(text)


def setting(kind: Kind, help: str) -> Any:
    return field(metadata={"kind": kind, "help": help})


@dataclass(frozen=True, kw_only=True)
class Settings:
    """The settings of one training; make it with :func:`settings_for`."""

    task: str = setting(Choice(TASKS), "What is learnt.")
    surrogate: str = setting(
        Text("NAME[,PARAM=VALUE…]", surrogate_text), "The surrogate of every neuron."
    )
    seed: int = setting(
        Number("[0, 9223372036854775807]", integer=True), "Of weights, order and encoder."
    )
    epochs: int = setting(Number("[1, inf)", integer=True), "Passes over the training set.")
    steps: int = setting(
        Number("[0, inf)", integer=True), "Updates in all, whatever --epochs says; 0 for by epochs."
    )
    time: int = setting(Number("[1, inf)", integer=True), "Time steps per sample.")
    encoder: str = setting(
        Choice(("constant", "poisson")), "How pixels enter: a current, or spikes at their rate."
    )
    hidden: tuple[int, ...] = setting(Sizes(), "Neurons in each hidden layer.")
    init: str = setting(
        Choice(("uniform", "normal")),
        "Weights as torch draws them, or normal with currents of variance 1 and no bias.",
    )
    normalise: str = setting(
        Choice(("none", "standardise")),
        "Standardise each unit's membrane over batch and time, the gradient takes it as constant.",
    )
    mu: float = setting(
        Number("[-5, 5]"),
        "Its mean minus the threshold, in deviations, with init normal or standardise.",
    )
    readout: str = setting(
        Choice(("spikes", "current")), "Output neurons that spike, or their currents."
    )
    tau: float = setting(Number("[1, inf)"), "Membrane time constant, in steps.")
    decay_input: bool = setting(Flag(), "Divide the input by tau too.")
    v_threshold: float = setting(Number("(0, inf)"), "Threshold of the neurons.")
    reset: str = setting(
        Choice(("hard", "soft")), "After a spike: back to 0, or lower by the threshold."
    )
    detach_reset: bool = setting(Flag(), "Keep the reset out of the gradient.")
    loss: str = setting(
        Choice(("cross_entropy", "mse")), "Cross-entropy of the spike counts, or MSE of the rates."
    )
    optimizer: str = setting(Choice(("adam", "sgd")), "Adam, or SGD with momentum 0.9.")
    lr: float = setting(Number("(0, inf)"), "Learning rate, the highest of its schedule.")
    schedule: str = setting(
        Choice(("one_cycle", "constant")), "Rate up over 30 % of the steps and down, or constant."
    )
    batch_size: int = setting(Number("[1, inf)", integer=True), "Samples per update.")
    limit: int = setting(
        Number("[0, inf)", integer=True), "Train and test on the first N samples; 0 for all."
    )
    evaluate: str = setting(
        Choice(("test", "validation")),
        "Test set, or the last 10,000 training samples, then not trained on.",
    )
    device: str = setting(Text("a device of torch", device_text), "cpu, cuda, cuda:1, mps …")
    amp: bool = setting(Flag(), "Matrix products in bfloat16 (autocast), neurons in float32.")
    threads: int = setting(
        Number("[0, 4096]", integer=True), "CPU threads; 0 for as many as torch takes."
    )


# Settings that came later, and the value at which nothing is as if they were not there.
LATER: dict[str, Any] = {
    "steps": 0,
    "init": "uniform",
    "normalise": "none",
    "mu": -0.5,
    "readout": "spikes",
    "amp": False,
}

FIELDS = {f.name: f for f in fields(Settings)}
KINDS: dict[str, Kind] = {name: f.metadata["kind"] for name, f in FIELDS.items()}


@cache
def defaults(task: str) -> Mapping[str, Any]:
    """The default settings of a task, from ``configs/<task>.toml``."""
    if task not in TASKS:
        raise SgError(f"there is no task '{task}'", f"the tasks are {', '.join(TASKS)}")
    text = (files("sgcli.configs") / f"{task}.toml").read_text(encoding="utf-8")
    return checked(tomllib.loads(text), f"configs/{task}.toml")


def checked(
    values: Mapping[str, Any],
    origin: str,
    others: frozenset[str] = frozenset(),
    several: bool = False,
) -> dict[str, Any]:
    """Typed values of settings, those of ``others`` as they are.

    With ``several`` the surrogate may be a list. Raises :class:`SgError` that names every unknown
    key and every wrong value at once.
    """
    found: dict[str, Any] = {}
    wrong = []
    for key, value in values.items():
        if key in others:
            found[key] = value
        elif key not in KINDS:
            near = get_close_matches(key, [*KINDS, *others], n=1)
            wrong.append(f"{key} is unknown" + (f" (did you mean {near[0]}?)" if near else ""))
        else:
            try:
                if several and key == "surrogate" and isinstance(value, list):
                    found[key] = [KINDS[key].check(key, one) for one in value]
                else:
                    found[key] = KINDS[key].check(key, value)
            except SgError as error:
                wrong.append(str(error))
    if wrong:
        raise SgError(f"{origin}: {'; '.join(wrong)}", "`sg train-toy --help` lists all settings")
    return found


def settings_for(task: str, **given: Any) -> Settings:
    """The settings of a task with defaults for what is not given."""
    return Settings(**{**defaults(task), **checked({"task": task, **given}, "settings")})


def to_toml(settings: Settings) -> str:
    """A file that ``--config`` takes, with the meaning of each line."""
    lines = []
    for f in fields(settings):
        value = getattr(settings, f.name)
        text = json.dumps(list(value) if isinstance(value, tuple) else value, ensure_ascii=False)
        lines.append(f"{f.name} = {text}  # {f.metadata['help']}")
    return "\n".join(lines) + "\n"
