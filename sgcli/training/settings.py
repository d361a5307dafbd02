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
from sgcli.definitions.code import shape_text as shape_text
from sgcli.definitions.core import Shape
from sgcli.devices import check_device
from sgcli.errors import SgError, did_you_mean
from sgcli.training.setting_types import Choice, Counts, Flag, Kind, Number, Stages, Surrogate, Text

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

    task: str = setting(Choice(TASKS), "Task to learn.")
    data_dir: str = setting(
        Text("a folder", str),
        "Folder with the four IDX files of task idx, such as those of KMNIST.",
    )
    spectrum: str = setting(
        Choice(("paper", "code")),
        "Spectrum of the manifolds of task randman: as in the paper, or as in the code of its "
        "authors.",
    )
    surrogate: str = setting(Surrogate(), "Surrogate of every neuron.")
    seed: int = setting(
        Number("[0, 9223372036854775807]", integer=True),
        "Seed of the weights, the order of the samples and the encoder.",
    )
    epochs: int = setting(COUNT, "Passes over the training set.")
    steps: int = setting(
        COUNT_OR_0, "Number of updates, whatever the number of epochs; 0 trains whole epochs."
    )
    evaluate_at: tuple[int, ...] = setting(
        Counts(), "Numbers of updates after which to test, such as 51,101."
    )
    evaluate_every: int = setting(
        COUNT, "Number of epochs between tests; the last epoch always ends in a test."
    )
    time: int = setting(COUNT, "Number of time steps of a sample.")
    encoder: str = setting(
        Choice(("constant", "poisson", "lif", "latency", "given")),
        "Encoder of pixels: constant, a constant current; poisson, spikes with the pixel as their "
        "probability; lif, the spikes of lif neurons under the constant current; latency, the "
        "first of these spikes. Samples that are spikes already need given.",
    )
    pixel_mean: float = setting(
        Number("(-inf, inf)"), "Mean to subtract from pixels, which lie in [0, 1]."
    )
    pixel_sd: float = setting(
        ABOVE_0, "Standard deviation to divide pixels by, after subtraction of the mean."
    )
    softplus: bool = setting(Flag(), "Apply softplus to pixels, after mean and standard deviation.")
    augment: bool = setting(Flag(), "Rotate, shift and scale each training image at random.")
    hidden: tuple[int | str, ...] = setting(
        Stages(), "Hidden layers: number of neurons of each, or stages such as 12C5,MP2,64C5,MP2."
    )
    vote: int = setting(COUNT, "Number of output neurons per class; their outputs are averaged.")
    bias: bool = setting(Flag(), "Give each layer a bias.")
    init: str = setting(
        Choice(("uniform", "normal", "gaussian", "norse")),
        "Distribution of initial weights: uniform, as in torch; normal, without bias and with "
        "currents of variance 1; gaussian, with the standard deviation init_scale / √inputs; "
        "norse, as in Norse, with a uniform readout.",
    )
    init_scale: float = setting(ABOVE_0, "Standard deviation of gaussian weights, times √inputs.")
    normalise: str = setting(
        Choice(("none", "standardise")),
        "Normalisation: standardise gives the membrane potential of each neuron mean mu and "
        "variance 1 over batch and time; the gradient takes mean and variance as constants.",
    )
    mu: float = setting(
        Number("[-5, 5]"),
        "Mean of the membrane potential minus the threshold in standard deviations, for init "
        "normal and normalise standardise.",
    )
    readout: str = setting(
        Choice(("spikes", "current", "membrane", "integrator")),
        "Readout that the loss is computed from: spikes, the output spikes; current, the output "
        "currents; membrane, the membrane potentials of output neurons, whose spikes decide the "
        "class; integrator, a leaky integrator per class, the highest of which decides.",
    )
    tau_readout: float = setting(TAU, "Time constant of readout integrator, in steps.")
    neuron: str = setting(
        Choice(("lif", "if", "plif", "leaky", "current", "spytorch", "norse")),
        "Neuron model: lif, leaky integrate-and-fire; if, without leak; plif, lif with a trainable "
        "tau; leaky, that of snnTorch; current, spytorch and norse, those of Zenke and Vogels, "
        "SpyTorch and Norse with synaptic currents.",
    )
    tau: float = setting(TAU, "Membrane time constant, in steps.")
    tau_syn: float = setting(TAU, "Time constant of the synaptic currents, in steps.")
    recurrent: bool = setting(Flag(), "Feed the spikes of each hidden layer back into it.")
    decay_input: bool = setting(Flag(), "Divide the input of each neuron by tau.")
    v_threshold: float = setting(ABOVE_0, "Firing threshold of the neurons.")
    fire_above: bool = setting(Flag(), "Fire only above the threshold, not at it.")
    reset: str = setting(
        Choice(("hard", "soft")),
        "Reset of the membrane potential by a spike: hard sets it to 0, soft subtracts the "
        "threshold.",
    )
    detach_reset: bool = setting(Flag(), "Exclude the reset from the gradient.")
    loss: str = setting(
        Choice(LOSSES),
        "Loss of the outputs: cross_entropy, of the spike counts; mse, of the firing rates; "
        "cross_entropy_steps, the mean over steps; cross_entropy_sum, the sum over steps; "
        "cross_entropy_max, of the maximum over time.",
    )
    activity_penalty: float = setting(
        Number("[0, inf)"),
        "Weight in the loss of the squared deviation of hidden neurons' activity from the range "
        "of activity_floor to activity_ceiling.",
    )
    activity_floor: float = setting(
        SHARE, "Lowest activity of a hidden neuron without a penalty, in spikes per step."
    )
    activity_ceiling: float = setting(
        SHARE, "Highest activity of a hidden neuron without a penalty, in spikes per step."
    )
    optimizer: str = setting(Choice(("adam", "sgd")), "Optimizer: adam, or sgd with momentum 0.9.")
    lr: float = setting(ABOVE_0, "Learning rate, the highest of its schedule.")
    schedule: str = setting(
        Choice(("one_cycle", "constant", "cosine")),
        "Schedule of the learning rate: one_cycle, up for 30 % of the steps and then down; "
        "constant; cosine, down and up again in 128 epochs.",
    )
    batch_size: int = setting(COUNT, "Number of samples per update.")
    drop_last: bool = setting(
        Flag(), "Drop the last samples of an epoch if they do not fill a batch."
    )
    limit: int = setting(COUNT_OR_0, "Train and test on the first N samples only; 0 takes all.")
    evaluate: str = setting(
        Choice(("test", "validation")),
        "Samples to test on: the test set, or a validation set. Without one of its own, the last "
        "10,000 training samples of a task are its validation set, and are not trained on.",
    )
    device: str = setting(
        Text("a device of torch", device_text),
        "Device of torch to train on: cpu, cuda, cuda:1, mps or another.",
    )
    amp: bool = setting(Flag(), "Use autocast: matrix products in bfloat16, neurons in float32.")
    threads: int = setting(
        Number("[0, 4096]", integer=True), "Number of CPU threads; 0 leaves it to torch."
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
    settings = Settings(**{**values, "surrogate": shape_text(shape)})
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
