"""The simulated captioner: a heading with the image's category and the five sections, from a puzzle's facts.

Of an image that belongs to no puzzle nothing is known but its size, and the caption says so.
"""

from __future__ import annotations

from mmfinereason.lab.chat import ChatRequest, Refusal
from mmfinereason.lab.knowledge import Known
from mmfinereason.lab.puzzles.dice import Dice
from mmfinereason.lab.wire import Reply, image_size

_STYLES = (
    "A clean digital drawing on a plain background",
    "A flat, evenly lit figure",
    "A simple figure with sharp lines",
)
_AMBIGUITIES = (
    "Nothing in the image is illegible; exact colours may vary slightly with the display.",
    "No element is cut off, and no label is ambiguous.",
    "The scale of the drawing is not stated; only labelled values should be trusted.",
)
_RELATIONS = (
    "The labels stand next to the elements they name, and no two labels overlap.",
    "All elements belong to one figure and share one scale.",
    "Position and order of the elements carry meaning and are kept as listed above.",
)
_PROPERTIES = (
    "Lines that look straight or parallel are meant to be so unless a label says otherwise.",
    "Written values count more than lengths measured on the page, since such figures are seldom drawn to scale.",
    "Elements of one colour belong together; a change of colour marks another part or another series.",
)


def answer(rows: list[Known], request: ChatRequest, dice: Dice) -> Reply:
    """A caption of the image that `rows` share.

    Raises:
        Refusal: 400 without an image, 422 when no row has it.
    """
    if not request.images:
        raise Refusal(400, "no_image", "a captioner needs an image")
    if not rows:
        raise Refusal(422, "unknown_image", "no known row has this image or one like it")
    row = rows[0]
    width, height = image_size(request.images[0])
    facts = row.facts or ("What is drawn is not known beyond its size.",)
    components = "\n".join(f"* **Element {i}:** {fact}" for i, fact in enumerate(facts, 1))
    return Reply(
        content=(
            f"### Image 1: {row.category or 'Diagram / Flowchart'}\n\n"
            f"**Scene Summary:** {dice.pick(_STYLES)}, {width} pixels wide and {height} pixels high. {facts[0]}\n\n"
            f"**Explicit Component Breakdown:**\n{components}\n\n"
            f"**Interactions and Relationships:**\n{_listed(_RELATIONS, dice)}\n\n"
            f"**Implicit and Inferred Properties:**\n{_listed(_PROPERTIES, dice)}\n\n"
            f"**Identified Ambiguities:**\n* {dice.pick(_AMBIGUITIES)}"
        ),
        row=row.id,
    )


def _listed(sentences: tuple[str, ...], dice: Dice) -> str:
    return "\n".join(f"* {sentence}" for sentence in dice.shuffled(sentences))
