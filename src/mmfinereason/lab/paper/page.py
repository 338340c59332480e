"""The page of a re-enactment: what held and what did not, the numbers, the figures, and how it was done."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from mmfinereason.ablate import Arm
from mmfinereason.context import Context
from mmfinereason.evaluate import Result
from mmfinereason.evaluate.statistics import Estimate
from mmfinereason.lab.paper.figures import FIGURES, Scores
from mmfinereason.lab.paper.findings import Evidence, Finding
from mmfinereason.lab.paper.recipe import ALONE, BREADTH
from mmfinereason.lab.paper.scale import Size
from mmfinereason.recipe import Recipe
from mmfinereason.recipe.ablate import UNTRAINED
from mmfinereason.report.facts import Facts, gather_facts
from mmfinereason.report.figures.difficulty import DIFFICULTY
from mmfinereason.report.figures.drawing import Drawn, drawn
from mmfinereason.report.grid import Column, Grid, Value
from mmfinereason.report.page import Section, Tile, all_sheets
from mmfinereason.report.render import render_page
from mmfinereason.report.sheets import Sheet
from mmfinereason.report.write import FOLDER, keep

NAME = "paper.html"


@dataclass(frozen=True)
class Story:
    """All that the page tells."""

    arms: list[Arm]
    findings: list[Finding]
    others: list[Result]
    """Teacher and prober."""
    best: tuple[str, str] | None
    seconds: dict[str, float]
    """Wall time of each part."""
    size: Size
    peak_gb: float | None
    """The most memory all processes together held; None where that is not known."""


def write_page(context: Context, story: Story) -> str:
    """Write the page with its figures and tables into the run's report folder; returns its URL."""
    facts = gather_facts(context.run)
    scores = Scores(dict(Evidence.of(story.arms).arms), {one.model: one.score for one in story.others}, story.best)
    figures = {spec.name: drawn(spec, scores) for spec in FIGURES if spec.wanted(scores)}
    if DIFFICULTY.wanted(facts):
        figures[DIFFICULTY.name] = drawn(DIFFICULTY, facts)
    sections = _sections(story, figures, context.recipe)
    keep(context.run, figures.values(), all_sheets(sections))
    page = render_page("paper.html.j2", story=story, sections=sections, tiles=_tiles(story, facts), facts=facts)
    context.run.folder.write(f"{FOLDER}/{NAME}", page.encode())
    return f"{context.run.url}/{FOLDER}/{NAME}"


def _tiles(story: Story, facts: Facts) -> list[Tile]:
    outcomes = Counter(one.outcome for one in story.findings)
    trained = sum(len(arm.cells) for arm in story.arms if arm.data != UNTRAINED)
    failed = sum(len(arm.failed) for arm in story.arms)
    minutes = sum(story.seconds.values()) / 60
    return [
        Tile("claims that held", f"{outcomes['held']} of {len(story.findings)}", f"{outcomes['open']} open"),
        Tile("models trained", f"{trained:,}", f"{failed} failed" if failed else "none failed"),
        Tile("rows", f"{sum(one.rows for one in facts.subsets if one.name == 'full'):,}", "right by the rules"),
        Tile("wall time", f"{minutes:,.0f} min", f"{story.peak_gb:.1f} GB at most" if story.peak_gb else ""),
    ]


def _sections(story: Story, figures: dict[str, Drawn], recipe: Recipe) -> list[Section]:
    def has(*names: str) -> list[Drawn]:
        return [figures[name] for name in names if name in figures]

    return [
        Section("numbers", "The numbers behind the findings", _NUMBERS, sheets=[_comparisons(story.findings)]),
        Section("less", "Less is more", _LESS, has("less-is-more", DIFFICULTY.name)),
        Section("breadth", "Sub-datasets", _BREADTH, has("landscape"), [_transfer(story.arms)]),
        Section("stages", "SFT and RL", "", has("stages")),
        Section("settings", "Captions and resolution", _SETTINGS, has("settings")),
        Section("arms", "Every arm", _ARMS, sheets=[_arms(story), _failed(story.arms)]),
        Section("made", "How it was made", _MADE, sheets=[_times(story), _models(recipe)]),
    ]


def _points(value: float | None) -> Value:
    return None if value is None else 100 * value


def _estimate(value: Estimate | None) -> tuple[Value, Value, Value]:
    return (_points(value.value), _points(value.low), _points(value.high)) if value else (None, None, None)


def _comparisons(findings: Sequence[Finding]) -> Sheet:
    columns = [Column("claim"), Column("better?"), Column("than"), Column("points", "+.1f"), Column("low", "+.1f"),
               Column("high", "+.1f"), Column("outcome")]  # fmt: skip
    rows = [
        (finding.claim, one.one, one.other, *_estimate(one.value), finding.outcome)
        for finding in findings
        for one in finding.comparisons
    ]
    return Sheet("paper-comparisons", Grid("Differences in points, with 95 % intervals", columns, rows))


def _arms(story: Story) -> Sheet:
    columns = [Column("data"), Column("training"), Column("seeds", ",.0f"), Column("rows", ",.0f"),
               Column("steps", ",.0f"), Column("accuracy %", ".1f"), Column("low", ".1f"), Column("high", ".1f"),
               Column("cut off %", ".1f"), Column("train s", ",.0f")]  # fmt: skip
    rows: list[Sequence[Value]] = [
        (arm.data, "" if arm.data == UNTRAINED else arm.training, len(arm.cells), arm.rows, arm.steps,
         *_estimate(arm.score), 100 * _mean(_truncated(arm)), _mean([cell.train_seconds for cell in arm.cells]))
        for arm in story.arms
    ]  # fmt: skip
    rows += [(one.model, "", 1, None, None, *_estimate(one.score), 100 * one.truncated, None) for one in story.others]
    return Sheet("paper-arms", Grid("All arms, means over seeds", columns, rows))


def _truncated(arm: Arm) -> list[float]:
    return [score.truncated for cell in arm.cells for score in cell.scores.values()]


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values) if values else 0.0


def _failed(arms: Sequence[Arm]) -> Sheet:
    rows = [(str(cell.key), (cell.error or "").partition("\n")[0]) for arm in arms for cell in arm.failed]
    return Sheet("paper-failed", Grid("Failed cells", [Column("cell"), Column("reason")], rows))


def _transfer(arms: Sequence[Arm]) -> Sheet:
    """What a model that was trained on one sub-dataset can do on each."""
    families = [source.removeprefix("puzzles-") for source in ALONE.values()]
    columns = [Column("trained on"), *(Column(name.removeprefix("small_"), ".0f") for name in families)]
    rows = [
        (arm.data, *(_points(_by_family(arm, name)) for name in families))
        for arm in arms
        if (arm.training == BREADTH or arm.data == UNTRAINED) and arm.cells
    ]
    return Sheet("paper-transfer", Grid("Accuracy in % by family of the test world", columns, rows))


def _by_family(arm: Arm, family: str) -> float | None:
    found = [
        score.by["family"][family].value
        for cell in arm.cells
        for score in cell.scores.values()
        if family in score.by.get("family", {})
    ]
    return _mean(found) if found else None


def _times(story: Story) -> Sheet:
    rows = [(part, seconds / 60) for part, seconds in story.seconds.items()]
    return Sheet("paper-times", Grid("Wall time by part", [Column("part"), Column("minutes", ".1f")], rows))


def _models(recipe: Recipe) -> Sheet:
    rows: Iterator[tuple[str, str]] = (
        (name, str(role.lab.checkpoint)) for name, role in recipe.models.roles().items() if role.lab
    )
    return Sheet("paper-models", Grid("Models", [Column("role"), Column("checkpoint")], list(rows)))


_NUMBERS = (
    "How much better the first arm is than the second, in points of accuracy on the test world, paired by seed and "
    "question. Intervals are from a bootstrap that draws seeds and questions."
)
_LESS = (
    "Students start from one base and learn from the teacher's traces; what differs is which rows. With equal "
    "epochs a smaller set also means fewer steps; with equal steps its rows are seen more often."
)
_BREADTH = (
    "Students trained on one sub-dataset alone and on all together, for the same number of steps. The table shows what "
    "each can do on every family: the diagonal is what it was trained on."
)
_SETTINGS = (
    "The base was taught at 64, 96 and 128 pixels a side, mostly at 96, and its vision is frozen, as in the paper: "
    "what another size costs is in part a matter of habit. With captions there is one more thing to get used to in the "
    "same number of steps."
)
_ARMS = "Cut off: replies that reached the limit of tokens; they count as wrong."
_MADE = (
    "Teacher, prober and base are Qwen3-VL models of under a million parameters, taught from scratch on built-in "
    "puzzles of 96 x 96 pixels; captions, traces, rollouts and replies are their own. The base is the prober taught to "
    "answer at once: it has reasoned before, so that SFT has little to teach and much to bring back. Training and "
    "test puzzles share no arrangement. "
    "The recipe beside this page repeats every step with the ordinary commands."
)
