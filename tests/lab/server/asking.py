"""Rows of puzzles with tiny pictures, and requests about them."""

import base64
import hashlib
import json
from dataclasses import dataclass, field

import pyarrow as pa
import pyarrow.parquet as pq

from mmfinereason.images import perceptual_hash
from mmfinereason.lab.puzzles.spoil import png
from mmfinereason.schema import SAMPLES

PICTURES = {}


def picture(puzzle):
    """The puzzle's picture as PNG and its perceptual hash, drawn once in a session."""
    key = (puzzle.family, puzzle.index, puzzle.level)
    if key not in PICTURES:
        image = puzzle.draw(96)
        PICTURES[key] = png(image), perceptual_hash(image)
    return PICTURES[key]


def sample(puzzle, **changes):
    """The puzzle as a row of the samples table."""
    data, phash = picture(puzzle)
    numbers = {name: getattr(puzzle, name) for name in ("family", "seed", "index", "level")}
    row = {
        "id": f"puzzles/{puzzle.family}-{puzzle.index}",
        "source": "puzzles",
        "original_question": puzzle.question,
        "question": f"<image>{puzzle.question}",
        "answer": puzzle.answer,
        "options": list(puzzle.options),
        "image": {"bytes": data, "path": "picture.png"},
        "image_sha256": hashlib.sha256(data).hexdigest(),
        "image_phash": phash,
        "extra": json.dumps({"puzzle": numbers | {"multiple_choice": bool(puzzle.options)}}),
    }
    return row | changes


def write_samples(rows, folder):
    folder.mkdir(parents=True, exist_ok=True)
    pq.write_table(pa.Table.from_pylist(rows, schema=SAMPLES), folder / "part-00000.parquet")
    return folder


def data_url(data):
    return f"data:image/png;base64,{base64.b64encode(data).decode()}"


def body(model, text, image=None, **fields):
    """A request's body: text, and an image before it."""
    content = [{"type": "image_url", "image_url": {"url": data_url(image)}}] if image else []
    content.append({"type": "text", "text": text})
    return {"model": model, "messages": [{"role": "user", "content": content}], **fields}


def blocks(**values):
    """A prompt with its data in blocks, as the package renders them."""
    return "Do this.\n\n" + "\n\n".join(
        f"<{name}-0123abcd>\n{text}\n</{name}-0123abcd>" for name, text in values.items()
    )


def about(puzzle, model="simulated-teacher", **fields):
    """A request about a puzzle with its picture."""
    return body(model, blocks(question=f"[image]{puzzle.question}"), picture(puzzle)[0], **fields)


@dataclass
class Answer:
    """What came back over HTTP."""

    status: int
    headers: dict
    raw: bytes
    json: dict = field(default_factory=dict)

    @property
    def choice(self):
        return self.json["choices"][0]

    @property
    def message(self):
        return self.choice["message"]

    @property
    def error(self):
        return self.json["error"]


async def post(session, url, payload):
    async with session.post(f"{url}/chat/completions", json=payload) as reply:
        raw = await reply.read()
        parsed = json.loads(raw) if reply.content_type == "application/json" else {}
        return Answer(reply.status, dict(reply.headers), raw, parsed)
