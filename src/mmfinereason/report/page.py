"""The page: which sections there are, and how they become one HTML file that needs nothing else.

Values from the data pass through the template's escaping or through `math.to_html`, and the page forbids scripts and
every outside address itself (Content-Security-Policy), so hostile text can do no more than look odd.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mmfinereason.recipe import dump
from mmfinereason.report import sheets
from mmfinereason.report.examples import Example, Examples, Group
from mmfinereason.report.facts import Facts
from mmfinereason.report.figures import Drawn
from mmfinereason.report.figures.beside import Pair
from mmfinereason.report.grid import Column, Value
from mmfinereason.report.math import to_html
from mmfinereason.report.sheets import Sheet
from mmfinereason.schema import Stage

if TYPE_CHECKING:
    from jinja2 import Environment

TEXT_CHARACTERS = 2_600_000
"""Of all texts of rows together, as HTML."""
LONGEST_TEXT = 24_000
"""Characters of one text, as HTML."""
LONG_LEAST = 1_200
"""Every text may have at least this many."""


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
        Section("correctness", "Correctness", _CORRECTNESS, has("consistency"),
                [sheets.methods(facts), sheets.consistency(facts)], missing=verified),
        Section("difficulty", "Difficulty", _DIFFICULTY, has("pass-rates"),
                [table["table-7-difficulty"], sheets.pass_rates(facts)], missing=probed),
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


def render(facts: Facts, parts: Sequence[Section]) -> str:
    """The page of a run as HTML."""
    rows = sum(len(group.examples) for one in parts for group in one.groups)
    template = _environment(rows).get_template("report.html.j2")
    return str(template.render(
        facts=facts,
        sections=parts,
        figures=summary(facts),
        recipe=dump(facts.recipe),
        finished=max((one.finished for one in facts.manifests), default=None),
    ))  # fmt: skip


def render_pair(pair: Pair, parts: Sequence[Section]) -> str:
    """The page on two runs as HTML."""
    return str(_environment(0).get_template("compare.html.j2").render(pair=pair, sections=parts))


def summary(facts: Facts) -> list[tuple[str, str, str]]:
    """The page's first figures: what, how much, and a word on it."""
    rows = {one.name: one.rows for one in facts.steps if one.kind == "stage"}
    found = []
    if "sources" in rows:
        sources = {one.source for one in facts.composition}
        found.append(("rows read", f"{rows['sources']:,}", _plural(len(sources), "source")))
        found.append(("samples", f"{rows['collect']:,}", _share(rows["collect"], rows["sources"])))
    if "distill" in rows:
        found.append(("rows with a trace", f"{rows['distill']:,}", _share(rows["distill"], rows["sources"])))
    if "verify" in rows:
        found.append(("consistent", f"{rows['verify']:,}", _share(rows["verify"], rows["sources"])))
    seconds = sum(one.seconds for one in facts.costs)
    found.append(("work time", duration(seconds), "summed over workers"))
    requests, tokens = sum(one.requests for one in facts.costs), sum(one.tokens for one in facts.costs)
    dollars = sum(one.dollars for one in facts.costs)
    found.append(("cost", f"${dollars:,.2f}", f"{requests:,} requests, {tokens:,} tokens"))
    return found


def duration(seconds: float) -> str:
    """`1 h 02 min`, `2 min 03 s` or `3.4 s`."""
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes:02d} min" if hours else f"{minutes} min {rest:02d} s"


def _share(part: int, whole: int) -> str:
    return f"{part / whole:.1%} of rows read" if whole else ""


def _plural(number: int, thing: str) -> str:
    return f"{number:,} {thing}{'' if number == 1 else 's'}"


def _missing(facts: Facts, stage: Stage, otherwise: str) -> str:
    if not facts.ran(stage):
        return f"The stage {stage.command} has not run: mmfr {stage.command} RECIPE."
    return f"Nothing to show: {otherwise}."


def _environment(rows: int) -> Environment:
    from jinja2 import Environment, PackageLoader, StrictUndefined
    from markupsafe import Markup

    longest = max(LONG_LEAST, min(LONGEST_TEXT, TEXT_CHARACTERS // max(1, 3 * rows)))
    environment = Environment(
        loader=PackageLoader("mmfinereason.report"),
        undefined=StrictUndefined,
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["math"] = lambda text: Markup(bounded(text, longest))
    environment.filters["words"] = lambda name: name.replace("_", " ")
    environment.filters["cell"] = cell
    environment.filters["outcome"] = _outcome
    environment.tests["numeric"] = lambda column: bool(column.form)
    return environment


def cell(value: Value, column: Column) -> str:
    """A table's cell as a person reads it."""
    if value is None:
        return "–"
    return format(value, column.form) if column.form and not isinstance(value, str) else str(value)


def bounded(text: str | None, longest: int) -> str:
    """Text with formulas, as HTML of about `longest` characters: middle parts of long texts are left out."""
    text = text or ""
    for keep in (longest, longest // 2, longest // 4, longest // 8, 200):
        shown = to_html(_shortened(text, keep))
        if len(shown) <= longest:
            return shown
    return to_html(_shortened(text.replace("$", "＄").replace("\\", "＼"), longest // 8))


def _shortened(text: str, keep: int) -> str:
    if len(text) <= keep:
        return text
    head = keep * 2 // 3
    left_out = len(text) - keep
    return f"{text[:head]}\n\n[… {left_out:,} characters left out …]\n\n{text[-(keep - head) :]}"


def _outcome(example: Example) -> str:
    """The CSS class of a row's verdict."""
    return {True: "good", False: "bad", None: "open"}[example.consistent]


_WAY = (
    "Every row that was read reached a subset or left at one step, for one reason. "
    "Rows counted at verify are the consistent ones."
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
