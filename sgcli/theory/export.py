"""The numbers of sampled curves as csv text and as plain objects for json."""

from __future__ import annotations

import csv
import io
import itertools
from collections.abc import Sequence
from typing import Any

from sgcli.theory.curves import CURVES, Sampled

# What the backward pass returns is called the gradient wherever people read it.
WORD = {"forward": "forward", "primitive": "primitive", "derivative": "gradient"}


def to_csv(sampled: Sequence[Sampled]) -> str:
    """One row a shape and point: ``surrogate,x`` and the curves, empty where a shape has none."""
    there = [c for c in CURVES if any(c in one.y for one in sampled)]
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["surrogate", "x", *(WORD[c] for c in there)])
    for one in sampled:
        columns = [one.y[c].tolist() if c in one.y else [""] * len(one.x) for c in there]
        label = itertools.repeat(one.shape.label, len(one.x))
        writer.writerows(zip(label, one.x.tolist(), *columns, strict=True))
    return text.getvalue()


def to_objects(sampled: Sequence[Sampled]) -> list[dict[str, Any]]:
    """One object a shape: its parameters, ``x``, the curves, and the jumps of each curve."""
    return [
        {
            "surrogate": one.shape.label,
            "name": one.shape.name,
            "parameters": one.shape.params,
            "x": one.x.tolist(),
            **{WORD[c]: y.tolist() for c, y in one.y.items()},
            "jumps": {WORD[c]: [vars(j) for j in result] for c, result in one.jumps.items()},
        }
        for one in sampled
    ]
