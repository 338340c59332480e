"""The paper's own run, priced without asking anybody.

Rows and tokens of traces are the paper's, by source (arXiv 2601.21821, Table 6), and so is the length of captions
(Table 1). What the paper does not say is assumed between bounds that `ASSUMED` names with their grounds: they make the
intervals. Prompts are counted at four characters a token.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from mmfinereason.collect.sources import source
from mmfinereason.errors import RecipeError
from mmfinereason.models.prompts import load
from mmfinereason.planning.load import DRAWS, Load, Values, exactly
from mmfinereason.recipe import Recipe
from mmfinereason.recipe.sources import PUZZLES
from mmfinereason.report.paper_sources import PaperSource, paper_sources
from mmfinereason.report.published import LENGTHS
from mmfinereason.schema import Stage

CAPTION_TOKENS = next(one.mean for one in LENGTHS if one.dataset == "MMFineReason" and one.text == "caption")
_CHARACTERS_A_TOKEN = 4


@dataclass(frozen=True, slots=True)
class Assumed:
    """A figure the paper does not give: its likely value, its bounds, and the grounds."""

    mid: float
    low: float
    high: float
    grounds: str


_SEEN = "132 published rows"
ASSUMED: dict[str, Assumed] = {
    "tokens an image costs": Assumed(297, 150, 600, f"mean of {_SEEN} at 1,024 pixels a token"),
    "tokens of a question": Assumed(77, 50, 120, f"mean of {_SEEN}"),
    "images a row": Assumed(1.0, 0.5, 1.0, "one at most; questions may share one"),
    "share of rows for the cleaner": Assumed(0.25, 0.05, 0.5, f"5 % of {_SEEN} need cleaning, 39 % have long answers"),
    "share of answers for the judge": Assumed(
        0.1, 0.05, 1.0, f"13 of {_SEEN} are undecided by rules; the paper asks all"
    ),
    "prober's tokens beside the teacher's": Assumed(1.0, 0.5, 1.5, "not published"),
}
"""What is assumed, by name."""
_ANSWER_TOKENS = 100
"""Of a judge's or cleaner's reply: 91 in the mean of the published analyses."""


@dataclass(frozen=True, slots=True)
class _Row:
    """A source as planned: rows before cleaning, rows with a trace, consistent rows, tokens of a trace."""

    original: float
    traced: float
    consistent: float
    removed: float
    tokens: float


def loads(recipe: Recipe) -> list[Load]:
    """What the recipe asks of each role. Raises RecipeError when a source is not one of the paper's."""
    return _Paper(recipe).loads()


def covers(recipe: Recipe) -> bool:
    """Whether all sources are the paper's."""
    return all(_published(one.use) for one in recipe.sources)


def rows_of(name: str | None) -> int | None:
    """Rows that a source had before cleaning; None where it is not the paper's."""
    known = _published(name)
    return known.original if known else None


def rows(recipe: Recipe) -> float:
    """Rows before cleaning."""
    return sum(one.original for one in _rows(recipe))


def _published(name: str | None) -> PaperSource | None:
    return paper_sources().get(source(name).name) if name and name != PUZZLES else None


def _rows(recipe: Recipe) -> list[_Row]:
    found = []
    for one in recipe.sources:
        known = _published(one.use)
        if known is None:
            told = f"{one.name or one.use} is not one of the paper's 22 sources, so the paper tells nothing of it"
            raise RecipeError([told], "mmfr plan RECIPE --from pilot asks a few rows of the recipe's own models")
        share = min(1.0, (one.limit or known.original) / known.original) * (one.sample or 1.0)
        removed = (known.too_short + known.template) * share
        traced, consistent = known.rows * share, known.consistent * share
        found.append(_Row(known.original * share, traced, consistent, removed, known.tokens / known.rows))
    return found


class _Paper:
    """The figures of a recipe, and the draws of what is assumed."""

    def __init__(self, recipe: Recipe) -> None:
        self._recipe = recipe
        self._rows = _rows(recipe)
        dice = np.random.default_rng(recipe.seed)
        self._assumed = {name: _drawn(one, dice) for name, one in ASSUMED.items()}
        self._retried = _drawn(Assumed(1, 0, 1 + recipe.distill.retry.template, "tries after a failed screen"), dice)

    def loads(self) -> list[Load]:
        """Loads in the order of the stages, of the roles that the recipe has."""
        roles = self._recipe.models.roles()
        judges = [name for name in roles if name.startswith("judge")]
        probes = "prober" in roles and self._recipe.probe.asks
        makers: list[tuple[str, Callable[[], Load]]] = [
            ("cleaner", self._cleaner),
            ("captioner", self._captioner),
            ("teacher", self._teacher),
            *((name, partial(self._judge, name)) for name in judges if self._recipe.verify.undecided == "judge"),
            ("prober", self._prober),
            *((name, partial(self._judge_of_rollouts, name)) for name in judges if self._recipe.probe.judge and probes),
        ]
        wanted = {"captioner": self._recipe.caption.enabled, "prober": probes}
        return [make() for name, make in makers if name in roles and wanted.get(name, True)]

    def _cleaner(self) -> Load:
        asked = self._sum("original") * self._assumed["share of rows for the cleaner"]
        return self._load(Stage.COLLECT, "cleaner", asked, asked, self._text("clean"), exactly(_ANSWER_TOKENS))

    def _captioner(self) -> Load:
        images = self._sum("original") * self._assumed["images a row"]
        prompt = _prompt_tokens("caption") + self._assumed["tokens an image costs"]
        return self._load(Stage.CAPTION, "captioner", images, images, prompt, exactly(CAPTION_TOKENS))

    def _teacher(self) -> Load:
        candidates = self._recipe.distill.candidates
        rows = self._sum("original")
        again = sum(one.removed for one in self._rows) * self._retried
        tokens = sum(one.original * one.tokens for one in self._rows) / rows
        requests = (rows + again) * candidates
        return self._load(Stage.DISTILL, "teacher", rows, requests, self._asking("distill"), tokens)

    def _judge(self, name: str) -> Load:
        return self._judged(Stage.VERIFY, name, self._sum("traced") * self._recipe.distill.candidates)

    def _judge_of_rollouts(self, name: str) -> Load:
        return self._judged(Stage.PROBE, name, self._sum(self._probed) * self._rollouts)

    def _judged(self, stage: Stage, name: str, answers: Values) -> Load:
        asked = answers * self._assumed["share of answers for the judge"]
        return self._load(stage, name, asked, asked, self._text("verify"), exactly(_ANSWER_TOKENS))

    @property
    def _probed(self) -> str:
        return "consistent" if self._recipe.probe.only_consistent else "traced"

    @property
    def _rollouts(self) -> int:
        probe = self._recipe.probe
        return (probe.rollouts if probe.take == "rollouts" else 0) + probe.blind

    def _prober(self) -> Load:
        rows = self._sum(self._probed)
        weights = [(getattr(one, self._probed), one.tokens) for one in self._rows]
        tokens = sum(weight * each for weight, each in weights) / rows
        completion = tokens * self._assumed["prober's tokens beside the teacher's"]
        return self._load(Stage.PROBE, "prober", rows, rows * self._rollouts, self._asking("answer"), completion)

    def _sum(self, field: str) -> Values:
        return exactly(sum(getattr(one, field) for one in self._rows))

    def _text(self, prompt: str) -> Values:
        return _prompt_tokens(prompt) + self._assumed["tokens of a question"]

    def _asking(self, prompt: str) -> Values:
        return self._text(prompt) + self._assumed["tokens an image costs"]

    def _load(self, stage: Stage, role: str, rows: Values, requests: Values, *each: Values) -> Load:
        prompt, completion = each
        return Load(stage, role, rows, requests, requests * prompt, requests * completion)


def _drawn(one: Assumed, dice: Any) -> Values:
    """The likely value, then draws from the triangle over the bounds."""
    return np.concatenate([[one.mid], dice.triangular(one.low, one.mid, one.high, DRAWS)])


def _prompt_tokens(name: str) -> float:
    return len(load(name).text) / _CHARACTERS_A_TOKEN
