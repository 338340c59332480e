"""Read an export back and hold every row against its trainer's own rules, without the trainer.

Trainers are quiet about bad rows: LLaMA-Factory cuts or crashes, veRL skips. Each check is one function about one row
as it was written to disk; it yields sentences. An export with a violation does not count as done.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from PIL import Image

from mmfinereason.export.tokens import row_tokens
from mmfinereason.recipe.distill import TokenizerSettings
from mmfinereason.recipe.export import ExportSettings

Row = Mapping[str, Any]
Check = Callable[[Row], Iterator[str]]


def dataset_checks(settings: ExportSettings) -> Check:
    """The hub's layout: an id, a source, a question and an image that opens; bytes inside, a bare name as path."""

    def check(row: Row) -> Iterator[str]:
        for name in ("source", "id", "question"):
            if not row[settings.column(name)]:
                yield f"`{settings.column(name)}` is empty"
        yield from _image(row[settings.column("image")])
        if row[settings.column("question")].count("<image>") != 1:
            yield "the question does not hold `<image>` exactly once"

    return check


def llamafactory_checks(settings: ExportSettings, tokenizer: TokenizerSettings) -> Check:
    """Turns human then gpt, `<image>` as often as there are images, the think layout, the length below the cut-off."""

    def check(row: Row) -> Iterator[str]:
        turns = row["conversations"]
        if [turn["from"] for turn in turns] != ["human", "gpt"]:
            yield "the turns are not human, then gpt"
            return
        prompt, target = (turn["value"] for turn in turns)
        yield from _images(row["images"], prompt + target)
        yield from _target(target, settings)
        yield from _length(row["images"], prompt, target, settings, tokenizer)

    return check


def verl_checks(settings: ExportSettings, tokenizer: TokenizerSettings) -> Check:
    """One user turn with one `<image>`, image bytes, a rule reward with a reference, the prompt below its limit."""

    def check(row: Row) -> Iterator[str]:
        prompt = row["prompt"]
        if [turn["role"] for turn in prompt] != ["user"]:
            yield "the prompt is not one user turn"
            return
        yield from _images(row["images"], prompt[0]["content"])
        yield from _prompt_length(row["images"], prompt[0]["content"], settings, tokenizer)
        if row["reward_model"]["style"] != "rule" or not row["reward_model"]["ground_truth"]:
            yield "the reward has no reference to compare with"
        if not row["data_source"]:
            yield "`data_source` is empty"

    return check


def trl_sft_checks(settings: ExportSettings, tokenizer: TokenizerSettings) -> Check:
    """Prompt and completion of one turn each, no `<image>` in either, since TRL adds one for each image."""

    def check(row: Row) -> Iterator[str]:
        roles = [turn["role"] for turn in (*row["prompt"], *row["completion"])]
        if roles != ["user", "assistant"]:
            yield "the turns are not user, then assistant"
            return
        prompt, target = row["prompt"][0]["content"], row["completion"][0]["content"]
        yield from _bare(row["images"], prompt + target)
        yield from _target(target, settings)
        yield from _length(row["images"], prompt, target, settings, tokenizer)

    return check


def trl_rl_checks(settings: ExportSettings, tokenizer: TokenizerSettings) -> Check:
    """One user turn without `<image>`, and a reference for the reward."""

    def check(row: Row) -> Iterator[str]:
        prompt = row["prompt"][0]["content"]
        yield from _bare(row["images"], prompt)
        yield from _prompt_length(row["images"], prompt, settings, tokenizer)
        if not row["ground_truth"]:
            yield "there is no reference to compare with"

    return check


def _images(images: list[Any], text: str) -> Iterator[str]:
    if text.count("<image>") != len(images):
        yield f"`<image>` stands {text.count('<image>')} times for {len(images)} images"
    for image in images:
        yield from _image(image)


def _bare(images: list[Any], text: str) -> Iterator[str]:
    if "<image>" in text:
        yield "the text holds a literal `<image>`"
    if len(images) != 1:
        yield f"{len(images)} images"
    for image in images:
        yield from _image(image)


def _image(image: Any) -> Iterator[str]:
    if not image or not image["bytes"]:
        yield "the image has no bytes"
        return
    if "/" in (image["path"] or ""):
        yield "the image's path is not a bare name: `datasets` would drop the bytes"
    try:
        with Image.open(io.BytesIO(image["bytes"])) as opened:
            if max(opened.size) > 200 * min(opened.size):
                yield "the image's aspect ratio is above 200"
    except OSError as error:
        yield f"the image does not open: {error}"


def _target(target: str, settings: ExportSettings) -> Iterator[str]:
    if settings.variant == "no_think":
        if "<think>" in target or "</think>" in target:
            yield "the target holds a think tag"
    elif not target.startswith("<think>\n") or target.count("<think>") != 1 or target.count("\n</think>\n\n") != 1:
        yield "the target is not `<think>`, thoughts, `</think>`, an empty line, the solution"
    if not target.rpartition("</think>")[2].strip():
        yield "the target has no solution"


def _length(
    images: list[Any], prompt: str, target: str, settings: ExportSettings, tokenizer: TokenizerSettings
) -> Iterator[str]:
    tokens = _tokens(images, prompt, target, settings, tokenizer)
    if tokens > settings.tokens.cutoff:
        yield f"{tokens} tokens, above the cut-off of {settings.tokens.cutoff}"


def _prompt_length(
    images: list[Any], prompt: str, settings: ExportSettings, tokenizer: TokenizerSettings
) -> Iterator[str]:
    tokens = _tokens(images, prompt, "", settings, tokenizer)
    if tokens > settings.tokens.prompt:
        yield f"{tokens} tokens in the prompt, above {settings.tokens.prompt}"


def _tokens(images: list[Any], prompt: str, target: str, settings: ExportSettings, tokenizer: TokenizerSettings) -> int:
    with Image.open(io.BytesIO(images[0]["bytes"])) as opened:
        width, height = opened.size
    return row_tokens(prompt.replace("<image>", ""), target, width, height, settings.tokens, tokenizer)
