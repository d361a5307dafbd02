"""The table of sg flow."""

from __future__ import annotations

from statistics import NormalDist
from typing import TYPE_CHECKING, Any

from sgcli.cli.cells import params, percent, short, spread
from sgcli.cli.formats import Column, Table
from sgcli.theory.flow import SILENT

if TYPE_CHECKING:
    from sgcli.studies.flow_predicted import Flow, Setting, SurrogateFlow

BLOCKS = {"none": "layers", "sew": "SEW blocks"}


def surrogates(flow: Flow, predict: bool) -> Table:
    """One row per surrogate; json also has the numbers of the figures."""
    rows = [_row(each, flow.setting) for each in flow.flows]
    setting = {k: v for k, v in vars(flow.setting).items() if k != "dynamics"}
    numbers = [_numbers(each) for each in flow.flows]
    extra = {**setting, "neuron": vars(flow.setting.dynamics), "flows": numbers}
    noted = any(row["note"] for row in rows)
    columns = _columns(flow.setting, predict) + ([Column("note", "note")] if noted else [])
    return Table(columns, rows, _title(flow.setting, predict), extra)


def silence(setting: Setting) -> str:
    """What is to be said of layers that hardly fire; empty for others."""
    rate = NormalDist().cdf(setting.mu)
    if rate >= SILENT or not setting.normalise:
        return ""
    return (
        f"at mu = {setting.mu:g} neurons fire with {rate:.1g} per step: the layers are silent, and "
        f"r is that of weights whose variance is scaled by 1/(p(1 − p)) = {1 / rate:.1g}"
    )


def _row(flow: SurrogateFlow, setting: Setting) -> dict[str, Any]:
    predicted, measured = flow.predicted, flow.measured
    return {
        "name": flow.shape.name,
        "parameters": flow.shape.params,
        "ratio": predicted.ratio,
        "ratio_error": predicted.error,
        "measured": measured.ratio.mean if measured else None,
        "measured_deviation": measured.ratio.deviation if measured else None,
        "relative_error": flow.relative_error,
        "factor": predicted.factor,
        "measured_factor": measured.factor if measured else None,
        "temporal_factor": predicted.profile[0] if predicted.profile else None,
        "measured_temporal_factor": measured.profile[0].mean if measured else None,
        "verdict": flow.verdict,
        "currents": _currents(setting),
        "note": flow.note,
    }


def _numbers(flow: SurrogateFlow) -> dict[str, Any]:
    """The numbers of the figures: layers from the top down."""
    numbers: dict[str, Any] = {
        "surrogate": flow.shape.label,
        "ratios": flow.predicted.ratios,
        "profile": flow.predicted.profile,
        "profile_error": flow.predicted.profile_error,
    }
    if flow.measured:
        for name in ("log_norms", "profile"):
            spreads = getattr(flow.measured, name)
            numbers[f"measured_{name}"] = [s.mean for s in spreads]
            numbers[f"measured_{name}_deviation"] = [s.deviation for s in spreads]
    return numbers


def _currents(setting: Setting) -> str:
    return "standardised" if setting.normalise else "as they are"


def _title(setting: Setting, predict: bool) -> str:
    """``20 layers, mu -0.5, currents standardised; 5 networks of 512 units, batch 512``."""
    parts = [f"{setting.depth} {BLOCKS[setting.block]}, mu {setting.mu:g}"]
    neuron = setting.dynamics
    if neuron.time > 1:
        kind = "IF" if neuron.keep == 1 else f"LIF tau {1 / (1 - neuron.keep):g}"
        detached = "detached" if neuron.detach_reset else "not detached"
        parts.append(f"{neuron.time} steps of {kind}, {neuron.reset} reset {detached}")
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
        Column("relative_error", "error", show=percent, right=True),
        Column("factor", factor, show=short, right=True),
        Column("measured_factor", f"{factor} measured", show=short, right=True, extra=True),
        Column("temporal_factor", "temporal factor", show=short, right=True),
        Column("measured_temporal_factor", "temporal factor measured", show=short, right=True,
               extra=True),
        Column("verdict", "verdict", meaning="whether that factor lies within --bounds"),
        Column("currents", "currents", extra=True),
    ]  # fmt: skip
    if predict:
        columns = [c for c in columns if c.key != "relative_error" and "measured" not in c.key]
    return [c for c in columns if several or "temporal" not in c.key]
