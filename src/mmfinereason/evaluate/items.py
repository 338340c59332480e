"""What is asked of a model: one item of a benchmark, whatever file it came from.

Items that are variants or rotations of one question share its `group`: they are not independent, so intervals are drawn
over groups.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from mmfinereason.recipe.evaluate import Kind, Rule

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


@dataclass(frozen=True, slots=True)
class Item:
    """One item. `options` are bare texts in the order A, B, C...; `reference` is then a letter or one of the texts."""

    id: str
    question: str
    reference: str
    image: bytes
    options: tuple[str, ...] = ()
    listed: bool = False
    """Whether the question's text already lists the options."""
    kind: Kind = "value"
    group: str = ""
    variant: str = ""
    labels: Mapping[str, str] = field(default_factory=dict)
    """By what accuracies are broken down: category, subject, version..."""
    asked: str = ""
    """The question as a judge shall read it, where `question` carries instructions for the model."""
    within: float | None = None
    """A number is right within this absolute difference, by the benchmark's own rule."""
    rubric: str = ""
    """The benchmark's own words to a judge, with `{PREDICTION}` in them."""
    extra: str = ""
    """Further fields as JSON; the simulated server knows a puzzle by them."""

    @property
    def unit(self) -> str:
        """The question that this item is a variant of; itself where there are no variants."""
        return self.group or self.id

    @property
    def judged_as(self) -> str:
        return self.asked or self.question


@dataclass(frozen=True, slots=True)
class LeftOut:
    """An item not asked: `multi_image`, `no_image`, `no_answer`, `unreadable`, `no_rotation` or `duplicate_id`."""

    id: str
    reason: str
    detail: str = ""


@dataclass(frozen=True)
class Benchmark:
    """A benchmark: its rule, and a way to read its items as often as needed."""

    name: str
    rule: Rule
    read: Callable[[], Iterable[Item | LeftOut]]
    where: str = ""
    """The file, for the result."""
    expected: int | None = None
    """Items of the published file."""
    paper: str | None = None
    """Its row in the paper's Table 3."""
    rotations_made: bool = False
    """Rotations of the options are made here; else a circular file brings them along."""
    limit: int | None = None

    def items(self) -> Iterator[Item | LeftOut]:
        """The items as they are asked: the first `limit` questions, each in all its rotations."""
        for item in _first(self.read(), self.limit):
            if isinstance(item, Item) and self.rotations_made:
                yield from rotations(item)
            else:
                yield item


def _first(items: Iterable[Item | LeftOut], limit: int | None) -> Iterator[Item | LeftOut]:
    """Items of the first `limit` questions, with all their variants, wherever these stand."""
    seen: set[str] = set()
    for item in items:
        if limit is not None and isinstance(item, Item):
            if item.unit not in seen and len(seen) == limit:
                continue
            seen.add(item.unit)
        yield item


def rotations(item: Item) -> Iterator[Item | LeftOut]:
    """The item once for each rotation of its options (CircularEval of MMBench, arXiv 2307.06281, section 4.1)."""
    question, place = without_options(item), answer_place(item)
    if question is None or place is None:
        yield LeftOut(item.id, "no_rotation", "its options or its answer cannot be told")
        return
    count = len(item.options)
    for turn in range(count):
        yield replace(
            item,
            id=item.id if turn == 0 else f"{item.id}+{turn}",
            question=question,
            listed=False,
            options=item.options[turn:] + item.options[:turn],
            reference=LETTERS[(place - turn) % count],
            group=item.unit,
            variant=str(turn),
            extra="",
        )


def lettered(options: Sequence[str]) -> str:
    """Options as `A. ...` lines."""
    return "\n".join(f"{letter}. {option}" for letter, option in zip(LETTERS, options, strict=False))


def without_options(item: Item) -> str | None:
    """The question without the lines of its options; None where it has none or they cannot be cut out."""
    if not item.listed:
        return item.question if item.options else None
    before, found, after = item.question.partition("\n" + lettered(item.options))
    return before + after if found else None


def answer_place(item: Item) -> int | None:
    """Which option the reference is."""
    if len(item.reference) == 1 and item.reference in LETTERS[: len(item.options)]:
        return LETTERS.index(item.reference)
    return item.options.index(item.reference) if item.options.count(item.reference) == 1 else None
