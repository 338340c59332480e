"""Writes replies with numpy alone: rows join and leave while the others go on.

The rows being written fill the first slots of the cache; when one ends, the last takes its slot.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from mmfinereason.lab.engines.base import Later, Wanted, Written, nobody
from mmfinereason.lab.engines.numpy_engine.model import Model, Read
from mmfinereason.lab.engines.numpy_engine.prompts import Prompt, Prompts
from mmfinereason.lab.engines.numpy_engine.sampling import Dice, draw
from mmfinereason.lab.engines.numpy_engine.text import Cache
from mmfinereason.lab.engines.numpy_engine.threads import limit


@dataclass
class _Row:
    """A reply being written. `place` is where its next token goes, `position` what rotates that token."""

    number: int
    dice: Dice
    limit: int
    prompt_tokens: int
    place: int
    position: int
    ids: list[int] = field(default_factory=list)


class NumpyEngine:
    """A small Qwen3-VL on the CPU, without torch."""

    def __init__(self, folder: Path, threads: int = 1) -> None:
        """Raises TrainError for a checkpoint that cannot be run here."""
        limit(threads)
        self._model = Model(folder)
        self._prompts = Prompts(folder, self._model.reader, self._model.config.image_token)
        self.context: int = self._model.config.text.context

    def prompt(self, wanted: Wanted) -> str:
        """The text a reply goes on from."""
        return self._prompts.text(wanted)

    def length(self, wanted: Wanted) -> int:
        """Tokens of a prompt, its images included."""
        return self._prompts.length(wanted)

    def count(self, text: str) -> int:
        """Tokens of a text."""
        return len(self._prompts.ids(text))

    def write(self, batch: Sequence[Wanted], later: Later = nobody) -> Iterator[tuple[int, Written]]:
        """Replies as they are done, each with its number; those of `later` are numbered on from the batch."""
        rows: list[_Row] = []
        cache = Cache(self._model.config.text)
        count, new = 0, batch
        while new or rows:
            if new:
                cache.reserve(len(rows) + len(new), 0)
                for row, read in self._begun(new, count):
                    if not self._over(row):
                        _sit(cache, len(rows), read)
                        rows.append(row)
                    else:
                        yield row.number, self._written(row)
                count += len(new)
            if rows:
                yield from self._go_on(rows, cache)
            new = later(len(rows))

    def _begun(self, new: Sequence[Wanted], count: int) -> Iterator[tuple[_Row, Read]]:
        """Rows with their first token."""
        prompts = [self._prompts.prompt(one) for one in new]
        reads = self._model.read(prompts)
        rows = [self._row(count + at, one, prompt) for at, (one, prompt) in enumerate(zip(new, prompts, strict=True))]
        tokens = draw(np.stack([read.scores for read in reads]), [row.dice for row in rows])
        for row, read, token in zip(rows, reads, tokens.tolist(), strict=True):
            row.ids.append(token)
            yield row, read

    def _row(self, number: int, wanted: Wanted, prompt: Prompt) -> _Row:
        length = len(prompt.ids)
        room = max(1, self.context - length)
        limit = min(wanted.sampling.max_tokens or room, room)
        dice = Dice(wanted.sampling, prompt.ids, self._model.text.vocabulary)
        return _Row(number, dice, limit, length, length, prompt.following)

    def _go_on(self, rows: list[_Row], cache: Cache) -> Iterator[tuple[int, Written]]:
        """One more token for every row; those that are over leave."""
        places = np.array([[row.place] for row in rows])
        cache.reserve(len(rows), int(places.max()) + 1)
        positions = np.repeat([[row.position] for row in rows], 3, axis=1)[:, None]
        hidden = self._model.text.embeddings[[row.ids[-1] for row in rows]][:, None]
        hidden = self._model.text(hidden, places, positions, cache, None)
        tokens = draw(self._model.text.logits(hidden[:, 0]), [row.dice for row in rows])
        for row, token in zip(rows, tokens.tolist(), strict=True):
            row.ids.append(token)
            row.place += 1
            row.position += 1
        for slot in [slot for slot, row in enumerate(rows) if self._over(row)][::-1]:
            yield rows[slot].number, self._written(rows[slot])
            last = rows.pop()
            if slot < len(rows):
                cache.move(len(rows), slot, last.place)
                rows[slot] = last

    def _over(self, row: _Row) -> bool:
        return len(row.ids) >= row.limit or row.ids[-1] in self._prompts.ends

    def _written(self, row: _Row) -> Written:
        ended = row.ids[-1] in self._prompts.ends
        text = self._prompts.said(row.ids[:-1] if ended else row.ids)
        return Written(text, not ended, row.prompt_tokens, len(row.ids))


def _sit(cache: Cache, slot: int, read: Read) -> None:
    """Give a row that was read a slot."""
    length = read.keys.shape[2]
    cache.reserve(slot + 1, length + 1)
    cache.keys[:, slot, :, :length] = read.keys
    cache.values[:, slot, :, :length] = read.values
