"""The files of a run: their names, and the values that they must have."""

from __future__ import annotations

import itertools
import json
import math
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

Kind = Callable[[Any], bool]

CONFIG, METRICS, RESULT, ABOUT = "config.toml", "metrics.jsonl", "result.json", "run.json"
ACTIVITY = "activity.json"
FIGURES = ("learning", "raster", "membrane")  # each in a .png of its name


def from_json(text: str) -> Any:
    """The value of a JSON text; ValueError also for a lone surrogate, which cannot be printed."""
    value = json.loads(text)
    if "\\ud" in text.lower():
        json.dumps(value, ensure_ascii=False).encode()
    return value


def _text(value: Any) -> bool:
    return isinstance(value, str)


def _count(value: Any) -> bool:
    return type(value) is int and 0 <= value < 2**63


def _positive(value: Any) -> bool:
    return _count(value) and value > 0


def _number(value: Any) -> bool:
    """A float, also one that is not finite, as a loss may be; or an integer within 64 bits."""
    return type(value) is float or (type(value) is int and abs(value) < 2**63)


def _time(value: Any) -> bool:
    """A time in ISO format that exists in the local time zone, too."""
    try:
        return bool(datetime.fromisoformat(value).astimezone())
    except (TypeError, ValueError, OverflowError, OSError):
        return False


def _edges(value: Any) -> bool:
    """The edges of at least one bin, in rising order."""
    numbers = _several(_number, 2)(value) and all(map(math.isfinite, value))
    return numbers and all(a < b for a, b in itertools.pairwise(value))


def _measured(value: Any) -> bool:
    return value is None or _number(value)


def _several(kind: Kind, least: int = 0) -> Kind:
    return lambda v: isinstance(v, list) and len(v) >= least and all(map(kind, v))


def _named(kind: Kind) -> Kind:
    return lambda v: isinstance(v, dict) and all(map(kind, v.values()))


def _having(**kinds: Kind) -> Kind:
    return lambda v: isinstance(v, dict) and all(k in v and kinds[k](v[k]) for k in kinds)


# The values in the files of a run. They are checked, because people may have edited the files.
KINDS: dict[str, dict[str, Kind]] = {
    RESULT: {
        "accuracy": _measured, "loss": _measured, "firing_rate": _several(_number),
        "samples_per_second": _number, "seconds": _number, "path": _text, "diverged": _text,
        "finished": _time,
    },
    ABOUT: {
        "identity": _having(
            task=_text, surrogate=_text, seed=_count,
            evaluate=lambda v: v in ("test", "validation"),
        ),
        "settings": _having(task=_text, surrogate=_text, seed=_count),
        "steps": _count, "steps_per_epoch": _positive, "started": _time,
        "command": _text, "versions": _named(_text),
    },
    METRICS: {
        "kind": _text, "epoch": _count, "step": _count, "loss": _number, "accuracy": _number,
        "firing_rate": _several(_number), "samples_per_second": _number, "seconds": _number,
        "gradient_norm": _named(_number),
    },
    ACTIVITY: {
        "surrogate": _text, "steps": _positive, "label": _count, "edges": _edges,
        "layers": _several(
            _having(
                name=_text, size=_positive, every=_positive, spikes=_several(_several(_count, 2)),
                rate=_number, mean=_number, deviation=_number, share=_several(_number),
            ),
            1,
        ),
    },
}  # fmt: skip
# Keys that some lines of metrics, or files of earlier versions, do not have.
OPTIONAL = {"gradient_norm", "finished"}


def wrong_in(name: str, content: Any) -> str:
    """The keys of a file that are missing or have a wrong value; empty if there are none."""
    if not isinstance(content, dict):
        return "no object"
    kinds = KINDS[name]
    # Earlier versions wrote little more than the identity of a run.
    earlier = name == ABOUT and "settings" not in content
    needed = {"identity"} if earlier else kinds.keys() - OPTIONAL
    wrong = needed - content.keys()
    wrong |= {k for k in kinds.keys() & content if not kinds[k](content[k])}
    if name == ACTIVITY and not wrong:
        bins = len(content["edges"]) - 1
        wrong = {"share" for layer in content["layers"] if len(layer["share"]) != bins}
    return ", ".join(sorted(wrong))


def alike(trained: Sequence[Mapping[str, Any]]) -> bool:
    """Whether every line has at least the layers of the first one, as figures need."""
    first: Mapping[str, Any] = trained[0] if trained else {}
    rates, norms = len(first.get("firing_rate", [])), first.get("gradient_norm", {}).keys()
    return all(
        len(line["firing_rate"]) >= rates and norms <= line.get("gradient_norm", {}).keys()
        for line in trained
    )
