"""The settings of a training: everything that decides its result. Defaults are in configs/."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Callable, Collection, Mapping
from dataclasses import asdict, dataclass, field, fields
from functools import cache, cached_property
from importlib.resources import files
from typing import Any

from sgcli.definitions import load
from sgcli.definitions.core import Shape
from sgcli.devices import check_device
from sgcli.errors import SgError, did_you_mean
from sgcli.training.setting_types import (
    Counts,
    Flag,
    Kind,
    Number,
    OneOf,
    Stages,
    SurrogateSetting,
    Text,
)

# Each task, and the file in configs/ with those of its defaults that differ from mnist's.
DEFAULTS = {
    "mnist": "mnist",
    "idx": "mnist",
    "digits": "digits",
    "randman": "zenke-vogels-randman",
    "spytorch": "spytorch-1",
}
TASKS = tuple(DEFAULTS)

LOSSES = (
    "cross_entropy", "mse", "cross_entropy_steps", "cross_entropy_sum", "cross_entropy_max"
)  # fmt: skip
COUNT, COUNT_OR_0 = Number("[1, inf)", integer=True), Number("[0, inf)", integer=True)
ABOVE_0, TAU, SHARE = Number("(0, inf)"), Number("[1, inf)"), Number("[0, 1]")

PROTOCOL = "protocol"  # table in the file of a protocol, beside the settings


def device_text(text: str) -> str:
    """The name of a device that exists; the CPU always does, so torch is not asked."""
    return text if text == "cpu" else check_device(text)


def setting(kind: Kind, help: str) -> Any:
    return field(metadata={"kind": kind, "help": help})


@dataclass(frozen=True, kw_only=True)
class Settings:
    """The settings of one training; make it with :func:`settings_for`."""

    task: str = setting(OneOf(TASKS), "Task to learn.")
    data_dir: str = setting(
        Text("a folder", str),
        "Folder with the four IDX files of task idx, such as those of KMNIST.",
    )
    spectrum: str = setting(
        OneOf(("paper", "code")),
        "Frequency spectrum of task randman: as printed in Zenke and Vogels' paper, or as in their"
        " code (the two differ).",
    )
    surrogate: str = setting(SurrogateSetting(), "Surrogate of every neuron.")
    seed: int = setting(
        Number("[0, 9223372036854775807]", integer=True),
        "Seed of everything random: weights, order of samples, encoder, augmentation, surrogates.",
    )
    epochs: int = setting(COUNT, "Passes over the training set.")
    steps: int = setting(COUNT_OR_0, "Stop after this many updates; 0 means train for --epochs.")
    evaluate_at: tuple[int, ...] = setting(
        Counts(), "Also test after these numbers of updates, such as 51,101."
    )
    evaluate_every: int = setting(COUNT, "Epochs between tests. The last epoch is always tested.")
    time: int = setting(COUNT, "Time steps of a sample.")
    encoder: str = setting(
        OneOf(("constant", "poisson", "lif", "latency", "given")),
        "How pixels enter the network: constant (the intensity as a current at every step); "
        "poisson (random spikes, the intensity being their probability); lif (the spikes of a LIF "
        "neuron driven by the intensity); latency (only the first of these spikes); given (samples"
        " that are spikes already).",
    )
    pixel_mean: float = setting(
        Number("(-inf, inf)"), "Mean to subtract from the pixels, which are scaled to [0, 1]."
    )
    pixel_sd: float = setting(ABOVE_0, "Standard deviation that pixels are divided by.")
    softplus: bool = setting(Flag(), "Apply softplus to the normalised pixels.")
    augment: bool = setting(Flag(), "Rotate, shift and scale each training image at random.")
    hidden: tuple[int | str, ...] = setting(
        Stages(), "Hidden layers: neurons of each, or stages such as 12C5,MP2,64C5,MP2."
    )
    vote: int = setting(COUNT, "Output neurons per class. Their outputs are averaged.")
    bias: bool = setting(Flag(), "Give each layer a bias.")
    init: str = setting(
        OneOf(("uniform", "normal", "gaussian", "norse")),
        "Initial weights: uniform (torch's default); normal (scaled so that currents have variance"
        " 1; no bias); gaussian (standard deviation --init-scale/√inputs); norse (as in Norse, "
        "hidden layers only).",
    )
    init_scale: float = setting(
        ABOVE_0,
        "Scale of --init gaussian: the standard deviation of the weights is this value / √inputs.",
    )
    normalise: str = setting(
        OneOf(("none", "standardise")),
        "Normalisation: none, or standardise, which standardises the membrane potential of each "
        "neuron over batch and time. The gradient treats mean and deviation as constants.",
    )
    mu: float = setting(
        Number("[-5, 5]"),
        "Mean of the membrane potential minus the threshold, in standard deviations. Used with "
        "--init normal and --normalise standardise.",
    )
    readout: str = setting(
        OneOf(("spikes", "current", "membrane", "integrator")),
        "What the loss sees of the output layer: spikes; current; membrane (the potentials, but "
        "the class is the neuron with most spikes); integrator (one leaky integrator per class, "
        "the class is the one with the highest potential).",
    )
    tau_readout: float = setting(TAU, "Time constant of readout integrator, in steps.")
    neuron: str = setting(
        OneOf(("lif", "if", "plif", "leaky", "current", "spytorch", "norse")),
        "Neuron model: lif (leaky integrate-and-fire); if (without leak); plif (lif with a "
        "trainable tau); leaky (snnTorch's Leaky); current, spytorch and norse (with synaptic "
        "currents, as in Zenke and Vogels, SpyTorch and Norse).",
    )
    tau: float = setting(TAU, "Membrane time constant, in steps.")
    tau_syn: float = setting(TAU, "Synaptic time constant, in steps.")
    recurrent: bool = setting(Flag(), "Add recurrent weights to each hidden layer.")
    decay_input: bool = setting(Flag(), "Divide the input of a neuron by tau.")
    v_threshold: float = setting(ABOVE_0, "Threshold of the neurons.")
    fire_above: bool = setting(Flag(), "Fire above the threshold only, not at the threshold.")
    reset: str = setting(
        OneOf(("hard", "soft")),
        "Reset after a spike: hard sets the membrane potential to 0, soft subtracts the threshold.",
    )
    detach_reset: bool = setting(Flag(), "Keep the reset out of the gradient.")
    loss: str = setting(
        OneOf(LOSSES),
        "Loss: cross_entropy of the spike counts; mse of the firing rates; cross_entropy_steps, "
        "cross-entropy of each step averaged over steps; cross_entropy_sum, the same summed; "
        "cross_entropy_max, of the highest output over time.",
    )
    activity_penalty: float = setting(
        Number("[0, inf)"),
        "Weight of the activity penalty: how strongly squared violations of --activity-floor and "
        "--activity-ceiling count in the loss.",
    )
    activity_floor: float = setting(
        SHARE, "Hidden neurons that fire less than this (spikes per step) are penalised."
    )
    activity_ceiling: float = setting(
        SHARE, "Hidden neurons that fire more than this (spikes per step) are penalised."
    )
    optimizer: str = setting(OneOf(("adam", "sgd")), "Optimizer: adam, or sgd with momentum 0.9.")
    lr: float = setting(ABOVE_0, "Highest learning rate of the schedule.")
    schedule: str = setting(
        OneOf(("one_cycle", "constant", "cosine")),
        "Learning rate over time: one_cycle (rises for 30 % of the updates, then falls); cosine "
        "(falls and rises with a period of 128 epochs); constant (stays at --lr).",
    )
    batch_size: int = setting(COUNT, "Samples per update.")
    drop_last: bool = setting(Flag(), "Drop the last batch of an epoch if it is not full.")
    limit: int = setting(COUNT_OR_0, "Train and test on the first N samples; 0 uses all.")
    evaluate: str = setting(
        OneOf(("test", "validation")),
        "Samples to test on: test, the test set; validation, the last 10,000 training samples, "
        "which are then held out.",
    )
    device: str = setting(
        Text("a device of torch", device_text),
        "Torch device to train on: cpu, cuda, cuda:1, mps or another.",
    )
    amp: bool = setting(
        Flag(), "Compute matrix products in bfloat16 (torch autocast); neurons stay in float32."
    )
    threads: int = setting(
        Number("[0, 4096]", integer=True), "CPU threads; 0 leaves the number to torch."
    )

    @cached_property
    def shape(self) -> Shape:
        """The surrogate, parsed once."""
        return load.parse(self.surrogate).shape

    def with_changes(self, **values: Any) -> Settings:
        """A copy with other values; the surrogate is given as a shape, and never parsed again."""
        return _from_checked({**asdict(self), "surrogate": self.shape, **values})

    def __getstate__(self) -> dict[str, Any]:
        # Without the shape: only the process that loaded a user's file knows its classes.
        return asdict(self)


# Settings of later versions, each with the value at which it changes nothing. They are no part of
# a run's identity then, so that runs of earlier versions are found again.
NEUTRAL_DEFAULTS: dict[str, Any] = {
    "steps": 0, "init": "uniform", "normalise": "none", "mu": -0.5, "readout": "spikes",
    "amp": False, "data_dir": "", "spectrum": "paper", "evaluate_at": (), "evaluate_every": 1,
    "pixel_mean": 0.0, "pixel_sd": 1.0, "softplus": False, "augment": False, "vote": 1,
    "bias": True, "init_scale": 1.0, "tau_readout": 20.0, "neuron": "lif", "tau_syn": 5.0,
    "recurrent": False, "fire_above": False, "activity_penalty": 0.0, "activity_floor": 0.0,
    "activity_ceiling": 1.0, "drop_last": False,
}  # fmt: skip

# Names of settings in the runs of earlier versions.
EARLIER_NAMES = {"fire_above": "strict"}

# Settings that apply to some trainings only: with what, in words and as a condition.
APPLIES_WHEN: dict[str, tuple[str, Callable[[Settings], bool]]] = {
    "data_dir": ("task idx", lambda s: s.task == "idx"),
    "spectrum": ("task randman", lambda s: s.task == "randman"),
    "init_scale": ("init gaussian", lambda s: s.init == "gaussian"),
    "mu": (
        "init normal or normalise standardise",
        lambda s: s.init == "normal" or s.normalise == "standardise",
    ),
    "tau": ("neurons that leak", lambda s: s.neuron != "if"),
    "tau_syn": (
        "neurons or a readout with synaptic currents",
        lambda s: s.neuron in ("current", "spytorch", "norse") or s.readout == "integrator",
    ),
    "tau_readout": ("readout integrator", lambda s: s.readout == "integrator"),
    "decay_input": ("neurons lif and plif", lambda s: s.neuron in ("lif", "plif")),
    "reset": (
        "neurons lif, if, plif and leaky",
        lambda s: s.neuron in ("lif", "if", "plif", "leaky"),
    ),
    "activity_floor": ("an activity_penalty", lambda s: s.activity_penalty > 0),
    "activity_ceiling": ("an activity_penalty", lambda s: s.activity_penalty > 0),
}

FIELDS = {f.name: f for f in fields(Settings)}
KINDS: dict[str, Kind] = {name: f.metadata["kind"] for name, f in FIELDS.items()}


@cache
def defaults(task: str) -> Mapping[str, Any]:
    """The default settings of a task, from ``configs/``."""
    if task not in TASKS:
        raise SgError(f"there is no task '{task}'", f"the tasks are {', '.join(TASKS)}")
    common = settings_in("mnist")
    own = common if DEFAULTS[task] == "mnist" else settings_in(DEFAULTS[task])
    return {**NEUTRAL_DEFAULTS, **common, **own, "task": task}


def settings_in(name: str) -> dict[str, Any]:
    """The settings in ``configs/<name>.toml``."""
    values = {k: v for k, v in read(name).items() if k != PROTOCOL}
    return checked(values, f"configs/{name}.toml")


@cache
def read(name: str) -> Mapping[str, Any]:
    """The contents of ``configs/<name>.toml``."""
    text = (files("sgcli.configs") / f"{name}.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


def checked(
    values: Mapping[str, Any],
    origin: str,
    others: frozenset[str] = frozenset(),
    several: bool = False,
) -> dict[str, Any]:
    """The values of settings in their types, the surrogate as a shape.

    Keys in ``others`` are passed through. With ``several``, the surrogate may be a list. Raises one
    :class:`SgError` that names every unknown key and every wrong value.
    """
    typed: dict[str, Any] = {}
    wrong = []
    for key, value in values.items():
        if key in others:
            typed[key] = value
        elif key not in KINDS:
            hint = did_you_mean(key, [*KINDS, *others])
            wrong.append(f"{key} is unknown" + (f" ({hint})" if hint else ""))
        else:
            try:
                if several and key == "surrogate" and isinstance(value, list):
                    typed[key] = [KINDS[key].check(key, text) for text in value]
                else:
                    typed[key] = KINDS[key].check(key, value)
            except SgError as error:
                wrong.append(str(error))
    if wrong:
        raise SgError(f"{origin}: {'; '.join(wrong)}", "`sg train-toy --help` lists all settings")
    return typed


def of_a_run(values: Mapping[str, Any]) -> dict[str, Any]:
    """The settings in the config file of a run, under the names of this version."""
    current = {earlier: name for name, earlier in EARLIER_NAMES.items()}
    return {current.get(key, key): value for key, value in values.items()}


def settings_for(task: str, **given: Any) -> Settings:
    """The settings of a task; what is not given has the default of the task."""
    return _from_checked({**defaults(task), **checked({"task": task, **given}, "settings")})


def _from_checked(values: Mapping[str, Any]) -> Settings:
    """Settings of checked values. The shape goes where ``cached_property`` looks for it."""
    shape = values["surrogate"]
    settings = Settings(**{**values, "surrogate": shape.text()})
    vars(settings)["shape"] = shape
    return settings


def check_applies(settings: Settings, names: Collection[str]) -> None:
    """Raise :class:`SgError` for a setting among these names that changes nothing."""
    for name in names:
        where, applies = APPLIES_WHEN.get(name, ("", lambda settings: True))
        if not applies(settings):
            raise SgError(f"{name} changes nothing here", f"it applies with {where}")


def to_toml(settings: Settings) -> str:
    """The text of a file for ``--config``, with the help of each setting."""
    lines = []
    for f in fields(settings):
        value = getattr(settings, f.name)
        text = json.dumps(list(value) if isinstance(value, tuple) else value, ensure_ascii=False)
        lines.append(f"{f.name} = {text}  # {f.metadata['help']}")
    return "\n".join(lines) + "\n"
