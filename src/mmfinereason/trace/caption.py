"""A caption taken apart: its category and which of the demanded sections it has.

Captioners follow the layout loosely: blanks after the heading, an explanation in brackets, a category in other words,
headings as bold text or with `#`. A category that is none of the 27 is kept as the model wrote it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from mmfinereason.schema import CATEGORIES

SECTIONS: tuple[str, ...] = (
    "scene_summary",
    "components",
    "relationships",
    "inferred_properties",
    "ambiguities",
)
"""The five demanded sections, in order."""

_HEADINGS: dict[str, str] = {
    "scene_summary": r"scene summary|summary(?: of the scene)?",
    "components": r"(?:explicit )?components?(?: breakdown)?",
    "relationships": r"interactions?(?: (?:and|&) relationships?)?|relationships?",
    "inferred_properties": r"(?:implicit|inferred)(?: (?:and|&|/) (?:implicit|inferred))? properties",
    "ambiguities": r"(?:identified )?ambiguit(?:y|ies)(?: identified)?",
}
_SECTION = {
    name: re.compile(rf"^[\s#*\d.)_-]*(?:{words})\s*(?:\*\*|__)?\s*(?::|$|\*\*)", re.IGNORECASE | re.MULTILINE)
    for name, words in _HEADINGS.items()
}
_HEADING = re.compile(r"^[\s#*_]*image(?:\s*\[?\d+\]?)?\s*[:：\-–—]\s*(.+)$", re.IGNORECASE | re.MULTILINE)
_CATEGORY_LINE = re.compile(r"^[\s#*_-]*(?:image )?category[\s*_]*[:：][\s*_]*(.+)$", re.IGNORECASE | re.MULTILINE)

SYNONYMS: dict[str, str] = {
    "geometry diagram": "Geometric Diagram",
    "geometry": "Geometric Diagram",
    "geometric figure": "Geometric Diagram",
    "mathematical plot": "Mathematical Plot / Chart",
    "math plot": "Mathematical Plot / Chart",
    "plot": "Mathematical Plot / Chart",
    "chart": "Mathematical Plot / Chart",
    "graph": "Mathematical Plot / Chart",
    "bar chart": "Mathematical Plot / Chart",
    "line chart": "Mathematical Plot / Chart",
    "pie chart": "Mathematical Plot / Chart",
    "statistical chart": "Mathematical Plot / Chart",
    "puzzle": "Puzzle / Logic Diagram",
    "logic diagram": "Puzzle / Logic Diagram",
    "logic puzzle": "Puzzle / Logic Diagram",
    "game board": "Puzzle / Logic Diagram",
    "diagram": "Diagram / Flowchart",
    "flowchart": "Diagram / Flowchart",
    "flow chart": "Diagram / Flowchart",
    "table": "Table / Matrix",
    "matrix": "Table / Matrix",
    "textbook illustration": "Textbook Illustration",
    "spatial reasoning": "Spatial Reasoning Scene",
    "physics diagram": "Physics / Mechanics Diagram",
    "mechanics diagram": "Physics / Mechanics Diagram",
    "biology diagram": "Biological Structure",
    "biological diagram": "Biological Structure",
    "laboratory setup": "Experimental Setup",
    "geological diagram": "Geological / Earth Science Diagram",
    "earth science diagram": "Geological / Earth Science Diagram",
    "map": "Geological / Earth Science Diagram",
    "circuit diagram": "Circuit / Network Diagram",
    "network diagram": "Circuit / Network Diagram",
    "astronomy visualization": "Astronomy / Space Visualization",
    "astronomy diagram": "Astronomy / Space Visualization",
    "space visualization": "Astronomy / Space Visualization",
    "molecular diagram": "Molecular / Chemical Diagram",
    "chemical diagram": "Molecular / Chemical Diagram",
    "chemistry diagram": "Molecular / Chemical Diagram",
    "molecular structure": "Molecular / Chemical Diagram",
    "chemical structure": "Molecular / Chemical Diagram",
    "street scene": "Urban / Street Scene",
    "urban scene": "Urban / Street Scene",
    "indoor scene": "Indoor / Interior Scene",
    "interior scene": "Indoor / Interior Scene",
    "human portrait": "Human Portrait / Activity",
    "human activity": "Human Portrait / Activity",
    "portrait": "Human Portrait / Activity",
    "sports scene": "Sports / High-Motion Scene",
    "document": "Document / Text Image",
    "text image": "Document / Text Image",
    "animal scene": "Animal / Wildlife Scene",
    "wildlife scene": "Animal / Wildlife Scene",
    "landscape": "Natural Landscape Scene",
    "natural landscape": "Natural Landscape Scene",
    "food item": "Food / Beverage Item",
    "food": "Food / Beverage Item",
    "vehicle": "Vehicle / Machinery Object",
    "machinery": "Vehicle / Machinery Object",
    "product": "Product / Still Life Object",
    "still life": "Product / Still Life Object",
    "artwork": "Artwork / Illustration",
    "illustration": "Artwork / Illustration",
    "technical image": "Technical / Surveillance / Medical",
    "surveillance image": "Technical / Surveillance / Medical",
    "medical image": "Technical / Surveillance / Medical",
}
"""What captioners write for a category, lower case, and the category meant."""


@dataclass(frozen=True, slots=True)
class Caption:
    """A parsed caption."""

    category: str | None
    """One of the 27, or as the model wrote it; None when it named none."""
    known: bool
    sections: tuple[str, ...]
    """Which of `SECTIONS` were found, in that order."""
    words: int


def parse_caption(text: str) -> Caption:
    """Category, sections and length of a caption."""
    written = _written_category(text)
    category = _known_category(written) if written else None
    sections = tuple(name for name in SECTIONS if _SECTION[name].search(text))
    return Caption(category or written, category is not None, sections, len(text.split()))


def _written_category(text: str) -> str | None:
    match = _HEADING.search(text) or _CATEGORY_LINE.search(text)
    if match is None:
        return None
    return match[1].strip(" \t\r*_#[]`\"'.") or None


def _known_category(written: str) -> str | None:
    for candidate in (written, re.sub(r"\s*[(（\[].*$", "", written), re.split(r"\s[-–—:]\s|[;,:]", written)[0]):
        category = _NAMES.get(_squash(candidate))
        if category:
            return category
    return None


def _squash(name: str) -> str:
    """Letters and digits only, lower case: neither blanks, slashes nor plurals tell categories apart."""
    words = re.findall(r"[a-z0-9]+", name.lower().replace("visualisation", "visualization"))
    return " ".join(word.removesuffix("s") if len(word) > 3 and not word.endswith("ss") else word for word in words)


_NAMES: dict[str, str] = {
    **{_squash(name): category for name, category in SYNONYMS.items()},
    **{_squash(name): name for name in CATEGORIES},
}
