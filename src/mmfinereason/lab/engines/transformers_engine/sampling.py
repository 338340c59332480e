"""Drawing tokens for a batch whose rows differ in temperature, nucleus, penalty, length and seed.

Import this module only where transformers is there: its classes derive from transformers' own.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import torch
from transformers import LogitsProcessor, StoppingCriteria

if TYPE_CHECKING:
    from mmfinereason.lab.engines.base import Sampling


class Draw(LogitsProcessor):  # type: ignore[misc]
    """Scores whose largest is the drawn token of each row."""

    def __init__(self, rows: Sequence[Sampling], prompt: Any) -> None:
        """`prompt` is the attention mask of the prompts: padding is no used token."""
        device = prompt.device
        self._prompt = prompt
        self._penalty = torch.tensor([row.repetition_penalty for row in rows], device=device)[:, None]
        self._warm = [number for number, row in enumerate(rows) if row.temperature > 0]
        warm = [rows[number] for number in self._warm]
        self._temperature = torch.tensor([row.temperature for row in warm], device=device)[:, None]
        self._top_p = torch.tensor([row.top_p for row in warm], device=device)[:, None]
        self._top_k = [row.top_k for row in warm]
        self._dice = [_generator(row.seed) for row in warm]

    def __call__(self, input_ids: Any, scores: Any) -> Any:
        """Penalize what was used, then draw the rows that are not greedy."""
        scores = scores.float()
        if bool((self._penalty != 1).any()):
            scores = self._penalized(input_ids, scores)
        if self._warm:
            scores = scores.clone()
            scores[self._warm] = self._drawn(scores[self._warm] / self._temperature)
        return scores

    def _penalized(self, input_ids: Any, scores: Any) -> Any:
        """Logits of tokens that occur in prompt or reply, divided by the penalty where positive, else multiplied."""
        new = input_ids.shape[1] - self._prompt.shape[1]
        seen = torch.cat([self._prompt.bool(), self._prompt.new_ones(len(input_ids), new).bool()], dim=1)
        used = torch.zeros(scores.shape, device=scores.device)
        used.scatter_add_(1, input_ids, seen.float())
        penalized = torch.where(scores > 0, scores / self._penalty, scores * self._penalty)
        return torch.where(used > 0, penalized, scores)

    def _drawn(self, scores: Any) -> Any:
        for number, most in enumerate(self._top_k):
            if 0 < most < scores.shape[1]:
                least = torch.topk(scores[number], most).values[-1]
                scores[number] = scores[number].masked_fill(scores[number] < least, -torch.inf)
        if bool((self._top_p < 1).any()):
            scores = self._nucleus(scores)
        noise = torch.stack([torch.rand(scores.shape[1], generator=dice, dtype=torch.float64) for dice in self._dice])
        gumbel = -torch.log(-torch.log(noise.clamp(min=1e-300)))
        return scores + gumbel.to(scores.device, scores.dtype)

    def _nucleus(self, scores: Any) -> Any:
        """Keep the fewest tokens whose probability reaches `top_p`: each with less than that before it."""
        ranked, order = scores.sort(dim=1, descending=True)
        chances = ranked.softmax(dim=1)
        ranked = ranked.masked_fill(chances.cumsum(dim=1) - chances >= self._top_p, -torch.inf)
        return torch.empty_like(scores).scatter_(1, order, ranked)


def _generator(seed: int | None) -> Any:
    dice = torch.Generator()
    if seed is None:
        dice.seed()
    else:
        dice.manual_seed(seed)
    return dice


class Enough(StoppingCriteria):  # type: ignore[misc]
    """Stops each row at its own limit."""

    def __init__(self, limits: Sequence[int], start: int) -> None:
        self._limits = torch.tensor(limits)
        self._start = start

    def __call__(self, input_ids: Any, scores: Any, **_: Any) -> Any:
        """One truth value a row."""
        return (self._limits <= input_ids.shape[1] - self._start).to(input_ids.device)
