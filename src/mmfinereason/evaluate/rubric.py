"""A judge asked with a benchmark's own rubric, as CharXiv brings one in every row.

The rubric holds `{PREDICTION}` and asks for JSON with `extract_answer` and `score`, 1 or 0 (CharXiv, arXiv 2406.18521,
section 3.3). A reply that is not such JSON is asked for once more, then stays undecided.
"""

from __future__ import annotations

import hashlib
from typing import Any

import orjson

from mmfinereason.answers import Outcome
from mmfinereason.models import Client, Reply, Request
from mmfinereason.models.judge import TRIES, Judgment
from mmfinereason.store.journal import Journal

PLACE = "{PREDICTION}"


async def ask(rubric: str, answer: str, client: Client, journal: Journal, role: str) -> Judgment:
    """The judge's verdict on an answer by the row's rubric. Raises what `Client.ask` raises."""
    text = rubric.replace(PLACE, answer)
    label = "rubric@" + hashlib.sha256(rubric.encode()).hexdigest()[:8]
    cost = 0.0
    for attempt in range(TRIES):
        reply = await client.ask(Request(role, text, prompt=label, attempt=attempt), journal)
        cost += reply.cost
        if not isinstance(reply, Reply):
            return Judgment("undecided", "rubric", f"{role}: {reply.reason}: {reply.detail}", "", attempt + 1, cost)
        score = read(reply.answer_text)
        if score is not None:
            outcome: Outcome = "equal" if score == 1 else "different"
            return Judgment(outcome, "rubric", f"score {score}", reply.answer_text, attempt + 1, cost)
    return Judgment("undecided", "rubric", f"{role}: unreadable reply", "", TRIES, cost)


def read(text: str) -> int | None:
    """The score in a judge's reply: 1, 0, or None when it cannot be read."""
    start, end = text.find("{"), text.rfind("}")
    try:
        said: Any = orjson.loads(text[start : end + 1]) if 0 <= start < end else None
    except orjson.JSONDecodeError:
        return None
    score = said.get("score") if isinstance(said, dict) else None
    return int(score) if score in (0, 1, 0.0, 1.0, "0", "1") else None
