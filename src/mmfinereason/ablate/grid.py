"""The cells of a grid, in an order in which each comes after what it starts from."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product

from mmfinereason.errors import MmfrError
from mmfinereason.recipe.ablate import UNTRAINED, AblateSettings, Product

FOLDER = "ablate/cells"
"""Below the run."""


@dataclass(frozen=True, slots=True, order=True)
class Key:
    """Which cell: a data variant, a training and a seed, by their names."""

    data: str
    training: str
    seed: int

    @property
    def folder(self) -> str:
        """Its folder below the run's."""
        return f"{FOLDER}/{self}"

    def __str__(self) -> str:
        return f"{self.data}/{self.training}/seed-{self.seed}"


def grid(settings: AblateSettings) -> list[Key]:
    """All cells that are asked for, and those that others start from; fine-tuning comes before GSPO."""
    wanted = [key for one in settings.grid or [Product()] for key in _product(settings, one)]
    return sorted(dict.fromkeys(with_starts(settings, wanted)), key=lambda key: _rank(settings, key))


def with_starts(settings: AblateSettings, keys: Sequence[Key]) -> list[Key]:
    """Cells after those that they start from."""
    needed = [before for key in keys if (before := started_from(settings, key))]
    return list(dict.fromkeys([*needed, *keys]))


def started_from(settings: AblateSettings, key: Key) -> Key | None:
    """The cell whose model a cell starts from."""
    training = settings.training.get(key.training)
    return Key(key.data, training.after, key.seed) if training and training.after else None


def untrained(seed: int) -> Key:
    """The cell of the model before training."""
    return Key(UNTRAINED, UNTRAINED, seed)


def chosen(keys: Sequence[Key], only: Sequence[str]) -> list[Key]:
    """The cells that `data=hard`, `training=steps`, `seed=0` leave; several of one kind are alternatives.

    Raises MmfrError for a choice of another kind, or one that leaves none.
    """
    left = list(keys)
    asked: dict[str, set[str]] = {}
    for one in (part for text in only for part in text.split(",")):
        kind, _, value = one.partition("=")
        if kind not in ("data", "training", "seed"):
            raise MmfrError(f"--only {one}: not a choice of cells", "write data=NAME, training=NAME or seed=NUMBER")
        asked.setdefault(kind, set()).add(value)
    for kind, values in asked.items():
        there = {str(getattr(key, kind)) for key in left}
        left = [key for key in left if str(getattr(key, kind)) in values]
        if not left:
            raise MmfrError(f"no cell has {kind}={' or '.join(sorted(values))}", f"there is {', '.join(sorted(there))}")
    return left


def _product(settings: AblateSettings, part: Product) -> Iterator[Key]:
    data = part.data if part.data is not None else list(settings.data)
    training = part.training if part.training is not None else list(settings.training)
    seeds = part.seeds if part.seeds is not None else settings.seeds
    yield from (Key(*names) for names in product(data, training, seeds))


def _rank(settings: AblateSettings, key: Key) -> tuple[bool, int, int, int]:
    """Fine-tuning first; then a whole grid of one seed before the next, so that a first picture comes early."""
    data, training = list(settings.data), list(settings.training)
    return settings.training[key.training].reinforces, key.seed, data.index(key.data), training.index(key.training)
