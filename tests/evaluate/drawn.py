"""Multiple-choice puzzles as files for several evaluators, with one recorded reply each, in the styles of models."""

import base64
import csv
import hashlib
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.parquet as pq

from mmfinereason.evaluate.items import LETTERS
from mmfinereason.lab.knowledge import hash_image
from mmfinereason.lab.puzzles.source import PuzzleSpec, raw_rows

FAMILIES = ("geometry_angles", "counting_scene", "bar_chart", "maze")
STYLES = (
    "The angles add up.\n\nTherefore, the final answer is <answer>{letter}</answer>.",
    "Working it out gives {text}.\n\n\\boxed{{{letter}}}",
    "After some thought, the answer is {letter}.",
    "{letter}",
    "{letter}. {text}",
    "The correct option is ({letter}).",
)
"""How a reply may end; `letter` and `text` are the option that it chooses."""


@dataclass(frozen=True)
class Drawn:
    """One puzzle with the reply that is recorded for it."""

    id: str
    question: str
    options: tuple[str, ...]
    answer: str
    chosen: str
    reply: str
    family: str
    image: bytes


def drawn(count=24, wrong_every=4):
    """Puzzles of four families; every fourth reply chooses a wrong option."""
    rows = raw_rows(PuzzleSpec(FAMILIES, count=count, seed=5, levels=(1,), multiple_choice_share=1.0))
    return [_one(i, row, wrong_every) for i, row in enumerate(rows)]


def _one(i, row, wrong_every):
    options, right = tuple(row["options"]), LETTERS.index(row["answer"])
    place = (right + 1) % len(options) if i % wrong_every == 0 else right
    said = STYLES[i % len(STYLES)].format(letter=LETTERS[place], text=options[place])
    bare = row["question"].partition("\nA. ")[0]
    return Drawn(row["id"], bare, options, row["answer"], LETTERS[place], said, row["family"], row["image"]["bytes"])


def write_tsv(path, rows):
    """VLMEvalKit's layout."""
    letters = list(LETTERS[: max(len(row.options) for row in rows)])
    with path.open("w", newline="", encoding="utf-8") as file:
        lines = csv.writer(file, delimiter="\t")
        lines.writerow(["index", "image", "question", *letters, "answer", "category"])
        for i, row in enumerate(rows):
            options = [*row.options, *[""] * (len(letters) - len(row.options))]
            image = base64.b64encode(row.image).decode()
            lines.writerow([i, image, row.question, *options, row.answer, row.family])


def write_parquet(path, rows):
    """A layout that `datasets` reads: the question lists its options."""
    pq.write_table(
        pa.Table.from_pylist(
            [
                {
                    "id": str(i),
                    "image": {"bytes": row.image, "path": f"{i}.png"},
                    "question": asked(row),
                    "options": list(row.options),
                    "answer": row.answer,
                }
                for i, row in enumerate(rows)
            ]
        ),
        path,
    )


def write_replies(path, rows):
    """What a lab server gives back in replay: the model `replay-teacher` says these replies whatever the prompt."""
    published = pa.struct([("trace", pa.string())])
    known = [
        {
            "id": row.id,
            "question": asked(row),
            "original_question": row.question,
            "answer": row.answer,
            "image_sha256": hashlib.sha256(row.image).hexdigest(),
            "image_phash": hash_image(row.image),
            "published": {"trace": f"<think>\nIt could be A, or B. Let me look again.\n</think>\n\n{row.reply}"},
        }
        for row in rows
    ]
    schema = pa.schema([(name, pa.string()) for name in known[0] if name != "published"] + [("published", published)])
    pq.write_table(pa.Table.from_pylist(known, schema=schema), path)


def asked(row):
    """The question with its options."""
    lines = [f"{letter}. {option}" for letter, option in zip(LETTERS, row.options, strict=False)]
    return "\n".join([row.question, *lines])
