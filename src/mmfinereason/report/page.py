"""Which sections the page of a run has, what each says, and what it says when there is nothing to show."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from mmfinereason.report import sheets
from mmfinereason.report.examples import Examples, Group
from mmfinereason.report.facts import Facts
from mmfinereason.report.figures import Drawn
from mmfinereason.report.sheets import Sheet
from mmfinereason.schema import Stage


@dataclass(frozen=True)
class Section:
    """A part of the page."""

    id: str
    title: str
    text: str = ""
    figures: Sequence[Drawn] = ()
    sheets: Sequence[Sheet] = ()
    groups: Sequence[Group] = ()
    missing: str = ""
    """What is said instead when there is nothing to show."""


def sections(facts: Facts, examples: Examples, drawn: Sequence[Drawn], tables: Sequence[Sheet]) -> list[Section]:
    """All sections of a run's page, in their order."""
    figure = {one.name: one for one in drawn}
    table = {one.name: one for one in tables}

    def has(*names: str) -> list[Drawn]:
        return [figure[name] for name in names if name in figure]

    probed = "" if facts.pass_rates else _missing(facts, Stage.PROBE, "no row has a pass rate")
    captioned = "" if facts.categories else _missing(facts, Stage.CAPTION, "no caption names a category")
    verified = "" if facts.consistency else _missing(facts, Stage.VERIFY, "no row has a trace to verify")
    traced = "" if facts.lengths else _missing(facts, Stage.DISTILL, "no trace or caption has a length")
    twins = "" if examples.twins else "No duplicate was found, and no row was too near to a benchmark's."
    if not facts.recipe.report.examples:
        examples_off = twins = "The recipe asks for no example rows (report.examples: 0)."
    else:
        examples_off = "" if examples.sources else _missing(facts, Stage.COLLECT, "no row was collected")
    return [
        Section("way", "From source to subset", _WAY, has("funnel"), [sheets.funnel(facts), sheets.reasons(facts)],
                missing="" if facts.steps else _missing(facts, Stage.COLLECT, "nothing was read")),
        Section("sources", "Sources", _SOURCES, has("composition"),
                [sheets.composition(facts), table["table-5-composition"], table["table-6-cleaning"]],
                missing="" if facts.composition else _missing(facts, Stage.COLLECT, "no row was collected")),
        Section("cleaning", "Cleaning", _CLEANING, (), [sheets.edits(facts)],
                missing="" if facts.edits else _missing(facts, Stage.COLLECT, "no rule changed a row")),
        Section("twins", "Duplicates and contamination", _TWINS, groups=examples.twins, missing=twins),
        Section("correctness", "Correctness", f"{_CORRECTNESS} {_undecided(facts)}", has("consistency"),
                [sheets.methods(facts), sheets.consistency(facts)], missing=verified),
        Section("difficulty", "Difficulty", _DIFFICULTY, has("pass-rates"),
                [table["table-7-difficulty"], sheets.rollouts(facts), sheets.pass_rates(facts)], missing=probed),
        Section("lengths", "Lengths", _LENGTHS, has("length-cdf", "cot-lengths", "caption-lengths"),
                [sheets.lengths(facts)], missing=traced),
        Section("categories", "Image categories", "", (), [sheets.categories(facts)], missing=captioned),
        Section("costs", "Models, time and cost", _COSTS, (), [sheets.models(facts), sheets.costs(facts)]),
        Section("rows", "Rows of each source", _ROWS, groups=examples.sources, missing=examples_off),
        Section("rejects", "Rows that left, by reason", _REJECTS, groups=examples.reasons,
                missing="" if examples.reasons else examples_off or "No row has left."),
    ]  # fmt: skip


def all_sheets(parts: Sequence[Section]) -> Iterator[Sheet]:
    """Every table that is also a file, once."""
    yield from {sheet.name: sheet for one in parts if not one.missing for sheet in one.sheets}.values()


@dataclass(frozen=True, slots=True)
class Tile:
    """One of the first figures of the page."""

    name: str
    value: str
    word: str
    """What puts the value into proportion."""


def tiles(facts: Facts) -> list[Tile]:
    """The page's first figures."""
    rows = {one.name: one.rows for one in facts.steps if one.kind == "stage"}
    read = rows.get("sources", 0)
    names = {"collect": "samples", "distill": "rows with a trace", "verify": "consistent"}
    found = [Tile("rows read", f"{read:,}", _plural(len({one.source for one in facts.composition}), "source"))]
    found += [Tile(said, f"{rows[name]:,}", _share(rows[name], read)) for name, said in names.items() if name in rows]
    seconds, requests, tokens = (sum(getattr(one, name) for one in facts.costs) for name in _SUMS)
    dollars = sum(one.dollars for one in facts.costs)
    found.append(Tile("work time", duration(seconds), "summed over workers"))
    found.append(Tile("cost", f"${dollars:,.2f}", f"{requests:,} requests, {tokens:,} tokens"))
    return found


_SUMS = ("seconds", "requests", "tokens")


def duration(seconds: float) -> str:
    """`1 h 02 min`, `2 min 03 s` or `3.4 s`."""
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes:02d} min" if hours else f"{minutes} min {rest:02d} s"


def _share(part: int, whole: int) -> str:
    return f"{part / whole:.1%} of rows read" if whole else ""


def _undecided(facts: Facts) -> str:
    open_ = sum(one.undecided for one in facts.consistency)
    total = sum(one.rows for one in facts.consistency)
    return f"Undecided: {open_:,} of {total:,} rows, {open_ / total:.1%}." if total else ""


def _plural(number: int, thing: str) -> str:
    return f"{number:,} {thing}{'' if number == 1 else 's'}"


def _missing(facts: Facts, stage: Stage, otherwise: str) -> str:
    if not facts.ran(stage):
        return f"The stage {stage.command} has not run: mmfr {stage.command} RECIPE."
    return f"Nothing to show: {otherwise}."


_WAY = (
    "Every row that was read is in a subset or left for one reason. Rows counted at verify are the consistent ones; "
    "a subset may hold others, too."
)
_SOURCES = "What each source brought, and how much of it stayed. The paper's figures stand beside its own sources."
_CLEANING = "Rules that changed the text or the image of rows; a row may have met several."
_TWINS = (
    "Of rows that are the same the first stays. The image of a dropped row is not kept; where it was the same file as "
    "its twin's, that one is shown for both."
)
_CORRECTNESS = "Whether a trace's answer agrees with the reference, and what decided it: rules first, a judge last."
_DIFFICULTY = "How often the small model gets a row right. Replies that were cut off or unreadable do not count."
_LENGTHS = "Tokens of traces and captions beside those of the published datasets."
_COSTS = "Requests include retries and whatever was asked again. Work time is summed over workers."
_ROWS = "A few rows of each source, drawn by the hash of their id."
_REJECTS = "A few rows for each reason. Rows that left while collecting are not kept: their image is not shown."
