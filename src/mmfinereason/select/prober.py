"""Asks the small model about one row: rollouts with the image, then blind ones, each with its verdict."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

from mmfinereason.answers import Tolerance
from mmfinereason.context import Context
from mmfinereason.models import Client, Request, prompts
from mmfinereason.models.prompts import Prompt, options_text
from mmfinereason.recipe.select import ProbeSettings
from mmfinereason.select.judging import Judges, judges
from mmfinereason.select.rollouts import Rollout, read, rollout
from mmfinereason.select.rulings import Asked
from mmfinereason.select.stakes import Stakes
from mmfinereason.store.journal import Journal

PROBER = "prober"


@dataclass(frozen=True, slots=True)
class Row:
    """A row with a trace, as the probe sees it."""

    id: str
    asked: Asked
    teacher: tuple[tuple[str, str], ...]
    """(answer, outcome) of every candidate trace that has an answer."""
    probed: bool
    """Whether the recipe wants rollouts of it."""
    published_rate: float | None
    image: bytes | None = None
    image_sha256: str | None = None

    def without_image(self) -> Row:
        """The same row when its image is no longer needed."""
        return replace(self, image=None)


@dataclass(frozen=True, slots=True)
class Asking:
    """One row about to be asked."""

    client: Client
    journal: Journal
    row: Row


@dataclass(frozen=True, slots=True)
class Prober:
    """How the recipe wants rows to be probed."""

    settings: ProbeSettings
    tolerance: Tolerance
    prompts: Sequence[Prompt]
    judges: Judges | None

    @classmethod
    def of(cls, context: Context) -> Prober:
        """As the recipe says. Raises RecipeError when a prompt file cannot be used."""
        recipe = context.recipe
        files = recipe.models.prober.prompt if recipe.models.prober else []
        return cls(
            recipe.probe,
            recipe.verify.tolerance.to_tolerance(),
            [prompts.load(file, "answer") for file in files] or [prompts.load("answer")],
            Judges.of(context) if recipe.probe.judge and judges(context) else None,
        )

    async def ask(self, asking: Asking, stakes: Stakes | None = None) -> list[Rollout]:
        """All rollouts of a row, in order; none when it is not probed. With `stakes` it stops once they are decided."""
        if not asking.row.probed:
            return []
        sighted = self._sighted(asking, stakes) if self.settings.take == "rollouts" else _nothing()
        blind = asyncio.gather(*(self._one(asking, index, blind=True) for index in range(self.settings.blind)))
        seen, unseen = await asyncio.gather(sighted, blind)
        return [*seen, *unseen]

    async def _sighted(self, asking: Asking, stakes: Stakes | None) -> list[Rollout]:
        wanted = range(self.settings.rollouts)
        if stakes is None:
            return list(await asyncio.gather(*(self._one(asking, index, blind=False) for index in wanted)))
        done: list[Rollout] = []
        for index in wanted:
            done.append(await self._one(asking, index, blind=False))
            counts = Counter(one.outcome for one in done)
            if stakes.decided(asking.row.id, counts["correct"], counts["wrong"], len(done)):
                break
        return done

    async def _one(self, asking: Asking, index: int, *, blind: bool) -> Rollout:
        asked = asking.row.asked
        prompt = self.prompts[index % len(self.prompts)]
        rendered = prompt.render(question=asked.question, options=options_text(asked.options, asked.question))
        request = Request(
            PROBER,
            rendered.text,
            image=None if blind else asking.row.image,
            image_sha256=None if blind else asking.row.image_sha256,
            prompt=rendered.prompt,
            attempt=index,
        )
        said = await asking.client.ask(request, asking.journal)
        ruling = await asyncio.to_thread(read, said, asked, self.tolerance)  # algebra may take seconds
        if ruling.outcome == "undecided" and self.judges is not None:
            ruling = await self.judges.decide(asking.client, asking.journal, asked, ruling, "")
        return rollout(said, ruling, index=index, blind=blind)


async def _nothing() -> list[Rollout]:
    return []
