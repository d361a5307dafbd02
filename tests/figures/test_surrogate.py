"""The figures of sg plot."""

from __future__ import annotations

import itertools

import matplotlib
import pytest

from sgcli.definitions import REGISTRY, Definition, Shape
from sgcli.figures import words
from sgcli.figures.formats import FORMATS, format_of
from sgcli.figures.look import looks
from sgcli.figures.save import render
from sgcli.figures.style import STYLES, Sheet
from sgcli.figures.surrogate import MOST_OVERLAID, plot
from sgcli.theory.curves import CURVES, sample
from tests.strategies import DEFINITIONS, WITH_PRIMITIVE, name_of

MAGIC = {"png": b"\x89PNG\r\n\x1a\n", "pdf": b"%PDF-", "svg": b"<?xml"}
CHOICES = [c for n in (1, 2, 3) for c in itertools.combinations(CURVES, n)]
SEED = Shape.of(REGISTRY["sigmoid"], alpha=5)


def texts(figure):
    from matplotlib.text import Text

    return [t.get_text() for t in figure.findobj(Text) if t.get_text()]


@pytest.mark.parametrize("definition", WITH_PRIMITIVE, ids=name_of)
def test_every_entry_plots(definition):
    """In all curves, and each in another choice of them; warnings are errors."""
    for choice, log in ((CURVES, False), (CHOICES[len(definition.name) % len(CHOICES)], True)):
        figure = plot([sample(Shape.of(definition), points=21, which=choice)], log=log)
        figure.draw_without_rendering()
        (axes,) = figure.axes
        assert len(axes.get_legend_handles_labels()[1]) == len(choice)


@pytest.mark.parametrize("log", [False, True])
@pytest.mark.parametrize("choice", CHOICES, ids="-".join)
def test_up_to_eight_share_a_panel_for_primitives_and_one_for_gradients(choice, log):
    sampled = [
        sample(Shape.of(d), points=21, which=choice) for d in WITH_PRIMITIVE[-MOST_OVERLAID:]
    ]
    figure = plot(sampled, log=log)
    figure.draw_without_rendering()
    assert len(figure.axes) == len(set(choice) - {"forward"} or choice)
    (legend,) = figure.legends
    _, labels = words.family([one.shape for one in sampled])
    assert [t.get_text() for t in legend.get_texts()][:MOST_OVERLAID] == labels


@pytest.mark.parametrize("log", [False, True])
@pytest.mark.parametrize("choice", [CURVES, ("derivative",)], ids="-".join)
def test_all_entries_get_a_panel_each(choice, log):
    figure = plot([sample(Shape.of(d), points=21, which=choice) for d in DEFINITIONS], log=log)
    figure.draw_without_rendering()
    headings = [axes.get_title().split("\n")[0] for axes in figure.axes if axes.lines]
    assert headings == [d.name for d in DEFINITIONS]


def test_the_seed_figure_says_what_it_has_to():
    figure = plot([sample(SEED)])
    (axes,) = figure.axes
    assert axes.get_xlim() == (-2.5, 2.5)
    assert "alpha = 5" in axes.get_title()
    assert axes.get_xlabel()
    assert axes.get_ylabel()
    assert "peak 1.25" in texts(figure)
    assert [t.get_text() for t in axes.get_legend().get_texts()] == [
        "Heaviside Θ(x)",
        "primitive σ(x)",
        "gradient σ′(x)",
    ]
    (dotted,) = [line for line in axes.lines if line.get_linestyle() == ":"]
    assert set(dotted.get_ydata()) == {1.0}
    assert all(line.get_visible() for line in axes.get_xgridlines() + axes.get_ygridlines())


def test_the_end_of_a_range_is_not_called_a_peak():
    assert not any("peak" in t for t in texts(plot([sample(SEED, 0.5, 2)])))
    assert "peak 1.25" in texts(plot([sample(SEED, -0.1, 2)]))


@pytest.mark.parametrize("log", [False, True])
@pytest.mark.parametrize("alpha", [1e-300, 1e308])
def test_extreme_parameters_draw_without_warnings(alpha, log):
    if log and alpha > 1 and matplotlib.__version_info__ < (3, 9):
        pytest.skip("this matplotlib cannot label a log axis that ends near the largest float")
    shape = Shape.of(REGISTRY["sigmoid"], alpha=alpha)
    assert render(plot([sample(shape)], log=log), "svg")


@pytest.mark.parametrize("definition", DEFINITIONS, ids=name_of)
def test_a_forward_pass_that_is_no_step_is_not_called_one(definition):
    shape = Shape.of(definition)
    step = sample(shape).is_step
    for sampled in ([sample(shape)], [sample(shape), sample(shape, points=5)]):
        assert any("Heaviside" in t for t in texts(plot(sampled))) == step


def test_a_family_is_titled_by_what_its_members_share():
    definition = REGISTRY["s2nn"]
    family = [Shape.of(definition, alpha=a, beta=2) for a in (1, 2, 5)]
    figure = plot([sample(s) for s in family])
    assert "S2NN surrogate function, beta = 2" in texts(figure)
    (legend,) = figure.legends
    labels = [t.get_text() for t in legend.get_texts()]
    assert labels == ["alpha = 1", "alpha = 2", "alpha = 5", "Heaviside Θ(x)"]


@pytest.mark.parametrize("style", STYLES)
def test_lines_differ_in_dashes_where_colours_are_the_same(style):
    for ordered in (False, True):
        found = [(str(k["color"]), str(k["linestyle"])) for k in looks(STYLES[style], 30, ordered)]
        assert len(set(found)) == 30
        neighbours = itertools.pairwise(found)
        assert all(a[0] != b[0] and a[1] != b[1] for a, b in neighbours)


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("format", FORMATS)
def test_equal_figures_are_equal_files(format, style):
    def draw():
        shapes = [SEED, Shape.of(REGISTRY["rect"])]
        figure = plot([sample(s) for s in shapes], Sheet(style))
        return render(figure, format, style, command="sg plot")

    first = draw()
    with matplotlib.rc_context({"lines.linewidth": 9, "font.size": 3, "svg.hashsalt": None}):
        assert draw() == first
    assert first.startswith(MAGIC[format])
    assert b"sg plot" in first


def test_drawing_leaves_the_settings_of_the_user_alone():
    with matplotlib.rc_context({"lines.linewidth": 9}):
        before = dict(matplotlib.rcParams)
        render(plot([sample(SEED)], Sheet("dark")), "png", "dark")
        assert dict(matplotlib.rcParams) == before


def test_a_png_has_the_size_that_was_asked_for():
    data = render(plot([sample(SEED)], Sheet(width=4, height=3)), "png", dpi=50)
    assert (int.from_bytes(data[16:20]), int.from_bytes(data[20:24])) == (200, 150)


@pytest.mark.parametrize("name", ["a.gif", "a", ".png", "a.png.txt"])
def test_a_suffix_that_is_no_format_is_refused(name):
    from pathlib import Path

    from sgcli.errors import SgError

    with pytest.raises(SgError, match="suffix"):
        format_of(Path(name))


def test_more_pixels_than_memory_are_refused():
    from sgcli.errors import SgError

    with pytest.raises(SgError, match="pixels"):
        render(plot([sample(SEED)], Sheet(width=100, height=100)), "png", dpi=2400)


def test_labels_of_shapes_of_several_definitions_have_all_parameters():
    shapes = [SEED, Shape.of(REGISTRY["leaky_k_relu"]), Shape.of(REGISTRY["deterministic_pass"])]
    title, labels = words.family(shapes)
    assert title == ""
    assert labels == ["sigmoid, alpha = 5", "leaky_k_relu, leak = 0, k = 1", "deterministic_pass"]


class Bare(Definition, name="bare"):
    """A gradient without a primitive."""

    no_primitive = "for the test"

    @staticmethod
    def derivative(m, x):
        return 1


def test_a_legend_leaves_out_what_no_panel_shows():
    sampled = [
        sample(Shape.of(d), points=21, which=("forward", "primitive"))
        for d in (Bare, REGISTRY["sigmoid"])
    ]
    (legend,) = plot(sampled).legends
    assert not any("bare" in t.get_text() and "Θ" not in t.get_text() for t in legend.get_texts())
