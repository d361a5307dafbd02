"""Everything that decides the result of a training, in one dataclass; defaults are in configs/."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Callable, Collection, Mapping
from dataclasses import asdict, dataclass, field, fields
from difflib import get_close_matches
from functools import cache, cached_property
from importlib.resources import files
from typing import Any

from sgcli.definitions import load
from sgcli.definitions.code import shape_text as shape_text
from sgcli.definitions.core import Shape
from sgcli.devices import check_device
from sgcli.errors import SgError
from sgcli.training.setting_types import Choice, Counts, Flag, Kind, Number, Stages, Surrogate, Text

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


def device_text(text: str) -> str:
    """A device that is there; the CPU always is, without a look at torch."""
    return text if text == "cpu" else check_device(text)


def setting(kind: Kind, help: str) -> Any:
    return field(metadata={"kind": kind, "help": help})


@dataclass(frozen=True, kw_only=True)
class Settings:
    """The settings of one training; make it with :func:`settings_for`."""

    task: str = setting(Choice(TASKS), "What is learnt.")
    data_dir: str = setting(
        Text("a folder", str),
        "Folder with the four IDX files of task idx, such as those of KMNIST.",
    )
    spectrum: str = setting(
        Choice(("paper", "code")),
        "Spectrum of the manifolds of task randman: as printed in the paper, or as in the "
        "code of its authors.",
    )
    surrogate: str = setting(Surrogate(), "Surrogate of every neuron.")
    seed: int = setting(
        Number("[0, 9223372036854775807]", integer=True),
        "Seed of the weights, the order of the samples and the encoder.",
    )
    epochs: int = setting(COUNT, "Passes over the training set.")
    steps: int = setting(
        COUNT_OR_0, "Updates in all, whatever the number of epochs; 0 trains for whole epochs."
    )
    evaluate_at: tuple[int, ...] = setting(
        Counts(), "Updates after which to test too, as in 51,101."
    )
    evaluate_every: int = setting(
        COUNT, "Epochs from one test to the next; the last epoch is always tested."
    )
    time: int = setting(COUNT, "Time steps of a sample.")
    encoder: str = setting(
        Choice(("constant", "poisson", "lif", "latency", "given")),
        "How pixels enter: a constant current, poisson spikes at their rate, the spikes of "
        "lif neurons under that current, or only the first of these, latency; given for "
        "samples that are spikes.",
    )
    pixel_mean: float = setting(
        Number("(-inf, inf)"), "Mean that is subtracted from pixels, which lie in [0, 1]."
    )
    pixel_sd: float = setting(
        ABOVE_0, "Standard deviation that pixels are divided by, after their mean is subtracted."
    )
    softplus: bool = setting(
        Flag(), "Replace pixels, after mean and standard deviation, by their softplus."
    )
    augment: bool = setting(Flag(), "Rotate, shift and scale each training image at random.")
    hidden: tuple[int | str, ...] = setting(
        Stages(), "Hidden layers: neurons of each, or stages such as 12C5,MP2,64C5,MP2."
    )
    vote: int = setting(COUNT, "Output neurons of a class, whose outputs are averaged.")
    bias: bool = setting(Flag(), "Give each layer a bias.")
    init: str = setting(
        Choice(("uniform", "normal", "gaussian", "norse")),
        "How weights are drawn: uniform as in torch; normal, for currents of variance 1, "
        "without bias; gaussian, with a standard deviation of init_scale over the root of the "
        "inputs; norse, hidden ones as in Norse.",
    )
    init_scale: float = setting(
        ABOVE_0, "Standard deviation of gaussian weights, times the root of the inputs."
    )
    normalise: str = setting(
        Choice(("none", "standardise")),
        "Whether to standardise the membrane potential of each unit over batch and time, with "
        "a mean and deviation that the gradient takes as constant.",
    )
    mu: float = setting(
        Number("[-5, 5]"),
        "Mean of the membrane potential minus the threshold, in standard deviations, for init "
        "normal and normalise standardise.",
    )
    readout: str = setting(
        Choice(("spikes", "current", "membrane", "integrator")),
        "What the loss sees: output spikes; the output current; the membrane of output "
        "neurons whose spikes decide the class; or the leaky integrator of each class, of "
        "which the highest decides.",
    )
    tau_readout: float = setting(
        TAU, "Time constant of the leaky integrators that are read, in steps."
    )
    neuron: str = setting(
        Choice(("lif", "if", "plif", "leaky", "current", "spytorch", "norse")),
        "Model of the neurons: lif, leaky; if, perfect integrators; plif, with a trainable "
        "tau; leaky, of snnTorch; with synaptic currents: current, of Zenke and Vogels, "
        "spytorch, norse.",
    )
    tau: float = setting(TAU, "Membrane time constant, in steps.")
    tau_syn: float = setting(TAU, "Time constant of the synaptic currents, in steps.")
    recurrent: bool = setting(Flag(), "Feed the spikes of each hidden layer back into it.")
    decay_input: bool = setting(Flag(), "Divide the input of a neuron by tau.")
    v_threshold: float = setting(ABOVE_0, "Threshold of the neurons.")
    fire_above: bool = setting(Flag(), "Fire above the threshold only, not at it.")
    reset: str = setting(
        Choice(("hard", "soft")),
        "What a spike does to the membrane potential: hard sets it to 0, soft subtracts the "
        "threshold.",
    )
    detach_reset: bool = setting(Flag(), "Keep the reset out of the gradient.")
    loss: str = setting(
        Choice(LOSSES),
        "Loss of the outputs: cross_entropy of the spike counts; mse of the firing rates; "
        "cross_entropy_steps, the mean over steps; cross_entropy_sum, the sum over steps; "
        "cross_entropy_max, of the highest value over time.",
    )
    activity_penalty: float = setting(
        Number("[0, inf)"),
        "Weight of the squared lack and excess of activity of hidden neurons in the loss.",
    )
    activity_floor: float = setting(
        SHARE, "Spikes per step of a hidden neuron below which its activity is lacking."
    )
    activity_ceiling: float = setting(
        SHARE, "Spikes per step of a hidden neuron above which its activity is in excess."
    )
    optimizer: str = setting(Choice(("adam", "sgd")), "Optimizer: adam, or sgd with momentum 0.9.")
    lr: float = setting(ABOVE_0, "Learning rate, at the top of its schedule.")
    schedule: str = setting(
        Choice(("one_cycle", "constant", "cosine")),
        "Learning rate over time: one_cycle, up for 30 % of the steps and then down; "
        "constant; cosine, down and up again in 128 epochs.",
    )
    batch_size: int = setting(COUNT, "Samples of an update.")
    drop_last: bool = setting(
        Flag(), "Leave out the samples at the end of an epoch that do not fill a batch."
    )
    limit: int = setting(COUNT_OR_0, "Train and test on the first N samples; 0 takes all.")
    evaluate: str = setting(
        Choice(("test", "validation")),
        "Samples to test on: the test set, or for validation the last 10,000 training "
        "samples, which are then not trained on.",
    )
    device: str = setting(
        Text("a device of torch", device_text),
        "Device of torch to train on: cpu, cuda, cuda:1, mps or another.",
    )
    amp: bool = setting(
        Flag(), "Compute matrix products in bfloat16 by autocast, neurons in float32."
    )
    threads: int = setting(
        Number("[0, 4096]", integer=True), "CPU threads; 0 leaves the number to torch."
    )

    @cached_property
    def shape(self) -> Shape:
        """The surrogate; it was parsed when the settings were made."""
        return load.parse(self.surrogate).shape

    def with_changes(self, **values: Any) -> Settings:
        """Settings with these values and the rest as here; a ``surrogate`` is a shape."""
        return _made({**asdict(self), "surrogate": self.shape, **values})

    def __getstate__(self) -> dict[str, Any]:
        # Without the shape: a class of a user's file is known to the process only that loaded it.
        return asdict(self)


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


def of_a_run(values: Mapping[str, Any]) -> dict[str, Any]:
    """The settings in a file that a run has, by the names of today."""
    today = {earlier: name for name, earlier in EARLIER_NAMES.items()}
    return {today.get(key, key): value for key, value in values.items()}


def settings_for(task: str, **given: Any) -> Settings:
    """The settings of a task with defaults for what is not given."""
    return _made({**defaults(task), **checked({"task": task, **given}, "settings")})


def _made(values: Mapping[str, Any]) -> Settings:
    """Settings of checked values; the shape goes where ``cached_property`` keeps it."""
    shape = values["surrogate"]
    settings = Settings(**{**values, "surrogate": shape_text(shape)})
    vars(settings)["shape"] = shape
    return settings


def check_applies(settings: Settings, names: Collection[str]) -> None:
    """:class:`SgError` for one of the settings of these names that changes nothing."""
    for name in names:
        where, acts = APPLIES_WHEN.get(name, ("", lambda settings: True))
        if not acts(settings):
            raise SgError(f"{name} changes nothing here", f"it acts with {where}")


def to_toml(settings: Settings) -> str:
    """A file that ``--config`` takes, with the meaning of each line."""
    lines = []
    for f in fields(settings):
        value = getattr(settings, f.name)
        text = json.dumps(list(value) if isinstance(value, tuple) else value, ensure_ascii=False)
        lines.append(f"{f.name} = {text}  # {f.metadata['help']}")
    return "\n".join(lines) + "\n"
