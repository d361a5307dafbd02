"""sg compare NAMES --depth L: what becomes of gradients, predicted and measured."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sgcli.cli.cells import params, percent, short, spread
from sgcli.cli.comparing import flow_figures
from sgcli.cli.comparing.modes import Compared
from sgcli.cli.console import Talk
from sgcli.cli.formats import Column, Table
from sgcli.errors import SgError


@dataclass(frozen=True)
class Setting:
    """What all rows of the table have in common."""

    depth: int
    dynamics: Any
    mu: float
    width: int
    batch: int
    seeds: int
    normalise: bool
    block: Any
    verdict: tuple[float, float]

    @property
    def currents(self) -> str:
        return "standardised" if self.normalise else "as they are"

    def network(self, shape: Any) -> Any:
        """The network that is measured."""
        from sgcli.measure.flow import network_of

        how: dict[str, Any] = {
            k: getattr(self, k) for k in ("width", "batch", "normalise", "block")
        }
        return network_of(shape, self.dynamics, self.depth, self.mu, **how)


@dataclass(frozen=True)
class Found:
    """The flow of a surrogate; ``measured`` is None where nothing was, ``note`` says why."""

    predicted: Any
    measured: Any
    note: str

    @property
    def shape(self) -> Any:
        return self.predicted.shape


def study(
    shapes: Sequence[Any],
    talk: Talk,
    depth: int,
    time: int,
    tau: float,
    neuron: Any,
    reset: Any,
    detach_reset: bool,
    mu: float,
    width: int,
    batch: int,
    seeds: int,
    normalise: bool,
    block: Any,
    verdict: tuple[float, float],
    predict: bool,
    figure: str,
) -> Compared:
    from sgcli.theory.currents import Dynamics

    if verdict[0] >= verdict[1]:
        raise SgError(f"--verdict {verdict[0]:g},{verdict[1]:g} is out of order", "LO,HI")
    if predict and not normalise:
        raise SgError("only a network shows its currents as they are", "leave out --predict")
    dynamics = Dynamics.of(time, tau, neuron, reset, detach_reset)
    setting = Setting(depth, dynamics, mu, width, batch, seeds, normalise, block, verdict)
    flow_figures.check(figure, setting)
    found = []
    for i, shape in enumerate(shapes, 1):
        if not predict and len(shapes) > 1:
            talk.step(f"{i}/{len(shapes)}  {shape.label}")
        found.append(_flow(shape, setting, predict))
    talk.stepped()
    rows = [_row(one, setting) for one in found]
    extra = {**_settings(setting), "flows": [_numbers(one) for one in found]}
    return Compared(
        Table(_columns(rows, setting, predict), rows, _title(setting, predict), extra),
        lambda style, width, height: flow_figures.draw(
            figure, found, setting, talk, predict, style, width, height
        ),
    )


def _flow(shape: Any, setting: Setting, predict: bool) -> Found:
    from sgcli.theory.predicted import predicted

    told = predicted(shape, setting.dynamics, setting.depth, setting.mu, setting.block)
    if predict or told.note:
        return Found(told, None, told.note)
    from sgcli.measure.flow import from_membranes, measure

    network = setting.network(shape)
    if not setting.normalise:
        told = from_membranes(network, setting.seeds)
    measured = measure(network, setting.seeds)
    if not measured.ratio.mean:
        return Found(told, None, "not measured: in the network the gradient became exactly 0")
    return Found(told, measured, "")


def _row(one: Found, setting: Setting) -> dict[str, Any]:
    told, seen = one.predicted, one.measured
    ratio = seen.ratio.mean if seen else None
    off = 100 * (ratio / told.ratio - 1) if ratio and told.ratio else None
    return {
        "name": one.shape.name,
        "parameters": one.shape.params,
        "ratio": told.ratio,
        "ratio_error": told.error,
        "measured": ratio,
        "measured_deviation": seen.ratio.deviation if seen else None,
        "off": off,
        "factor": told.factor,
        "measured_factor": seen.factor if seen else None,
        "through_time": told.profile[0] if told.profile else None,
        "measured_through_time": seen.profile[0].mean if seen else None,
        "worst": told.worst,
        "verdict": _verdict(told.factor, setting.verdict),
        "currents": setting.currents,
        "note": one.note,
    }


def _verdict(factor: float | None, bounds: tuple[float, float]) -> str | None:
    from sgcli.theory.flow import judge

    return None if factor is None else judge(factor, bounds)


def _numbers(one: Found) -> dict[str, Any]:
    """What a figure shows of a surrogate, for json: layers from the top down."""
    told, seen = one.predicted, one.measured
    found: dict[str, Any] = {
        "surrogate": one.shape.label,
        "ratios": told.ratios,
        "profile": told.profile,
        "profile_error": told.profile_error,
    }
    if seen:
        for name in ("log_norms", "profile"):
            spreads = getattr(seen, name)
            found[f"measured_{name}"] = [s.mean for s in spreads]
            found[f"measured_{name}_deviation"] = [s.deviation for s in spreads]
    return found


def _settings(setting: Setting) -> dict[str, Any]:
    given = {k: v for k, v in vars(setting).items() if k != "dynamics"}
    return {**given, "neuron": vars(setting.dynamics)}


def _title(setting: Setting, predict: bool) -> str:
    """``20 layers, mu -0.5, currents standardised; 5 networks of width 512, batch 512``."""
    parts = [f"{setting.depth} {NAMES[setting.block]}, mu {setting.mu:g}"]
    one = setting.dynamics
    if one.time > 1:
        kind = "IF" if one.keep == 1 else f"LIF tau {1 / (1 - one.keep):g}"
        detached = "detached" if one.detach_reset else "not detached"
        parts.append(f"{one.time} steps of {kind}, {one.reset} reset {detached}")
    parts.append(f"currents {setting.currents}")
    if not predict:
        parts.append(f"{setting.seeds} networks of width {setting.width}, batch {setting.batch}")
    return "; ".join(parts)


NAMES = {"none": "layers", "sew": "SEW blocks"}


def _columns(rows: Sequence[Any], setting: Setting, predict: bool) -> list[Column]:
    several = setting.dynamics.time > 1
    measured = [
        Column("measured", "r measured", show=spread, right=True, more=("measured_deviation",)),
        Column("off", "off by", show=percent, right=True),
    ]
    factor = [
        Column("measured_factor", f"r^{setting.depth} measured", show=short, right=True, extra=True)
    ]
    through = [
        Column("through_time", "in time", show=short, right=True),
        Column("measured_through_time", "in time measured", show=short, right=True, extra=True),
    ]
    return [
        Column("name", "surrogate", style="bold"),
        Column("parameters", "parameters", show=params, extra=True),
        Column("ratio", "r", show=spread, right=True, more=("ratio_error",)),
        *([] if predict else measured),
        Column("factor", f"r^{setting.depth}", show=short, right=True),
        *([] if predict else factor),
        *(through[: 1 if predict else 2] if several else []),
        Column("verdict", "verdict"),
        Column("worst", "at worst", show=short, right=True, extra=True),
        Column("currents", "currents", extra=True),
        *([Column("note", "note")] if any(row["note"] for row in rows) else []),
    ]
