"""Pictures a tiny model can learn in a minute: one to five dots of two colours on 96 x 96 pixels."""

from __future__ import annotations

import random
from dataclasses import dataclass

from PIL import Image, ImageDraw

SIZE = 96
COLOURS = {"red": "#d62728", "blue": "#1f77b4"}


@dataclass(frozen=True)
class Dots:
    """A picture and a question about it, with the fields of a puzzle that exports need."""

    seed: int
    index: int
    places: tuple[tuple[int, int, str], ...]
    family: str = "dots"

    @property
    def answer(self):
        return str(len(self.places))

    @property
    def question(self):
        return "How many dots are there in the picture?"

    @property
    def steps(self):
        """Cell by cell, so that there is something to look at for every word."""
        cells = {(y // 32, x // 32): colour for x, y, colour in self.places}
        rows = (" ".join(cells.get((row, column), "none") for column in range(3)) for row in range(3))
        return (*(f"Row {number}: {row}." for number, row in enumerate(rows, 1)), f"The count is {self.answer}.")

    def draw(self, size=SIZE):
        image = Image.new("RGB", (SIZE, SIZE), "white")
        pen = ImageDraw.Draw(image)
        for x, y, colour in self.places:
            pen.ellipse((x - 9, y - 9, x + 9, y + 9), fill=COLOURS[colour])
        return image.resize((size, size)) if size != SIZE else image


def dots(count, *, seed=0, most=5):
    made = []
    for index in range(count):
        draw = random.Random(f"{seed}/{index}")
        cells = draw.sample([(16 + 32 * c, 16 + 32 * r) for c in range(3) for r in range(3)], draw.randint(1, most))
        places = tuple((x + draw.randint(-4, 4), y + draw.randint(-4, 4), draw.choice(list(COLOURS))) for x, y in cells)
        made.append(Dots(seed, index, places))
    return made
