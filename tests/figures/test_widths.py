"""Every kind of figure fits one column (3.3 inches) and two (7), in every style."""

from __future__ import annotations

from typing import Any

import pytest
from matplotlib.figure import Figure

from sgcli.figures import save
from sgcli.figures.look import applied
from sgcli.figures.style import STYLES
from tests.cli.run import sg
from tests.figures.texts import faults

KINDS = {
    "one": "plot atan",
    "overlay": "plot sigmoid soft_sign atan erf",
    "without primitive": "plot atan poisson_pass sso",
    "family": "plot sigmoid --alpha 1,2,5,10",
    "gradients": "plot sigmoid --alpha 1,2,5,10 --curves gradient",
    "log": "plot sigmoid soft_sign atan --log",
    "all": "plot all",
    "comparison": "compare sigmoid soft_sign atan erf",
    "comparison of all": "compare all",
    "flow": "flow sigmoid soft_sign atan --predict",
    "heat map": "flow sigmoid soft_sign atan --predict --figure heatmap",
    "time": "flow sigmoid atan --predict --time 5 --figure time",
    "membrane": "flow sigmoid soft_sign atan --predict --figure membrane",
    "flow of all": "flow all --predict --depth 6",
    "loop": "bias loop --beta-sg 1,5,20",
    "signs": "bias sign",
    "escape": "bias escape sigmoid atan",
    "finite differences": "bias fd sigmoid atan erf soft_sign --seeds 2",
}
QUICK = ("one", "overlay", "without primitive", "comparison", "heat map", "loop")


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("width", ["3.3", "7"])
@pytest.mark.parametrize(
    "kind",
    [pytest.param(k, marks=() if k in QUICK else pytest.mark.slow) for k in KINDS],
)
def test_no_text_is_cut_off_or_covered(
    kind: str, width: str, style: str, capsys: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn: list[Figure] = []
    render = save.render

    def remember(figure: Figure, *args: Any, **given: Any) -> bytes:
        drawn.append(figure)
        return render(figure, *args, **given)

    monkeypatch.setattr(save, "render", remember)
    words = [*KINDS[kind].split(), "--width", width, "--style", style, "-o", "a.png", "-q"]
    assert sg(capsys, *words).status == 0
    with applied(STYLES[style]):
        assert faults(drawn[0]) == []


def test_a_surrogate_without_a_primitive_is_named_so(
    capsys: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn: list[Figure] = []
    render = save.render
    monkeypatch.setattr(save, "render", lambda f, *a, **k: drawn.append(f) or render(f, *a, **k))
    sg(capsys, "plot", "atan", "sso", "-o", "a.png")
    labels = [text.get_text() for text in drawn[0].legends[0].get_texts()]
    assert any(label.startswith("sso") and "(no primitive)" in label for label in labels)
    assert not any(label.startswith("atan") and "(no primitive)" in label for label in labels)
