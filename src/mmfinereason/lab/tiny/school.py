"""Teach a tiny model: a plain loop of fresh lessons, next-token loss on the reply only.

No row is seen twice, so there is no data set to keep and nothing to overfit to; the ordinary trainers (`mmfr train`)
are for data sets. Matrices learn by Muon, which needs half the lessons that AdamW needs here; everything else by AdamW.
"""

from __future__ import annotations

import json
import random
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
POOL = 16
"""Batches drawn at once and sorted by length, so that little is padded."""


@dataclass(frozen=True, slots=True)
class Term:
    """How long and how fast a model is taught."""

    course: Course
    steps: int
    batch: int = 16
    muon: float = 0.03
    """Peak learning rate of Muon, for matrices."""
    adamw: float = 3e-3
    """Peak learning rate of AdamW, for embeddings, norms and biases.

    Both rates rise over a twentieth of the steps and fall to nothing over the last two fifths."""


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
    optimizers = _optimizers(model, term)
    losses: list[float] = []
    started = time.monotonic()
    for step, batch in enumerate(_batches(processor, term)):
        loss = model(**batch).loss
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        for optimizer, peak in optimizers:
            for group in optimizer.param_groups:
                group["lr"] = peak * _schedule(step, term.steps)
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


def _optimizers(model: Any, term: Term) -> list[tuple[Any, float]]:
    """Muon (Jordan et al., 2024) and AdamW, each with its peak learning rate."""
    import torch

    matrices: list[Any] = []
    others: list[Any] = []
    for name, weight in model.named_parameters():
        (matrices if weight.ndim == 2 and "embed" not in name else others).append(weight)
    return [
        (torch.optim.Muon(matrices, lr=term.muon, momentum=0.95, weight_decay=0.01), term.muon),
        (torch.optim.AdamW(others, lr=term.adamw, betas=(0.9, 0.98), weight_decay=0.0), term.adamw),
    ]


def _schedule(step: int, steps: int) -> float:
    return min(1.0, (step + 1) / (0.05 * steps), (steps - step) / (0.4 * steps))


def _batches(processor: Any, term: Term) -> Iterator[dict[str, Any]]:
    """Batches of fresh lessons; those of a long term are drawn in a process beside."""
    from torch.utils.data import DataLoader

    beside: dict[str, Any] = {"num_workers": 1, "prefetch_factor": 2, "multiprocessing_context": "forkserver"}
    pools: Any = range(0, term.steps, POOL)
    options = beside if term.steps >= LONG else {}
    drawn = DataLoader(pools, batch_size=None, collate_fn=_Drawn(processor, term), **options)
    return (batch for pool in drawn for batch in pool)


@dataclass(frozen=True)
class _Drawn:
    """The batches that begin with a step, as many as are drawn at once."""

    processor: Any
    term: Term

    def __call__(self, first: int) -> list[dict[str, Any]]:
        term, collate = self.term, _Collate(self.processor)
        steps = range(first, min(first + POOL, term.steps))
        numbers = range(steps.start * term.batch, steps.stop * term.batch)
        lessons = sorted((term.course.lesson(number) for number in numbers), key=lambda lesson: len(lesson.reply))
        batches = [lessons[start : start + term.batch] for start in range(0, len(lessons), term.batch)]
        random.Random(first).shuffle(batches)
        return [collate(batch) for batch in batches]


@dataclass(frozen=True)
class _Collate:
    """Lessons to tensors; labels are -100 wherever nothing is to be learnt."""

    processor: Any

    def __call__(self, lessons: list[Lesson]) -> dict[str, Any]:
        import torch

        torch.set_num_threads(1)
        texts = [self._text(one) for one in lessons]
        images = [one.image for one in lessons if one.image]
        batch = dict(self.processor(images=images or None, text=texts, padding=True, return_tensors="pt"))
        labels = torch.full_like(batch["input_ids"], -100)
        for row, lesson in enumerate(lessons):
            end = int(batch["attention_mask"][row].sum())
            start = end - len(self.processor.tokenizer(lesson.reply + END)["input_ids"])
            labels[row, start:end] = batch["input_ids"][row, start:end]
        return batch | {"labels": labels}

    def _text(self, lesson: Lesson) -> str:
        content = [*([{"type": "image"}] if lesson.image else []), {"type": "text", "text": lesson.prompt}]
        turns = [{"role": "user", "content": content}]
        prompt = self.processor.apply_chat_template(turns, tokenize=False, add_generation_prompt=True)
        return f"{prompt}{lesson.reply}{END}"
