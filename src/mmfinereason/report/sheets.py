"""The tables of the report, made from its facts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from mmfinereason.report import published
from mmfinereason.report.facts import Facts, Lengths
from mmfinereason.report.grid import Column, Grid, Value
from mmfinereason.report.tables import run_tables
from mmfinereason.schema import NATURAL_CATEGORIES, STEM_CATEGORIES
from mmfinereason.store import Run


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table of the page that is also kept as CSV and Markdown."""

    name: str
    """Of its files, without an ending."""
    grid: Grid
    totals: int = 0
    """How many of the last rows are sums over the others."""
    folded: bool = False
    """Whether the page shows it only on demand, because a figure says the same."""


OUTCOMES = ("equal", "different", "undecided", "no_answer", "not_checked")


def count(name: str) -> Column:
    """A column of whole numbers."""
    return Column(name, ",.0f")


def share(name: str) -> Column:
    """A column of shares, written as percentages."""
    return Column(name, ".1%")


def paper(run: Run, *, published: bool = True) -> list[Sheet]:
    """The paper's Tables 5, 6 and 7, with its own values only where they are wanted and a source is the paper's."""
    names = ("table-5-composition", "table-6-cleaning", "table-7-difficulty")
    grids = [_own(grid, published) for grid in run_tables(run)]
    return [Sheet(name, grid, totals=1) for name, grid in zip(names, grids, strict=True)]


def _own(grid: Grid, published: bool) -> Grid:
    """A grid without columns of the paper that say nothing or are not wanted."""
    ours = [index for index, column in enumerate(grid.columns) if not column.name.endswith("(paper)")]
    known = published and any(row[index] is not None for row in grid.rows for index in range(len(ours), len(row)))
    if known:
        return grid
    rows = [[row[index] for index in ours] for row in grid.rows]
    return replace(grid, columns=[grid.columns[index] for index in ours], rows=rows, note="")


def funnel(facts: Facts) -> Sheet:
    """Rows at each step."""
    first = facts.steps[0].rows if facts.steps else 0
    rows = [(one.name, one.kind, one.rows, one.rows / first if first else None, sum(one.left.values()))
            for one in facts.steps]  # fmt: skip
    columns = (Column("step"), Column("kind"), count("rows"), share("of all rows"), count("left here"))
    return Sheet("funnel", Grid("Rows from source to subset", columns, rows), folded=True)


def reasons(facts: Facts) -> Sheet:
    """Why rows left, as each stage counted."""
    rows = [(one.name, _words(reason), rows) for one in facts.steps for reason, rows in one.left.items()]
    return Sheet("reasons", Grid("Why rows left", (Column("step"), Column("reason"), count("rows")), rows))


def edits(facts: Facts) -> Sheet:
    columns = (Column("cleaning rule"), count("rows changed"))
    return Sheet("edits", Grid("What cleaning changed", columns, facts.edits))


def lengths(facts: Facts) -> Sheet:
    """The paper's Table 1, with this run on top."""
    known = published.LENGTHS if facts.recipe.report.published else ()
    rows = [_length_row(one) for text in ("CoT", "caption") for one in [*facts.lengths, *known] if one.text == text]
    names = ("count", "total", "mean", "median", "std", "min", "max", "p25", "p75", "p95")
    formats = {"mean": ",.2f", "std": ",.2f"}
    columns = (Column("dataset"), Column("text"), *(Column(name, formats.get(name, ",.0f")) for name in names))
    note = (
        f"Traces of this run are counted by {facts.token_method}, captions as the server counted; "
        "published datasets with the Qwen3-VL tokenizer."
    )
    return Sheet("table-1-lengths", Grid("Table 1. Token lengths", columns, rows, note))


def _length_row(one: Lengths) -> tuple[Value, ...]:
    return (one.dataset, one.text, one.count, one.total, one.mean, one.median, one.std, one.min, one.max, one.p25,
            one.p75, one.p95)  # fmt: skip


def categories(facts: Facts) -> Sheet:
    """The paper's Table 2: the closed list of categories, and what models wrote beside it."""
    groups = {"STEM / diagrammatic": STEM_CATEGORIES, "natural": NATURAL_CATEGORIES}
    known = [(group, name) for group, names in groups.items() for name in names]
    other = [("outside the list", name) for name in facts.categories if name not in {name for _, name in known}][:20]
    total = sum(facts.categories.values())
    paper = published.CATEGORIES if facts.recipe.report.published else {}
    columns = [Column("group"), Column("category"), count("rows"), share("share")]
    if paper:
        columns += [count("paper: rows"), share("paper: share")]
    rows = [
        (group, name, *_of(facts.categories, name, total), *(_of(paper, name, sum(paper.values())) if paper else ()))
        for group, name in known + other
    ]
    return Sheet("table-2-categories", Grid("Table 2. Image categories", columns, rows))


def _of(counts: Mapping[str, int], name: str, total: int) -> tuple[Value, Value]:
    found = counts.get(name, 0)
    return found or None, found / total if found and total else None


def composition(facts: Facts) -> Sheet:
    total = sum(one.rows for one in facts.composition)
    rows = [(one.source, one.domain, one.rows, one.rows / total) for one in facts.composition]
    columns = (Column("source"), Column("domain"), count("rows"), share("share"))
    return Sheet("composition", Grid("Rows by source", columns, rows), folded=True)


def consistency(facts: Facts) -> Sheet:
    rows = [(one.source, one.rows, one.consistent, one.inconsistent, one.undecided, one.share)
            for one in facts.consistency]  # fmt: skip
    names = ("with a trace", "consistent", "inconsistent", "undecided")
    columns = (Column("source"), *map(count, names), share("consistent share"))
    return Sheet("consistency", Grid("Consistency by source", columns, rows), folded=True)


def methods(facts: Facts) -> Sheet:
    """How verdicts were reached."""
    seen = {outcome for _, outcomes in facts.methods for outcome in outcomes}
    names = [one for one in OUTCOMES if one in seen] + sorted(seen - set(OUTCOMES))
    total = sum(sum(outcomes.values()) for _, outcomes in facts.methods)
    rows: list[Sequence[Value]] = [
        (method, *(outcomes.get(name, 0) for name in names), sum(outcomes.values()), sum(outcomes.values()) / total)
        for method, outcomes in facts.methods
    ]
    columns = (Column("method"), *(count(_words(name)) for name in names), count("rows"), share("share"))
    return Sheet("methods", Grid("How verdicts were reached", columns, rows))


def pass_rates(facts: Facts) -> Sheet:
    rates = sorted({rate for one in facts.pass_rates for rate in one.shares})
    rows: list[Sequence[Value]] = [(one.source, one.rows, one.mean, *(one.shares.get(rate, 0.0) for rate in rates))
            for one in facts.pass_rates]  # fmt: skip
    columns = (Column("source"), count("rows"), Column("mean", ".4f"), *(share(f"at {rate:g}") for rate in rates))
    return Sheet("pass-rates", Grid("Pass rates by source", columns, rows), folded=True)


def rollouts(facts: Facts) -> Sheet:
    total = sum(facts.rollouts.values())
    rows = [(_words(outcome), number, number / total) for outcome, number in facts.rollouts.items()]
    columns = (Column("outcome"), count("rollouts"), share("share"))
    return Sheet("rollouts", Grid("Rollouts by outcome", columns, rows))


def models(facts: Facts) -> Sheet:
    rows = [(one.role, one.name, one.prompt, one.replies) for one in facts.models]
    columns = (Column("role"), Column("model"), Column("prompt"), count("rows written"))
    return Sheet("models", Grid("Models", columns, rows))


def costs(facts: Facts) -> Sheet:
    """What each stage took, with the sum below."""
    rows: list[Sequence[Value]] = [
        (one.stage, one.state, one.rows, one.rejects, one.seconds, one.requests, one.tokens, one.dollars)
        for one in facts.costs
    ]
    sums = [sum(getattr(one, name) for one in facts.costs) for name in ("seconds", "requests", "tokens", "dollars")]
    rows.append(("all", "", None, sum(one.rejects for one in facts.costs), *sums))
    names = (count("table rows"), count("rejects"), Column("work seconds", ",.1f"), count("requests"), count("tokens"))
    columns = (Column("stage"), Column("state"), *names, Column("US dollars", ",.2f"))
    return Sheet("costs", Grid("Time and cost by stage", columns, rows), totals=1)


def _words(name: str) -> str:
    return name.replace("_", " ")
