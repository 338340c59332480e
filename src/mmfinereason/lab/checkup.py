"""How the lab server answers when it is examined (`mmfr doctor`): by looking at the picture, and by its seed.

It pretends nothing that it cannot do: a picture's colour is read off its pixels, random digits come from the request
and its seed, and thoughts say that nobody thought.
"""

from __future__ import annotations

from mmfinereason.lab.chat import ChatRequest
from mmfinereason.lab.puzzles.dice import Dice
from mmfinereason.lab.wire import Reply
from mmfinereason.models.doctor.checkup import ALPHABET, COLOURS, DIGITS, colour_of

_THINKERS = ("teacher", "prober", "student")
_THOUGHTS = "This is the lab server, and no model thinks here; what follows was computed from the request."


def answer(request: ChatRequest, seed: int, index: int) -> Reply | None:
    """The answer to one of the examination's questions; None for any other request."""
    asked = next((one for one in (COLOURS, DIGITS, ALPHABET) if request.prompt == one), None)
    if asked is None:
        return None
    thoughts = _THOUGHTS if request.role in _THINKERS else None
    return Reply(_said(asked, request, seed, index), thoughts)


def _said(asked: str, request: ChatRequest, seed: int, index: int) -> str:
    if asked == COLOURS:
        return (colour_of(request.images[0]) if request.images else None) or "none"
    if asked == ALPHABET:
        return " ".join("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
    dice = Dice(f"{seed}/{request.key}/{index}")
    return "".join(str(dice.between(0, 9)) for _ in range(12))
