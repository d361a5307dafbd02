"""What is written is the figure and nothing else."""

from __future__ import annotations

import re

from matplotlib.figure import Figure

from sgcli.figures.save import CLIP, _numbered, render


def test_ids_of_an_svg_do_not_hang_on_the_last_digit_of_a_position() -> None:
    texts = []
    for left in (0.1, 0.1 + 1e-15):
        figure = Figure()
        for bottom in (0.1, 0.6):
            figure.add_axes((left, bottom, 0.8, 0.3)).plot([0, 1])
        texts.append(render(figure, "svg"))
    assert texts[0] == texts[1]
    ids = re.findall(rb'id="(p\d+-[^"]*)"', texts[0])
    assert len(ids) == 2
    assert {*re.findall(rb"url\(#([^)]*)\)", texts[0])} == {*ids}


def test_ids_are_those_of_the_file() -> None:
    one, other = (
        _numbered(b'<g clip-path="url(#p0123456789)"/><clipPath id="p0123456789">%b' % rest)
        for rest in (b"1", b"2")
    )
    assert one[:-1] != other[:-1]
    assert not CLIP.search(one)
