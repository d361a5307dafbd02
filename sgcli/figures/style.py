"""How figures look: one :class:`Style` each for default, paper, slides and dark."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

# Okabe and Ito's colours, which readers with any of the common colour-vision deficiencies tell
# apart; the yellow is for dark backgrounds only, it vanishes on white.
BLUE, VERMILION, GREEN, PURPLE = "#0072B2", "#D55E00", "#009E73", "#CC79A7"
ORANGE, SKY, YELLOW = "#E69F00", "#56B4E9", "#F0E442"

DASHES: tuple[Any, ...] = (
    "-",
    (0, (5, 1.6)),
    (0, (1.2, 1.2)),
    (0, (6, 1.5, 1.2, 1.5)),
    (0, (3, 1.2, 1, 1.2, 1, 1.2)),
)


@dataclass(frozen=True)
class Style:
    """Size in inches, resolution, colours and matplotlib parameters of a figure."""

    width: float
    height: float
    dpi: int
    ink: str
    forward: str
    primitive: str
    gradient: str
    cycle: tuple[str, ...]
    ramp: tuple[float, float]  # the part of viridis that stands out from the background
    rc: Mapping[str, Any]

    @property
    def narrow(self) -> bool:
        """Whether it is made for one column of a journal, where panels stand one above another."""
        return self.width < 5

    def color(self, curve: str) -> str:
        return {
            "forward": self.forward,
            "primitive": self.primitive,
            "derivative": self.gradient,
        }[curve]


def _rc(ink: str, paper: str, grid: str, size: float, line: float, **more: Any) -> dict[str, Any]:
    return {
        "font.family": ["DejaVu Sans"],
        "font.size": size,
        "axes.titlesize": size * 1.1,
        "axes.labelsize": size,
        "xtick.labelsize": size * 0.9,
        "ytick.labelsize": size * 0.9,
        "legend.fontsize": size * 0.9,
        "lines.linewidth": line,
        "lines.markersize": 3 * line,
        "lines.dash_capstyle": "butt",
        "lines.solid_capstyle": "butt",
        "lines.scale_dashes": True,
        "axes.linewidth": line * 0.45,
        "axes.edgecolor": ink,
        "axes.labelcolor": ink,
        "axes.titlecolor": ink,
        "axes.facecolor": paper,
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.axisbelow": True,
        "axes.grid": True,
        "grid.color": grid,
        "grid.linewidth": line * 0.4,
        "figure.facecolor": paper,
        "text.color": ink,
        "xtick.color": ink,
        "ytick.color": ink,
        "xtick.major.width": line * 0.45,
        "ytick.major.width": line * 0.45,
        "legend.frameon": False,
        "legend.handlelength": 2.6,
        "svg.hashsalt": "sgcli",
        "svg.fonttype": "path",
        **more,
    }


_CYCLE = (BLUE, VERMILION, GREEN, PURPLE, ORANGE, SKY, "#000000")
_LIGHT: dict[str, Any] = {
    "ink": "#222222",
    "forward": "#555555",
    "primitive": BLUE,
    "gradient": VERMILION,
    "cycle": _CYCLE,
    "ramp": (0.0, 0.85),
}

STYLES: dict[str, Style] = {
    "default": Style(6.4, 4.2, 150, rc=_rc("#222222", "white", "#dddddd", 10, 1.8), **_LIGHT),
    "paper": Style(
        # One column of a journal; TrueType, because some publishers refuse Type 3 fonts.
        3.5,
        2.5,
        300,
        rc=_rc("#000000", "white", "#e4e4e4", 7, 1.1, **{"pdf.fonttype": 42}),
        **{**_LIGHT, "ink": "#000000"},
    ),
    "slides": Style(10.0, 5.625, 150, rc=_rc("#222222", "white", "#dddddd", 17, 3.2), **_LIGHT),
    "dark": Style(
        6.4,
        4.2,
        150,
        ink="#e6e6e6",
        forward="#b4b4b4",
        primitive=SKY,
        gradient=ORANGE,
        cycle=(SKY, ORANGE, "#2CC39B", PURPLE, YELLOW, "#FF7F3F", "#FFFFFF"),
        ramp=(0.3, 1.0),
        rc=_rc("#e6e6e6", "#16181d", "#343842", 10, 1.8),
    ),
}


LEAST_SIZE = 7  # points: letters that a journal still prints
SIZES = {key for key in STYLES["default"].rc if re.search("size$|width$", key)}


@dataclass(frozen=True)
class Sheet:
    """What a figure is drawn on: a style by its name, and inches where they are not the style's."""

    name: str = "default"
    width: float | None = None
    height: float | None = None

    @property
    def style(self) -> Style:
        """The style, with smaller letters and lines on a sheet narrower than it is made for."""
        style = STYLES[self.name]
        if self.width is None:
            return style
        ratio = min(1.0, self.width / style.width)
        scale = min(1.0, max(ratio, LEAST_SIZE / style.rc["font.size"]))
        rc = {k: v * scale if k in SIZES else v for k, v in style.rc.items()}
        # Labels of the vertical axis need a height that follows the letters.
        height = max(style.height * ratio, min(style.height, 0.8 * self.width))
        return replace(style, width=self.width, height=height, rc=rc)


DEFAULT = Sheet()
