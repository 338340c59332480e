"""One shard of raw rows to canonical samples: mapped, cleaned, images opened, every row accounted for.

This runs in worker processes. What it writes is *staged*: rows of the samples schema that the settle step has still to
compare with all other rows.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import orjson

from mmfinereason.answers import extract_reference, parse_options
from mmfinereason.collect.batches import Batch
from mmfinereason.collect.locate import Missing, locate
from mmfinereason.collect.readers import BadRow, RawRow, root_of
from mmfinereason.collect.sources import Draft, Skip, Source, mapping
from mmfinereason.collect.sources.base import OTHER_LAYOUT
from mmfinereason.collect.text import CleanText, clean_answer, clean_question
from mmfinereason.execute import Attempt
from mmfinereason.images import BadPicture, Picture, normalize
from mmfinereason.recipe.collect import CollectSettings
from mmfinereason.recipe.sources import SourceSettings
from mmfinereason.schema import Reason, Stage
from mmfinereason.store import Reject, Run, Table

STAGED = "samples/staged"
"""Folder of the shards that are gathered and not yet settled."""

QUESTION_IN_REJECTS = 2000
"""Characters of a question that its reject keeps."""


def staged_table(run: Run) -> Table:
    return Table(run.folder, Stage.COLLECT, STAGED)


@dataclass(frozen=True)
class Gather:
    """The work on one batch, with all its settings; picklable."""

    run_url: str
    settings: CollectSettings
    sources: list[SourceSettings]
    model_cleans: bool
    """Whether a cleaner model follows: then what only a model can mend is kept for it."""

    def __call__(self, batch: Batch, attempt: Attempt) -> int:
        """Write the batch's staged shard; returns its number."""
        started = time.perf_counter()
        source = _RowMaker(mapping(self.sources[batch.source]), self.sources[batch.source], self)
        for number, item in enumerate(batch.items):
            attempt.at(number)
            if number in attempt.skip:
                source.reject(Reason.WORKER_DIED, "a worker died twice on this row", origin=item.origin)
            else:
                source.take(item)
        staged_table(Run(self.run_url)).write(
            batch.shard,
            source.rows,
            source.rejects,
            seconds=time.perf_counter() - started,
            figures={"raw_rows": len(batch.items), "source": batch.source},
        )
        return batch.shard


@dataclass
class _RowMaker:
    """Keeps the books of one shard: each draft ends in `rows` or in `rejects`."""

    source: Source
    reading: SourceSettings
    gather: Gather
    rows: list[dict[str, Any]] = field(default_factory=list)
    rejects: list[Reject] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.root = root_of(self.reading)

    def take(self, item: RawRow | BadRow) -> None:
        if isinstance(item, BadRow):
            self.reject(item.reason, item.detail, origin=item.origin)
            return
        for draft in self._drafts(item):
            if isinstance(draft, Skip):
                name = f"{self.source.name}/{draft.source_id or item.origin}"
                self.reject(draft.reason, draft.detail, item.origin, name, draft.question)
            else:
                self._draft(draft, item.origin)

    def _drafts(self, item: RawRow) -> Iterator[Draft | Skip]:
        """The mapping's drafts; a row of an unexpected layout is a reject, not the end of the run."""
        empty = True
        try:
            for draft in self.source.map(item):
                empty = False
                yield draft
            if empty:
                yield Skip(Reason.NOT_INCLUDED, f"the mapping of {self.source.name} makes no question of this row")
        except OTHER_LAYOUT as error:
            yield Skip(Reason.UNREADABLE_ROW, f"not in the layout of {self.source.name}: {error!r}")

    def reject(self, reason: Reason, detail: str, origin: str, id: str = "", question: str = "") -> None:
        source = id.split("/", 1)[0] if id else self.source.name
        self.rejects.append(
            Reject(id or f"{source}/{origin}", reason, detail, source, origin, question[:QUESTION_IN_REJECTS])
        )

    def _draft(self, draft: Draft, origin: str) -> None:
        source = draft.source or self.source.name
        picture = self._picture(draft)
        text = clean_question(draft.question, self.gather.settings.text)
        if isinstance(picture, Picture):
            id = f"{source}/{self._id_in_source(draft, picture, origin)}"
            problem = self._problem(text)
        else:
            id = f"{source}/{draft.source_id or origin}"
            problem = (picture.reason, picture.detail)
        if problem or not isinstance(picture, Picture):
            assert problem is not None
            self.reject(*problem, origin, id, draft.original_question)
            return
        self.rows.append(self._row(draft, text, picture) | {"id": id, "source": source, "origin": origin})

    def _picture(self, draft: Draft) -> Picture | BadPicture | Missing:
        if not draft.images:
            return Missing(Reason.MISSING_IMAGE, "the row names no image")
        if len(draft.images) > 1:
            return Missing(Reason.MULTI_IMAGE, f"{len(draft.images)} images")
        data = locate(draft.images[0], root=self.root, allow_urls=self.reading.allow_urls)
        return data if isinstance(data, Missing) else normalize(data, self.gather.settings.image)

    def _problem(self, text: CleanText) -> tuple[Reason, str] | None:
        if text.reason is not None:
            return text.reason, text.detail
        if "translate" in text.needs and not self.gather.model_cleans:
            return Reason.NOT_ENGLISH, f"language {text.language}, and the recipe has no cleaner model to translate it"
        return None

    def _id_in_source(self, draft: Draft, picture: Picture, origin: str) -> str:
        if self.reading.id_from == "origin":
            return origin
        if self.reading.id_from == "source" and draft.source_id:
            return draft.source_id
        content = f"{picture.sha256}\n{draft.original_question}\n{draft.original_answer or ''}"
        return hashlib.sha256(content.encode()).hexdigest()[:16]

    def _row(self, draft: Draft, text: CleanText, picture: Picture) -> dict[str, Any]:
        answer, edits = self._answer(draft)
        needs = list(text.needs)
        if answer is None and draft.original_answer and draft.fixed_answer:
            needs.append("answer")
        name = f"{picture.sha256[:16]}.{picture.format.lower()}"
        return {
            "domain": (draft.domain or self.source.domain).value,
            "licence": draft.licence or self.reading.licence or self.source.licence,
            "original_question": draft.original_question,
            "original_answer": draft.original_answer,
            "question": text.text,
            "answer": answer,
            "options": list(draft.options or parse_options(text.text)),
            "image": {"bytes": picture.data, "path": name},
            "width": picture.width,
            "height": picture.height,
            "format": picture.format,
            "byte_size": len(picture.data),
            "image_sha256": picture.sha256,
            "image_phash": picture.phash,
            "edits": [*text.edits, *edits, *picture.edits],
            "needs": needs,
            "fixed_answer": draft.fixed_answer,
            "language": text.language,
            "published": _published(draft),
            "extra": orjson.dumps(draft.extra, default=str, option=orjson.OPT_NON_STR_KEYS).decode(),
        }

    def _answer(self, draft: Draft) -> tuple[str | None, list[str]]:
        """The short reference answer and the edits that led to it."""
        given = draft.answer if draft.answer is not None else draft.original_answer
        if not given or not given.strip():
            return None, []
        if draft.answer is not None or len(given.split()) <= self.gather.settings.short_answer_words:
            cleaned = clean_answer(given)
            return cleaned.text or None, [f"answer:{edit}" for edit in cleaned.edits]
        found = extract_reference(given)
        return (found.text, [f"answer:{found.method}"]) if found else (None, [])


def _published(draft: Draft) -> dict[str, Any] | None:
    known = draft.published
    if known is None:
        return None
    return {
        "caption": known.caption,
        "trace": known.trace,
        "pass_rate": known.pass_rate,
        "is_consistent": known.is_consistent,
        "consistency_analysis": known.consistency_analysis,
    }
