from __future__ import annotations

import pytest

from mmfinereason.schema import CATEGORIES
from mmfinereason.trace import SECTIONS, Caption, parse_caption

FULL = """### Image 1: Geometric Diagram  
**Scene Summary:** A triangle.

**Explicit Component Breakdown:**
* three points

**Interactions and Relationships:**
* none

**Implicit and Inferred Properties:**
* a right angle

**Identified Ambiguities:**
* None
"""


def test_a_full_caption_gives_category_sections_and_length() -> None:
    assert parse_caption(FULL) == Caption("Geometric Diagram", True, SECTIONS, 32)


@pytest.mark.parametrize(
    ("heading", "category"),
    [
        ("### Image 1: Textbook Illustration (Didactic / Semi-Natural Style)  ", "Textbook Illustration"),
        ("### Image [1]: [Puzzle / Logic Diagram]", "Puzzle / Logic Diagram"),
        ("Image 1:   Mathematical Plot/Chart", "Mathematical Plot / Chart"),
        ("**Image: geometry diagrams**", "Geometric Diagram"),
        ("### Image 1: Bar chart", "Mathematical Plot / Chart"),
        ("### Image 1: Circuit / Network Diagram - a series circuit", "Circuit / Network Diagram"),
        ("### Image 1：Astronomy / Space Visualisation", "Astronomy / Space Visualization"),
        ("**Category:** Table / Matrix", "Table / Matrix"),
    ],
)
def test_loosely_written_categories_are_known(heading: str, category: str) -> None:
    caption = parse_caption(f"{heading}\nScene Summary: x")
    assert (caption.category, caption.known) == (category, True)


@pytest.mark.parametrize("category", CATEGORIES)
def test_every_category_is_known_by_its_own_name(category: str) -> None:
    assert parse_caption(f"### Image 1: {category}").category == category


def test_an_unknown_category_is_kept_as_written() -> None:
    caption = parse_caption("### Image 1: Quilt Pattern\n**Scene Summary:** x")
    assert (caption.category, caption.known) == ("Quilt Pattern", False)


def test_a_caption_without_heading_has_no_category() -> None:
    assert parse_caption("A red ball on a table.") == Caption(None, False, (), 6)
    assert parse_caption("") == Caption(None, False, (), 0)


def test_section_headings_may_be_written_in_other_styles() -> None:
    text = "## Scene Summary\nx\n2. Components:\ny\n__Relationships:__ z\n### Inferred Properties\n- Ambiguities: none"
    assert parse_caption(text).sections == SECTIONS


def test_words_in_running_text_are_no_section() -> None:
    assert parse_caption("The components of the scene summary are ambiguities.").sections == ()
