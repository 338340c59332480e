"""Replies by transformers, many at a time, each with its own sampling and its own seed.

A token is drawn by adding Gumbel noise from the reply's own generator to its scaled logits and taking the largest
(the Gumbel-max trick): an exact sample, and the same one whatever else is in the batch. Torch is imported where it is
used.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

from mmfinereason.lab.engines.base import Later, Wanted, Written, nobody
from mmfinereason.train.local import checkpoint


class TransformersEngine:
    """Any Qwen3-VL, on the CPU or a GPU."""

    def __init__(self, folder: Path, device: str = "auto", threads: int | None = None) -> None:
        """Raises TrainError where torch is missing, or the device."""
        checkpoint.require()
        import torch

        if threads is not None:
            torch.set_num_threads(threads)
        self._device = checkpoint.device_of(device)
        self._processor = checkpoint.load_processor(folder)
        self._model = checkpoint.load_model(folder, self._device, trained=False).eval().to(self._device)
        self._torch = torch
        self.context: int = self._model.config.get_text_config().max_position_embeddings
        """Most tokens of prompt and reply together."""

    @cached_property
    def _ends(self) -> list[int]:
        told = self._model.generation_config.eos_token_id
        return [*([told] if isinstance(told, int) else told or []), self._processor.tokenizer.eos_token_id]

    def prompt(self, wanted: Wanted) -> str:
        """The text a reply goes on from."""
        text: str = self._processor.apply_chat_template(
            wanted.messages, tokenize=False, add_generation_prompt=True, **wanted.template
        )
        return text

    def write(self, batch: Sequence[Wanted], _: Later = nobody) -> Iterator[tuple[int, Written]]:
        """All replies of a batch, each with its number, when the last is done."""
        inputs = self._inputs(batch)
        lengths = inputs["attention_mask"].sum(dim=1).tolist()
        room = [max(1, self.context - length) for length in lengths]
        limits = [min(one.sampling.max_tokens or left, left) for one, left in zip(batch, room, strict=True)]
        ids = self._generate(inputs, batch, limits)
        for number, (row, limit, length) in enumerate(zip(ids, limits, lengths, strict=True)):
            yield number, self._written(row, limit, length)

    def _inputs(self, batch: Sequence[Wanted]) -> Any:
        texts = [self.prompt(one) for one in batch]
        images = [image for one in batch for image in one.images]
        given = self._processor(images=images or None, text=texts, padding=True, return_tensors="pt")
        return given.to(self._device)

    def _generate(self, inputs: Any, batch: Sequence[Wanted], limits: list[int]) -> list[list[int]]:
        from mmfinereason.lab.engines.transformers_engine.sampling import Draw, Enough

        start = inputs["input_ids"].shape[1]
        with self._torch.inference_mode():
            ids = self._model.generate(
                **inputs,
                do_sample=False,
                temperature=None,
                top_p=None,
                top_k=None,
                repetition_penalty=None,
                max_new_tokens=max(limits),
                logits_processor=[Draw([one.sampling for one in batch], inputs["attention_mask"])],
                stopping_criteria=[Enough(limits, start)],
            )
        rows: list[list[int]] = ids[:, start:].tolist()
        return rows

    def _written(self, ids: list[int], limit: int, prompt_tokens: int) -> Written:
        end = next((place for place, token in enumerate(ids[:limit]) if token in self._ends), None)
        kept = ids[:limit] if end is None else ids[:end]
        text = self._processor.tokenizer.decode(kept, skip_special_tokens=True)
        return Written(text, end is None, prompt_tokens, len(kept) + (end is not None))

    def length(self, wanted: Wanted) -> int:
        """Tokens of a prompt, its images included."""
        images: int = sum(self._processor.image_tokens(*image.size) - 1 for image in wanted.images)
        return self.count(self.prompt(wanted)) + images

    def count(self, text: str) -> int:
        """Tokens of a text."""
        return len(self._processor.tokenizer(text, add_special_tokens=False)["input_ids"])
