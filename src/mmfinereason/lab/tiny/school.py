"""Teach a tiny model: a plain loop of fresh lessons, next-token loss on the reply only.

No row is seen twice, so there is no data set to keep and nothing to overfit to; the ordinary trainers (`mmfr train`)
are for data sets.
"""

from __future__ import annotations

import json
import math
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from mmfinereason.lab.tiny.lessons import Course, Lesson
from mmfinereason.train.local import checkpoint

FILE = "taught.json"
"""Written last: how the model was taught."""
END = "<|im_end|>"
LONG = 100
"""Steps from which a process of its own, which takes seconds to start, is worth it."""


@dataclass(frozen=True, slots=True)
class Term:
    """How long and how fast a model is taught."""

    course: Course
    steps: int
    batch: int = 16
    rate: float = 1e-3
    """Peak learning rate of AdamW; it rises over a twentieth of the steps and falls to a tenth by a cosine."""


Tell = Callable[[int, float], None]
"""Told step and loss after each step."""


def teach(base: Path, folder: Path, term: Term, *, seed: int = 0, threads: int = 1, tell: Tell | None = None) -> Path:
    """Teach the model in `base` and write it to `folder` in bf16; what is there already is not done again."""
    import torch

    if (folder / FILE).exists():
        return folder
    torch.set_num_threads(threads)
    torch.manual_seed(seed)
    processor = checkpoint.load_processor(base, padding="right")
    model = checkpoint.load_model(base, "cpu").train()
    optimizer = torch.optim.AdamW(model.parameters(), lr=term.rate, weight_decay=0.01)
    losses: list[float] = []
    started = time.monotonic()
    for step, batch in enumerate(_batches(processor, term)):
        for group in optimizer.param_groups:
            group["lr"] = term.rate * _schedule(step / term.steps)
        loss = model(**batch).loss
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)
        losses.append(loss.item())
        if tell:
            tell(step + 1, losses[-1])
    model.to(torch.bfloat16).save_pretrained(folder)
    checkpoint.copy_processor(base, folder)
    last = losses[-max(1, len(losses) // 20) :]
    made = {"term": asdict(term), "seed": seed, "loss": sum(last) / len(last), "seconds": time.monotonic() - started}
    (folder / FILE).write_text(json.dumps(made, indent=2))
    return folder


def _schedule(share: float) -> float:
    return min(1.0, share / 0.05 + 0.01) * (0.1 + 0.9 * (1 + math.cos(math.pi * share)) / 2)


def _batches(processor: Any, term: Term) -> Iterator[dict[str, Any]]:
    """Batches of fresh lessons; those of a long term are drawn in a process beside."""
    from torch.utils.data import DataLoader

    beside: dict[str, Any] = {"num_workers": 1, "prefetch_factor": 4, "multiprocessing_context": "forkserver"}
    shared = {"batch_size": term.batch, "collate_fn": _Collate(processor)}
    return iter(DataLoader(_Drawn(term), **shared, **(beside if term.steps >= LONG else {})))


@dataclass(frozen=True)
class _Drawn:
    """The lessons of a term as a dataset of torch."""

    term: Term

    def __len__(self) -> int:
        return self.term.steps * self.term.batch

    def __getitem__(self, number: int) -> Lesson:
        return self.term.course.lesson(number)


@dataclass(frozen=True)
class _Collate:
    """Lessons to tensors; labels are -100 wherever nothing is to be learnt."""

    processor: Any

    def __call__(self, lessons: list[Lesson]) -> dict[str, Any]:
        import torch

        torch.set_num_threads(1)
        texts = [self._text(one) for one in lessons]
        images = [one.image for one in lessons]
        batch = dict(self.processor(images=images, text=texts, padding=True, return_tensors="pt"))
        labels = torch.full_like(batch["input_ids"], -100)
        for row, lesson in enumerate(lessons):
            end = int(batch["attention_mask"][row].sum())
            start = end - len(self.processor.tokenizer(lesson.reply + END)["input_ids"])
            labels[row, start:end] = batch["input_ids"][row, start:end]
        return batch | {"labels": labels}

    def _text(self, lesson: Lesson) -> str:
        content = [{"type": "image"}, {"type": "text", "text": lesson.prompt}]
        turns = [{"role": "user", "content": content}]
        prompt = self.processor.apply_chat_template(turns, tokenize=False, add_generation_prompt=True)
        return f"{prompt}{lesson.reply}{END}"
