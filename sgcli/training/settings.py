"""Everything that decides the result of a training, in one dataclass; defaults are in configs/."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, fields, replace
from functools import cache, cached_property
from importlib.resources import files
from typing import Any

from sgcli.definitions import Shape, load
from sgcli.definitions.code import shape_text
from sgcli.definitions.user import source_sha256
from sgcli.devices import check_device
from sgcli.errors import SgError, did_you_mean
from sgcli.training.setting_types import Counts, Flag, Kind, Number, OneOf, Stages, Text

# A task, and the file in configs/ that has its defaults beyond those of mnist.
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

PROTOCOL = "protocol"  # the table beside the settings in the file of a protocol


def surrogate_text(text: str) -> str:
    """``soft-sign`` → ``soft_sign,alpha=2.0``."""
    return shape_text(load.parse(text).shape)


def device_text(text: str) -> str:
    """A device that is there; the CPU always is, without a look at torch."""
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
        "Spectrum of the manifolds of task randman: that printed in the paper, or that in the code "
        "of its authors.",
    )
    surrogate: str = setting(
        Text("NAME[,PARAM=VALUE…]", surrogate_text), "Surrogate of every neuron."
    )
    seed: int = setting(
        Number("[0, 9223372036854775807]", integer=True),
        "Seed of the weights, of the order of samples and of the encoder.",
    )
    epochs: int = setting(COUNT, "Passes over the training set.")
    steps: int = setting(
        COUNT_OR_0, "Total number of updates, instead of whole epochs; 0 trains whole epochs."
    )
    evaluate_at: tuple[int, ...] = setting(
        Counts(), "Additional tests after these updates, as in 51,101."
    )
    evaluate_every: int = setting(COUNT, "Epochs between tests. The last epoch is always tested.")
    time: int = setting(COUNT, "Time steps of a sample.")
    encoder: str = setting(
        OneOf(("constant", "poisson", "lif", "latency", "given")),
        "Encoder of the pixels: constant, a current; poisson, spikes at a rate; lif, the spikes of "
        "a neuron under that current; latency, its first spike only; given, for samples that are "
        "spikes.",
    )
    pixel_mean: float = setting(
        Number("(-inf, inf)"), "Mean that is subtracted from the pixels, in units of the brightest."
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
        "Initial weights: uniform, as in torch; normal, for currents of variance 1, without bias; "
        "gaussian, of standard deviation init_scale/√inputs; norse, hidden layers as in Norse.",
    )
    init_scale: float = setting(ABOVE_0, "Standard deviation of gaussian weights, times √inputs.")
    normalise: str = setting(
        OneOf(("none", "standardise")),
        "Normalisation: none, or standardise, which standardises the membrane potential of each "
        "neuron over batch and time. The gradient treats mean and deviation as constants.",
    )
    mu: float = setting(
        Number("[-5, 5]"),
        "Mean of the membrane potential minus the threshold, in standard deviations. It applies to "
        "init normal and normalise standardise.",
    )
    readout: str = setting(
        OneOf(("spikes", "current", "membrane", "integrator")),
        "Input of the loss: spikes or current of the output layer; membrane, its membrane "
        "potential, while its spikes decide the class; integrator, a leaky integrator per class, "
        "the highest of which decides.",
    )
    tau_readout: float = setting(TAU, "Time constant of readout integrator, in steps.")
    neuron: str = setting(
        OneOf(("lif", "if", "plif", "leaky", "current", "spytorch", "norse")),
        "Neuron model: lif, leaky; if, without leak; plif, with a trainable tau; leaky, that of "
        "snnTorch; current, spytorch and norse, with synaptic currents as in Zenke and Vogels, "
        "SpyTorch and Norse.",
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
        "Loss of the outputs: cross_entropy, of the spike counts; mse, of the firing rates; "
        "cross_entropy_steps, the mean over steps; cross_entropy_sum, the sum over steps; "
        "cross_entropy_max, of the highest value over time.",
    )
    activity_penalty: float = setting(
        Number("[0, inf)"),
        "Weight in the loss of the squared violations of activity_floor and activity_ceiling.",
    )
    activity_floor: float = setting(
        SHARE, "Lowest firing rate of a hidden neuron without penalty, in spikes per step."
    )
    activity_ceiling: float = setting(
        SHARE, "Highest firing rate of a hidden neuron without penalty, in spikes per step."
    )
    optimizer: str = setting(OneOf(("adam", "sgd")), "Optimizer: adam, or sgd with momentum 0.9.")
    lr: float = setting(ABOVE_0, "Highest learning rate of the schedule.")
    schedule: str = setting(
        OneOf(("one_cycle", "constant", "cosine")),
        "Learning rate over time: one_cycle rises for 30 % of the updates and then falls; cosine "
        "falls and rises with a period of 128 epochs; constant.",
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
        Flag(), "Compute matrix products in bfloat16 by autocast, neurons in float32."
    )
    threads: int = setting(
        Number("[0, 4096]", integer=True), "CPU threads; 0 leaves the number to torch."
    )

    @cached_property
    def shape(self) -> Shape:
        """The surrogate, read from its text once."""
        return load.parse(self.surrogate).shape

    @cached_property
    def surrogate_sha256(self) -> str:
        """The SHA-256 of the file of a user's surrogate; empty for one of sgcli's."""
        return source_sha256(self.shape.definition)

    def with_shape(self, shape: Shape, **changes: Any) -> Settings:
        """These settings with a surrogate that need not be read from its text, and changes."""
        changed = replace(self, surrogate=shape_text(shape), **changes)
        vars(changed)["shape"] = shape
        return changed

    def __getstate__(self) -> dict[str, Any]:
        """The settings alone: another process reads the user's file itself."""
        return {f.name: getattr(self, f.name) for f in fields(self)}


# Settings that came later, and the value at which nothing is as if they were not there.
NEUTRAL_DEFAULTS: dict[str, Any] = {
    "steps": 0, "init": "uniform", "normalise": "none", "mu": -0.5, "readout": "spikes",
    "amp": False, "data_dir": "", "spectrum": "paper", "evaluate_at": (), "evaluate_every": 1,
    "pixel_mean": 0.0, "pixel_sd": 1.0, "softplus": False, "augment": False, "vote": 1,
    "bias": True, "init_scale": 1.0, "tau_readout": 20.0, "neuron": "lif", "tau_syn": 5.0,
    "recurrent": False, "fire_above": False, "activity_penalty": 0.0, "activity_floor": 0.0,
    "activity_ceiling": 1.0, "drop_last": False,
}  # fmt: skip

# What settings were called by earlier versions, whose runs are there.
EARLIER_NAMES = {"fire_above": "strict"}

# Settings that act in some trainings only: in which, in words and as a condition.
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
    """All that ``configs/<name>.toml`` holds."""
    text = (files("sgcli.configs") / f"{name}.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


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
    result: dict[str, Any] = {}
    wrong = []
    for key, value in values.items():
        if key in others:
            result[key] = value
        elif key not in KINDS:
            meant = did_you_mean(key, [*KINDS, *others])
            wrong.append(f"{key} is unknown" + (f" ({meant})" if meant else ""))
        else:
            try:
                if several and key == "surrogate" and isinstance(value, list):
                    result[key] = [KINDS[key].check(key, one) for one in value]
                else:
                    result[key] = KINDS[key].check(key, value)
            except SgError as error:
                wrong.append(str(error))
    if wrong:
        raise SgError(f"{origin}: {'; '.join(wrong)}", "`sg train-toy --help` lists all settings")
    return result


def of_a_run(values: Mapping[str, Any]) -> dict[str, Any]:
    """The settings in a file that a run has, by the names of today."""
    today = {earlier: name for name, earlier in EARLIER_NAMES.items()}
    return {today.get(key, key): value for key, value in values.items()}


def settings_for(task: str, shape: Shape | None = None, **values: Any) -> Settings:
    """The settings of a task: ``values`` and its defaults, with the surrogate ``shape`` if any."""
    settings = Settings(**{**defaults(task), **checked({"task": task, **values}, "settings")})
    return settings if shape is None else settings.with_shape(shape)


def check_applies(settings: Settings, names: Collection[str]) -> None:
    """:class:`SgError` for one of the settings of these names that changes nothing."""
    for name in names:
        where, acts = APPLIES_WHEN.get(name, ("", lambda settings: True))
        if not acts(settings):
            raise SgError(f"{name} has no effect here", f"it has an effect with {where}")


def to_toml(settings: Settings) -> str:
    """A file that ``--config`` takes, with the meaning of each line."""
    lines = []
    for f in fields(settings):
        value = getattr(settings, f.name)
        text = json.dumps(list(value) if isinstance(value, tuple) else value, ensure_ascii=False)
        lines.append(f"{f.name} = {text}  # {f.metadata['help']}")
    return "\n".join(lines) + "\n"
