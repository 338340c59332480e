"""Which row a request is about: by its image, and by the question in its prompt.

An image is looked up by SHA-256 of its bytes, else by perceptual hash, because a client may have scaled it. Rows that
share the image are told apart by the question. Without an image the question alone decides, and may leave several rows.
The question is taken from the prompt's `question` block, else looked for anywhere in the text.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from mmfinereason.lab.chat import ChatRequest, Refusal
from mmfinereason.lab.knowledge import Known, hash_image

NEAR = 10
"""Largest Hamming distance of two perceptual hashes, of 64 bits, that still counts as one image."""
_ALIKE = 0.6
"""Share of a question's words that must occur in the prompt when a cleaner has reworded it."""
NEARLY = 0.75
"""Share of the words of two questions together that both have, for them to be nearly one question."""
_RAREST = 8
_ANCHOR = 6
_SQUARE = str.maketrans("<>", "[]")
_WORD = re.compile(r"\w+")
_POPCOUNT = np.array([bin(i).count("1") for i in range(256)], dtype=np.uint8)


class Matcher:
    """Finds rows; remembers which images it has seen, so that each is decoded at most once."""

    def __init__(self, rows: Sequence[Known]) -> None:
        self.rows = rows
        self._pictures: dict[str, dict[int, int]] = defaultdict(dict)
        self._by_question: dict[str, list[int]] = defaultdict(list)
        self._by_anchor: dict[tuple[str, ...], set[str]] = defaultdict(set)
        self._by_word: dict[str, list[str]] = defaultdict(list)
        for i, row in enumerate(rows):
            if row.image_sha256:
                self._pictures[row.image_sha256][i] = 0
            for wording in {plain(text) for text in row.wordings} - {""}:
                self._by_question[wording].append(i)
                self._by_anchor[_anchor(wording)].add(wording)
                for word in set(_WORD.findall(wording)):
                    self._by_word[word].append(wording)
        self._hashed = [i for i, row in enumerate(rows) if row.image_phash]
        self._hashes = np.array([int(rows[i].image_phash or "0", 16) for i in self._hashed], dtype=np.uint64)

    def find(self, request: ChatRequest) -> Known:
        """The one row a request is about.

        Raises:
            Refusal: 422 that says whether the image or the question is unknown, or that several rows fit.
        """
        rows = self.candidates(request)
        answers = {(row.answer, row.published) for row in rows}
        if len(answers) > 1:
            raise Refusal(422, "ambiguous", f"{len(rows)} known rows fit this request, the first is {rows[0].id!r}")
        return rows[0]

    def candidates(self, request: ChatRequest) -> list[Known]:
        """All rows a request may be about, at least one."""
        if not request.images:
            asking = [self.rows[i] for i in self._asked(request)]
            asking = asking or self.nearly_asking(request.blocks.get("question", ""))
            if not asking:
                raise Refusal(422, "unknown_question", "no known row asks this question, and no image was sent")
            return asking
        pictured = self._pictured(request)
        if not pictured:
            sha = request.image_sha256[0][:12]
            raise Refusal(422, "unknown_image", f"no known row has this image (sha256 {sha}...) or one like it")
        found = self._narrow(request, pictured)
        if not found:
            names = ", ".join(self.rows[i].id for i in list(pictured)[:3])
            raise Refusal(422, "unknown_question", f"the image is known ({names}), but not with this question")
        return [self.rows[i] for i in found]

    def pictured(self, request: ChatRequest) -> list[Known]:
        """All rows with the request's image, whatever they ask."""
        return [self.rows[i] for i in self._pictured(request)]

    def asking(self, question: str) -> list[Known]:
        """All rows that ask exactly this question, in any of its wordings."""
        return [self.rows[i] for i in self._by_question.get(plain(question), ())]

    def nearly_asking(self, question: str) -> list[Known]:
        """The rows that ask this question, or else those whose wording is nearest to it, if it is near enough."""
        if exact := self.asking(question):
            return exact
        known = [word for word in set(_WORD.findall(plain(question))) if word in self._by_word]
        rarest = sorted(known, key=lambda word: len(self._by_word[word]))[:_RAREST]
        nearness = {wording: alike(wording, question) for word in rarest for wording in self._by_word[word]}
        best = max(nearness, key=lambda wording: nearness[wording], default="")
        return self.asking(best) if nearness.get(best, 0.0) >= NEARLY else []

    def _pictured(self, request: ChatRequest) -> dict[int, int]:
        """Rows with the request's image and how many bits their hashes differ from it, nearest first."""
        for sha, image in zip(request.image_sha256, request.images, strict=True):
            if sha not in self._pictures:
                self._pictures[sha] = self._near(hash_image(image))
            if self._pictures[sha]:
                return self._pictures[sha]
        return {}

    def _near(self, phash: str | None) -> dict[int, int]:
        if phash is None or not self._hashed:
            return {}
        differing: NDArray[np.uint8] = (self._hashes ^ np.uint64(int(phash, 16))).view(np.uint8)
        distances = _POPCOUNT[differing].reshape(-1, 8).sum(axis=1)
        order = np.argsort(distances, kind="stable")
        return {self._hashed[i]: int(distances[i]) for i in order if distances[i] <= NEAR}

    def _narrow(self, request: ChatRequest, pictured: dict[int, int]) -> list[int]:
        """Those of the rows with the image that ask the prompt's question, exactly or else nearly."""
        asked = set(self._asked(request))
        if exact := [i for i in pictured if i in asked]:
            nearest = min(pictured[i] for i in exact)
            return [i for i in exact if pictured[i] == nearest]
        words = set(_WORD.findall(plain(request.blocks.get("question", request.prompt))))
        likeness = {i: max(_shared(plain(text), words) for text in self.rows[i].wordings) for i in pictured}
        best = max(likeness.values())
        return [i for i in pictured if likeness[i] == best] if best >= _ALIKE else []

    def _asked(self, request: ChatRequest) -> list[int]:
        """Rows whose question is the prompt's question block, or else the longest one contained in the prompt."""
        block = plain(request.blocks.get("question") or request.blocks.get("text", ""))
        if block in self._by_question:
            return self._by_question[block]
        words = _WORD.findall(plain(request.prompt))
        text = f" {' '.join(words)} "
        best = ""
        for start in range(len(words)):
            for length in range(1, _ANCHOR + 1):
                for wording in self._by_anchor.get(tuple(words[start : start + length]), ()):
                    if len(wording) > len(best) and f" {' '.join(_WORD.findall(wording))} " in text:
                        best = wording
        return self._by_question[best] if best else []


def plain(text: str) -> str:
    """A question without image markers, case and spacing; prompts write active tags in square brackets."""
    return " ".join(text.translate(_SQUARE).replace("[image]", " ").casefold().split())


def alike(one: str, other: str) -> float:
    """Share of the words of both questions together that both have."""
    first, second = (set(_WORD.findall(plain(text))) for text in (one, other))
    return len(first & second) / len(first | second) if first or second else 1.0


def _anchor(wording: str) -> tuple[str, ...]:
    return tuple(_WORD.findall(wording)[:_ANCHOR])


def _shared(wording: str, words: set[str]) -> float:
    own = set(_WORD.findall(wording))
    return len(own & words) / len(own) if own else 0.0
