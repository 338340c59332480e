"""Drawing tokens for rows that differ in temperature, nucleus, penalty and seed.

A token is drawn by adding Gumbel noise from the reply's own generator to its scaled logits and taking the largest (the
Gumbel-max trick): an exact sample, and the same one whatever else is in the batch.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from mmfinereason.lab.engines.base import Sampling
from mmfinereason.lab.engines.numpy_engine.text import Whole
from mmfinereason.lab.engines.numpy_engine.weights import Floats


class Dice:
    """What one reply is drawn with."""

    def __init__(self, sampling: Sampling, prompt: Whole, vocabulary: int) -> None:
        self.sampling = sampling
        self._random = np.random.Generator(np.random.PCG64(sampling.seed))
        self.used = np.zeros(vocabulary, bool)
        self.used[prompt] = True

    def noise(self, room: Floats) -> None:
        """Fill a row with exponential noise, whose negative logarithm is Gumbel noise."""
        self._random.standard_exponential(dtype=np.float32, out=room)


def draw(scores: Floats, dice: Sequence[Dice]) -> Whole:
    """The next token of each row; `scores` (row, token) are changed."""
    _penalize(scores, dice)
    warm = [number for number, one in enumerate(dice) if one.sampling.temperature > 0]
    if warm:
        chosen = [dice[number] for number in warm]
        scores[warm] = _drawn(scores if len(warm) == len(dice) else scores[warm], chosen)
    drawn: Whole = scores.argmax(axis=1)
    for one, token in zip(dice, drawn, strict=True):
        one.used[token] = True
    return drawn


def _penalize(scores: Floats, dice: Sequence[Dice]) -> None:
    """Logits of tokens that occur in prompt or reply, divided by the penalty where positive, else multiplied."""
    for row, one in zip(scores, dice, strict=True):
        if (penalty := one.sampling.repetition_penalty) != 1:
            used = row[one.used]
            row[one.used] = np.where(used > 0, used / penalty, used * penalty)


def _drawn(scores: Floats, dice: Sequence[Dice]) -> Floats:
    scores = scores / np.array([one.sampling.temperature for one in dice], np.float32)[:, None]
    _keep_likeliest(scores, dice)
    _keep_nucleus(scores, dice)
    noise = np.empty_like(scores)
    for row, one in zip(noise, dice, strict=True):
        one.noise(row)
    np.log(np.maximum(noise, np.float32(1e-30), out=noise), out=noise)
    return scores - noise


def _keep_likeliest(scores: Floats, dice: Sequence[Dice]) -> None:
    """Only the `top_k` largest of each row."""
    for row, one in zip(scores, dice, strict=True):
        if 0 < (most := one.sampling.top_k) < len(row):
            row[row < np.partition(row, -most)[-most]] = -np.inf


def _keep_nucleus(scores: Floats, dice: Sequence[Dice]) -> None:
    """The fewest tokens of each row whose probability reaches `top_p`: each with less than that before it."""
    narrow = [number for number, one in enumerate(dice) if one.sampling.top_p < 1]
    if not narrow:
        return
    chosen = scores[narrow]
    ranked = np.sort(chosen, axis=1)[:, ::-1]
    chances = np.exp(ranked - ranked[:, :1])
    before = np.cumsum(chances, axis=1) - chances
    most = np.array([dice[number].sampling.top_p for number in narrow], np.float32) * chances.sum(axis=1)
    kept = np.maximum((before < most[:, None]).sum(axis=1), 1)
    least = ranked[np.arange(len(ranked)), kept - 1]
    scores[narrow] = np.where(chosen < least[:, None], np.float32(-np.inf), chosen)
