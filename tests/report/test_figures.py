"""Every figure keeps its words inside and apart, with one source and with many of long names."""

import itertools

import pytest
from matplotlib.text import Text
from tests.report.conftest import make_run, sample
from tests.report.parsing import elements

from mmfinereason.report.facts import gather_facts
from mmfinereason.report.figures import FIGURES, beside
from mmfinereason.report.figures.beside import Pair
from mmfinereason.report.figures.drawing import NARROW, WIDE, drawn, styled
from mmfinereason.report.paper_sources import paper_sources

DOMAINS = ["Mathematics", "Science", "Puzzle/Game", "General/OCR"]


def rows_of(names, each=5):
    return [
        sample(step, name, DOMAINS[number % 4], id=f"{name}/{number}-{step}")
        for number, name in enumerate(names)
        for step in range(each if len(names) > 1 else 400)
    ]


NAMES = {
    "one": ["puzzles"],
    "paper": list(paper_sources()),
    "long": [f"FineVision-visualwebinstruct(filtered)-of-a-long-name-{number:02d}" for number in range(22)],
    "odd": ["", "$x_1$", "名前" * 20, "a b " * 40, "<b>&amp;</b>"],
}


@pytest.fixture(scope="module", params=NAMES)
def facts(request, tmp_path_factory):
    folder = tmp_path_factory.mktemp("figures") / request.param
    return gather_facts(make_run(folder, rows_of(NAMES[request.param])))


def words(figure):
    """The texts that a figure really draws, with their places in pixels."""
    drawn, draw = [], Text.draw

    def record(text, renderer):
        drawn.append(text)
        draw(text, renderer)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Text, "draw", record)
        figure.draw_without_rendering()
    return [(one.get_text(), one.get_window_extent()) for one in drawn if one.get_visible() and one.get_text().strip()]


def assert_legible(figure):
    found = words(figure)
    width, height = figure.bbox.width, figure.bbox.height
    for text, box in found:
        assert box.x0 > -1 and box.y0 > -1 and box.x1 < width + 1 and box.y1 < height + 1, f"cut: {text!r}"
    for (text, one), (other, two) in itertools.combinations(found, 2):
        across = min(one.x1, two.x1) - max(one.x0, two.x0)
        down = min(one.y1, two.y1) - max(one.y0, two.y0)
        assert across < 1.5 or down < 3, f"{text!r} overlaps {other!r}"


@pytest.mark.parametrize("layout", [WIDE, NARROW], ids=["wide", "narrow"])
@pytest.mark.parametrize("spec", FIGURES, ids=lambda spec: spec.name)
def test_words_are_inside_and_apart(facts, spec, layout):
    with styled(layout, spec.name):
        assert_legible(spec.draw(facts, layout))


@pytest.mark.parametrize("layout", [WIDE, NARROW], ids=["wide", "narrow"])
@pytest.mark.parametrize("spec", beside.FIGURES, ids=lambda spec: spec.name)
def test_words_are_inside_and_apart_for_two_runs(facts, spec, layout):
    with styled(layout, spec.name):
        assert_legible(spec.draw(Pair(facts, facts, ("first", "second-of-a-rather-long-name-indeed")), layout))


def test_figures_on_the_page_take_its_colours_and_share_no_names(tmp_path):
    facts = gather_facts(make_run(tmp_path / "run", rows_of(["a", "b"])))
    pictures = [drawn(spec, facts) for spec in FIGURES]
    names = [attributes["id"] for one in pictures for svg in (one.wide, one.narrow)
             for _, attributes in elements(svg) if "id" in attributes]  # fmt: skip
    assert len(names) == len(set(names))
    assert all("var(--ink)" in one.wide and "#1b1f24" not in one.wide for one in pictures)


def test_a_figure_is_the_same_bytes_again(tmp_path):
    facts = gather_facts(make_run(tmp_path / "run", rows_of(["a", "b"])))
    first, second = (drawn(FIGURES[0], facts) for _ in range(2))
    assert first == second
