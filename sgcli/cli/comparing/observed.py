"""sg compare --from-run FOLDER: the flow in a trained network, from what its membranes do."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import accumulate
from pathlib import Path
from typing import Any

from sgcli.cli.cells import percent, short, spread
from sgcli.cli.comparing.modes import Compared
from sgcli.cli.console import Talk
from sgcli.cli.formats import Column, Table
from sgcli.errors import SgError


def study(
    shapes: Sequence[Any],
    talk: Talk,
    from_run: Path,
    batch: int,
    verdict: tuple[float, float],
    figure: str,
) -> Compared:
    from sgcli.measure.observe import observe
    from sgcli.measure.stack import through
    from sgcli.theory.flow import judge
    from sgcli.theory.predicted import from_layers, from_stacks
    from sgcli.training.reopen import reopen

    if shapes:
        raise SgError("the surrogate is that of the run", "--from-run takes no names")
    if figure not in FIGURES:
        raise SgError(f"--figure {figure} is none of --from-run", f"it has {', '.join(FIGURES)}")
    run = reopen(from_run, talk.say)
    stack = run.stack()
    x, labels = run.samples(batch)
    seen = observe(run.network, x, len(x))
    found = through(stack, x, run.loss(labels))
    shape = run.shape
    told = from_stacks(shape, run.dynamics(), found.draws)
    gaussian = from_layers(shape, run.dynamics(), found.layers)
    columns = (gaussian.ratios, told.ratios, found.random, found.loss)
    rows = [
        {
            "layer": i,
            "neurons": fed.linear.out_features,
            "mean": one.mean,
            "deviation": one.deviation,
            "rate": one.rate,
            "squared_weights": fed.squared_weights(),
            "gaussian": normal,
            "ratio": ratio,
            "measured": measured or None,
            "off": 100 * (measured / ratio - 1) if measured and ratio else None,
            "of_loss": of_loss or None,
        }
        for i, (fed, one, normal, ratio, measured, of_loss) in enumerate(
            zip(stack, seen, *(ratios[::-1] for ratios in columns), strict=True), 1
        )
    ]
    factor = told.factor or 0.0
    talk.say(
        f"{shape.label} through {len(rows)} layers: predicted factor {short(factor)} "
        f"({judge(factor, verdict)}), measured {short(math.prod(found.random))}, "
        f"of the loss {short(math.prod(found.loss))}"
    )
    extra = {
        "surrogate": shape.label,
        "batch": len(labels),
        "factor": factor,
        "verdict": judge(factor, verdict),
        "gaussian_factor": gaussian.factor,
        "ratio_error": told.error,
        "measured_factor": math.prod(found.random),
        "loss_factor": math.prod(found.loss),
    }
    title = f"{from_run.name}, {len(labels)} test samples, currents as they are"
    return Compared(
        Table(COLUMNS, rows, title, extra),
        lambda style, width, height: FIGURES[figure](
            shape, told, found, seen, style, width, height
        ),
    )


def _layers(shape: Any, told: Any, found: Any, seen: Any, *look: Any) -> Any:
    from sgcli.figures.flow import Trace, norms

    def logs(ratios: Sequence[float]) -> list[float]:
        each = [math.log10(ratio) if ratio else -math.inf for ratio in ratios]
        return list(accumulate(each, initial=0.0))

    trace = Trace(shape, range(len(seen), -1, -1), logs(told.ratios), logs(found.random))
    return norms([trace], "layer (0 is the input)", "gradient norm, 1 at the top", *look)


def _membrane(shape: Any, told: Any, found: Any, seen: Any, *look: Any) -> Any:
    from sgcli.figures.membrane import membrane
    from sgcli.theory.membranes import histogram

    x = {f"layer {i}": one.sample.numpy() for i, one in enumerate(seen, 1)}
    return membrane(histogram(x, [shape]), *look)


FIGURES = {"layers": _layers, "membrane": _membrane}

COLUMNS = [
    Column("layer", "layer", right=True),
    Column("neurons", "neurons", right=True, extra=True),
    Column("mean", "mean of x", show=short, right=True),
    Column("deviation", "sd", show=short, right=True),
    Column("rate", "rate", show=short, right=True),
    Column("squared_weights", "σ_w²", show=short, right=True, extra=True),
    Column("gaussian", "r Gaussian", show=lambda value: spread(value, None), right=True),
    Column("ratio", "r", show=lambda value: spread(value, None), right=True),
    Column("measured", "r measured", show=lambda value: spread(value, None), right=True),
    Column("off", "off by", show=percent, right=True),
    Column("of_loss", "r of the loss", show=lambda value: spread(value, None), right=True),
]
