"""Small matters of writing: numbers with units, near misses, lists in words."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from mmfinereason.lab.puzzles.dice import Dice

NAMES = (
    "Ana", "Ben", "Chloe", "David", "Elif", "Farah", "Georg", "Hana", "Ivan", "Jo", "Kofi", "Lena", "Mei", "Nils",
    "Omar", "Priya", "Quinn", "Rosa", "Sven", "Tara", "Uma", "Vera", "Wen", "Yusuf",
)  # fmt: skip


def with_unit(number: object, unit: str) -> str:
    """`12 cm`, `35°`, `$4`, `40%` or, without a unit, `12`."""
    if unit == "$":
        return f"${number}"
    return f"{number}{unit}" if unit in ("", "°", "%") else f"{number} {unit}"


def misses(answer: int, dice: Dice, unit: str = "", slips: Iterable[int] = (), low: int = 1) -> tuple[str, ...]:
    """At least four wrong whole numbers: first the typical `slips`, then near ones; none below `low`."""
    grain = 10 if answer > 20 and answer % 10 == 0 else 1
    near = dice.shuffled([answer + d * grain for d in (-2, -1, 1, 2)]) + [answer + d * grain for d in (3, 4, 5, 6)]
    found = dict.fromkeys(n for n in [*slips, *near] if n >= low and n != answer)
    return tuple(with_unit(n, unit) for n in list(found)[:5])


def listed(items: Sequence[object], word: str = "and") -> str:
    """`a, b and c`."""
    texts = [str(item) for item in items]
    return texts[0] if len(texts) == 1 else f"{', '.join(texts[:-1])} {word} {texts[-1]}"
