"""Rows of VLMEvalKit's files as items, by the columns that the registry names.

```
{"index": "17", "question": "Which?", "hint": "Look left.", "A": "red", "B": "blue", "answer": "B",
 "category": "colour", "l2-category": "perception"}
```

Options are the columns A, B, C..., or a list written as text in `choices`. An empty cell is as good as none. In
circular files a rotation's index is its question's plus a multiple of a million.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping
from typing import Any

import orjson

from mmfinereason.evaluate.items import LETTERS, Item, LeftOut
from mmfinereason.evaluate.registry import Known
from mmfinereason.models.prompts import options_text
from mmfinereason.recipe.evaluate import Kind

UNSET = {"", "nan"}
"""How an empty cell comes back from the spreadsheets such files pass through; `None` and `NA` are answers."""
CIRCLE = 1_000_000

_MARKER = re.compile(r"\A(?:\s*<image(?: 1)?>)+|(?:<image(?: 1)?>\s*)+\Z")


def item_of(benchmark: Known, values: Mapping[str, Any], image: bytes) -> Item | LeftOut | None:
    """One row as an item; None when the benchmark does not ask it."""
    if any(cell(values, name) != wanted for name, wanted in benchmark.keep.items()):
        return None
    id = cell(values, "index") or ""
    question = next((text for name in benchmark.question if (text := cell(values, name))), None)
    reference = cell(values, "answer")
    if question is None or reference is None:
        return LeftOut(id, "no_answer", "no question" if question is None else "no reference answer")
    hint, columns = cell(values, "hint"), _columns(values)
    options = columns or _listed(values)
    kind = benchmark.kind or _kind(values, options)
    return Item(
        id=id,
        question=_joined(hint, _MARKER.sub("", question).strip()),
        reference=reference,
        image=image,
        options=options if kind == "option" else (),
        listed=not columns and options_text(options, question) is None,
        kind=kind,
        group=_group(benchmark, values, id),
        variant=(cell(values, benchmark.variant) or "") if benchmark.variant else "",
        labels=labels(values, benchmark.labels, benchmark.names),
        asked=(cell(values, benchmark.asked) or "") if benchmark.asked else "",
        within=benchmark.float_within if cell(values, "answer_type") == "float" else None,
        rubric=(cell(values, benchmark.rubric) or "") if benchmark.rubric else "",
    )


def labels(
    values: Mapping[str, Any], columns: Mapping[str, str], names: Mapping[str, Mapping[str, str]] | None = None
) -> dict[str, str]:
    """What accuracies are broken down by, of one row; a label whose column is missing or empty is left out."""
    found = {label: cell(values, column) for label, column in columns.items()}
    spelt = names or {}
    return {label: spelt.get(label, {}).get(text, text) for label, text in found.items() if text is not None}


def cell(values: Mapping[str, Any], name: str) -> str | None:
    """A cell as text, None where it is empty; a dot leads into a cell that holds a written dict."""
    first, _, rest = name.partition(".")
    value = values.get(name, values.get(first))
    if name not in values and rest:
        inner = _written(value)
        return cell(inner, rest) if isinstance(inner, Mapping) else None
    if value is None or str(value).strip().lower() in UNSET:
        return None
    return str(value)


def _joined(hint: str | None, question: str) -> str:
    return f"{hint.strip()}\n{question}" if hint else question


def _columns(values: Mapping[str, Any]) -> tuple[str, ...]:
    """Options in columns of their own."""
    texts: list[str] = []
    for letter in LETTERS:
        text = values.get(letter)
        if text is None or str(text).strip().lower() in UNSET:
            break
        texts.append(str(text).strip())
    return tuple(texts)


def _listed(values: Mapping[str, Any]) -> tuple[str, ...]:
    """Options in one cell; the question of such files lists them itself."""
    choices = _written(values.get("choices"))
    return tuple(map(str, choices)) if isinstance(choices, list) else ()


def _kind(values: Mapping[str, Any], options: tuple[str, ...]) -> Kind:
    if options:
        return "option"
    return "letters" if cell(values, "answer_type") == "multiple choice" else "value"


def _group(benchmark: Known, values: Mapping[str, Any], id: str) -> str:
    if benchmark.rule == "circular" and id.isdigit():
        return str(int(id) % CIRCLE)
    return (cell(values, benchmark.group) or "") if benchmark.group else ""


def _written(value: Any) -> Any:
    """A dict or list that stands as text, in JSON or in Python's spelling; anything else as it is."""
    if not isinstance(value, str) or not value.strip().startswith(("{", "[")):
        return value
    try:
        return orjson.loads(value)
    except orjson.JSONDecodeError:
        pass
    try:
        return ast.literal_eval(value)
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        return None
