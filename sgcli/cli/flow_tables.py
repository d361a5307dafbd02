"""The table of sg flow."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sgcli.cli.cells import params, percent, short, spread
from sgcli.cli.formats import Column, Table

if TYPE_CHECKING:
    from sgcli.studies.flow_predicted import Flow, Setting, SurrogateFlow

BLOCKS = {"none": "layers", "sew": "SEW blocks"}


def surrogates(flow: Flow, predict: bool) -> Table:
    """A row a surrogate; in json also the numbers that figures show."""
    rows = [_row(one, flow.setting) for one in flow.flows]
    given = {k: v for k, v in vars(flow.setting).items() if k != "dynamics"}
    numbers = [_numbers(one) for one in flow.flows]
    extra = {**given, "neuron": vars(flow.setting.dynamics), "flows": numbers}
    noted = any(row["note"] for row in rows)
    columns = _columns(flow.setting, predict) + ([Column("note", "note")] if noted else [])
    return Table(columns, rows, _title(flow.setting, predict), extra)


def _row(one: SurrogateFlow, setting: Setting) -> dict[str, Any]:
    predicted, measured = one.predicted, one.measured
    return {
        "name": one.shape.name,
        "parameters": one.shape.params,
        "ratio": predicted.ratio,
        "ratio_error": predicted.error,
        "measured": measured.ratio.mean if measured else None,
        "measured_deviation": measured.ratio.deviation if measured else None,
        "off": one.off,
        "factor": predicted.factor,
        "measured_factor": measured.factor if measured else None,
        "through_time": predicted.profile[0] if predicted.profile else None,
        "measured_through_time": measured.profile[0].mean if measured else None,
        "worst": predicted.worst,
        "verdict": one.verdict,
        "currents": _currents(setting),
        "note": one.note,
    }


def _numbers(one: SurrogateFlow) -> dict[str, Any]:
    """What a figure shows of a surrogate: layers from the top down."""
    numbers: dict[str, Any] = {
        "surrogate": one.shape.label,
        "ratios": one.predicted.ratios,
        "profile": one.predicted.profile,
        "profile_error": one.predicted.profile_error,
    }
    if one.measured:
        for name in ("log_norms", "profile"):
            spreads = getattr(one.measured, name)
            numbers[f"measured_{name}"] = [s.mean for s in spreads]
            numbers[f"measured_{name}_deviation"] = [s.deviation for s in spreads]
    return numbers


def _currents(setting: Setting) -> str:
    return "standardised" if setting.normalise else "as they are"


def _title(setting: Setting, predict: bool) -> str:
    """``20 layers, mu -0.5, currents standardised; 5 networks of 512 units, batch 512``."""
    parts = [f"{setting.depth} {BLOCKS[setting.block]}, mu {setting.mu:g}"]
    one = setting.dynamics
    if one.time > 1:
        kind = "IF" if one.keep == 1 else f"LIF tau {1 / (1 - one.keep):g}"
        detached = "detached" if one.detach_reset else "not detached"
        parts.append(f"{one.time} steps of {kind}, {one.reset} reset {detached}")
    parts.append(f"currents {_currents(setting)}")
    if not predict:
        parts.append(f"{setting.seeds} networks of {setting.units} units, batch {setting.batch}")
    return "; ".join(parts)


def _columns(setting: Setting, predict: bool) -> list[Column]:
    factor, several = f"r^{setting.depth}", setting.dynamics.time > 1
    columns = [
        Column("name", "surrogate", style="bold"),
        Column("parameters", "parameters", show=params, extra=True),
        Column("ratio", "r", show=spread, right=True, more=("ratio_error",)),
        Column("measured", "r measured", show=spread, right=True, more=("measured_deviation",)),
        Column("off", "off by", show=percent, right=True),
        Column("factor", factor, show=short, right=True),
        Column("measured_factor", f"{factor} measured", show=short, right=True, extra=True),
        Column("through_time", "in time", show=short, right=True),
        Column("measured_through_time", "in time measured", show=short, right=True, extra=True),
        Column("verdict", "verdict"),
        Column("worst", "at worst", show=short, right=True, extra=True),
        Column("currents", "currents", extra=True),
    ]
    left_out = {"measured", "off", "measured_factor", "measured_through_time"} if predict else set()
    left_out |= set() if several else {"through_time", "measured_through_time"}
    return [column for column in columns if column.key not in left_out]
