"""The whole life of a row: where it came from, what was done to it, who judged it how, and why it is in or out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from mmfinereason.inspect.find import Place, find
from mmfinereason.inspect.life import Life, Section
from mmfinereason.schema import Stage
from mmfinereason.store import Run

Record = Mapping[str, Any]

LONGEST = 600
"""Characters of a text that are shown; the whole text is in the tables."""
LINE = 160
"""Characters of a text that is only hinted at."""


def explain(run: Run, text: str) -> Life:
    """The life of the row that `text` stands for: an id, an id in the source, or the beginning of one.

    Raises MmfrError when there is no such row, or several.
    """
    place = find(run, text)
    sample, caption, attempts, verdicts, rollouts, selection = (_rows(run, stage, place) for stage in Stage)
    rejects = [row for stage in Stage for row in _of(run.table(stage).rejects(place.shard), place)]
    sections = [
        *map(_source, sample),
        *map(_texts, sample),
        *map(_image, sample),
        *map(_caption, caption),
        _section("Attempts", map(_attempt, attempts)),
        _section("Verdict", (line for one in verdicts for line in _verdict(one))),
        *map(_rollouts, rollouts),
        *map(_selection, selection),
        _section("Rejected", map(_reject, rejects)),
    ]
    return Life(place.id, _summary(rejects, selection), tuple(section for section in sections if section.lines))


def _rows(run: Run, stage: Stage, place: Place) -> list[Record]:
    """The rows of a stage that belong to a sample, without its image; none when the stage has not come to it."""
    table = run.table(stage)
    if not table.done(place.shard):
        return []
    columns = [name for name in table.schema.names if name != "image"]
    return _of(table.read(place.shard, columns), place)


def _of(table: pa.Table, place: Place) -> list[Record]:
    rows: list[Record] = table.filter(pc.equal(table["id"], place.id)).to_pylist()
    return rows


def _section(title: str, lines: Iterable[tuple[str, str]]) -> Section:
    return Section(title, tuple((label, _short(text)) for label, text in lines if text))


def _summary(rejects: list[Record], selection: list[Record]) -> str:
    if selection and selection[0]["subsets"]:
        return f"in {', '.join(selection[0]['subsets'])}"
    if selection:
        return f"in no subset: {selection[0]['reason']}"
    if rejects:
        return f"rejected by {rejects[0]['stage']}: {rejects[0]['reason']}"
    return "in the run; subsets are not selected yet"


def _source(row: Record) -> Section:
    return _section(
        "Source",
        [
            ("source", f"{row['source']} ({row['domain']})" if row["domain"] else row["source"]),
            ("licence", row["licence"] or ""),
            ("origin", row["origin"] or ""),
        ],
    )


def _texts(row: Record) -> Section:
    changed = row["original_question"] not in (None, row["question"])
    free = row["fixed_answer"] is False
    reference = "none: questions of this source have no fixed answer" if free else row["answer"]
    lines = [
        ("as it came", _line(row["original_question"]) if changed else ""),
        ("question", row["question"]),
        ("options", ", ".join(f"{chr(65 + n)}. {text}" for n, text in enumerate(row["options"] or []))),
        ("reference", reference or "none"),
        ("from", _line(row["original_answer"]) if row["original_answer"] not in (None, row["answer"]) else ""),
        ("edits", ", ".join(row["edits"] or []) or "none"),
        ("left to do", ", ".join(row["needs"] or [])),
    ]
    return _section("Text", lines)


def _image(row: Record) -> Section:
    size = f"{row['byte_size']:,} bytes" if row["byte_size"] is not None else ""
    shape = f"{row['width']} × {row['height']} {row['format']}" if row["width"] else ""
    hashes = f"sha256 {(row['image_sha256'] or '')[:16]}, perceptual {row['image_phash'] or 'unknown'}"
    return _section("Image", [("stored", ", ".join(filter(None, [shape, size]))), ("known by", hashes)])


def _caption(row: Record) -> Section:
    status = "" if row["status"] in (None, "ok") else f"{row['status']}: {row['detail'] or ''}"
    lines = [("category", row["category"] or ""), ("text", _line(row["caption"] or "")), ("failed", status)]
    return _section("Caption", [*lines, ("by", _by(row))])


def _attempt(row: Record) -> tuple[str, str]:
    counted = ["counts"] if row["last"] else []
    facts = [
        row["status"] if row["status"] == "ok" else f"{row['status']}: {row['detail'] or ''}",
        f"{row['tokens']:,} tokens" if row["tokens"] is not None else "",
        f"finish reason {row['finish_reason']}" if row["finish_reason"] else "",
        f"flags {', '.join(row['flags'])}" if row["flags"] else "",
        f"seed {row['seed']}" if row["seed"] is not None else "",
        _by(row),
        *counted,
    ]
    return f"trace {row['candidate']}, try {row['attempt']}", ", ".join(filter(None, facts))


def _by(row: Record) -> str:
    at = f" at temperature {row['temperature']:g}" if row.get("temperature") is not None else ""
    cost = f", ${row['cost']:.4f}" if row.get("cost") else ""
    return f"{row['model'] or ''}{at}{cost}"


def _verdict(row: Record) -> Iterable[tuple[str, str]]:
    consistent = {True: "consistent", False: "not consistent", None: "open"}[row["is_consistent"]]
    chosen = ", stands for the row" if row["chosen"] else ""
    answer = f", answer {row['extracted_answer']!r} ({row['extraction']})" if row["extracted_answer"] else ""
    how = ": ".join(filter(None, [row["method"], row["detail"]]))
    yield f"trace {row['candidate']}", f"{consistent}: {row['outcome']} by {how}{answer}{chosen}"
    yield "analysis", row["consistency_analysis"] or ""


def _rollouts(row: Record) -> Section:
    lines = [("pass rate", _rate(row))]
    if row["blind_pass_rate"] is not None:
        needed = "not needed" if row["image_not_needed"] else "needed"
        lines.append(("blind", f"{row['blind_pass_rate']:g} without the image: the image is {needed}"))
    for one in row["rollouts"] or []:
        answer = f" {one['answer']!r}" if one["answer"] else ""
        how = ": ".join(filter(None, [one["method"] if one["method"] != "none" else "", one["detail"]]))
        label = f"{'blind ' if one['blind'] else ''}rollout {one['index']}"
        lines.append((label, f"{one['outcome']}{answer}" + (f" ({how})" if how else "")))
    if row["reference_suspect"]:
        lines.append(("suspicion", row["suspect_evidence"] or ""))
    return _section("Difficulty", lines)


def _rate(row: Record) -> str:
    if row["pass_rate"] is None:
        return "not probed" if not row["rollouts"] else "unknown: no rollout counted"
    if row["pass_low"] is None:
        return f"{row['pass_rate']:g}, as published"
    counted = row["correct"] + row["wrong"]
    interval = f"95 % interval {row['pass_low']:.2f} to {row['pass_high']:.2f}"
    return f"{row['pass_rate']:g} ({row['correct']} of {counted} that count; {interval})"


def _selection(row: Record) -> Section:
    inside = ", ".join(row["subsets"] or [])
    out = ": ".join(filter(None, [row["reason"], row["detail"]]))
    return _section("Selection", [("subsets", inside or "none"), ("reason", out)])


def _reject(row: Record) -> tuple[str, str]:
    asked = f"\nquestion: {row['question']}" if row["question"] else ""
    origin = f" ({row['origin']})" if row["origin"] else ""
    return f"by {row['stage']}", f"{row['reason']}: {row['detail']}{origin}{asked}"


def _line(text: str) -> str:
    """The beginning of a text, on one line."""
    text = " ".join(text.split())
    return text if len(text) <= LINE else f"{text[: LINE - 4]} ..."


def _short(text: str) -> str:
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 4]} ..."
