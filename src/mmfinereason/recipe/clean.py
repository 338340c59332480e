"""Settings of the cleaning half of `collect`: text, images, duplicates and contamination.

The defaults are those of the paper where it gives a number (longest side 2048, arXiv 2601.21821 section 3.1) or those
the model servers impose (shortest side 32, aspect ratio 200).
"""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from mmfinereason.recipe.base import Settings


class TextSettings(Settings):
    """What the text rules may be told. The rules themselves are always on."""

    rewrite_shallow_instructions: bool = True
    """Turn "Answer with a single word." and its like into a request for reasoning."""

    watermarks: tuple[str, ...] = ()
    """Further phrases to strip from questions, matched without regard to case, for instance a website's name."""


class ImageSettings(Settings):
    """Which images are kept as they are, which are changed, and which are rejected."""

    max_side: int = Field(default=2048, ge=64)
    """Longest side in pixels; larger images are scaled down, keeping the aspect ratio."""

    min_side: int = Field(default=32, ge=1)
    """Shortest side in pixels that the models accept."""

    too_small: Literal["scale", "reject"] = "scale"
    """What happens to an image whose shortest side is below `min_side`."""

    max_aspect: float = Field(default=200.0, ge=1)
    """Images longer than this times their width (or the reverse) are rejected: the servers refuse them."""

    max_pixels: int = Field(default=64_000_000, ge=4096, le=178_000_000)
    """Images with more pixels than this are rejected unread: checked against the header, before decoding."""

    jpeg_quality: int = Field(default=95, ge=50, le=100)
    """Quality of JPEG images that have to be written anew."""


class DuplicateSettings(Settings):
    """Which rows count as the same. Of each group the first row in the order of the run stays."""

    exact: bool = True
    """Drop rows with the same image bytes and the same question, up to spaces and capital letters in words."""

    near: bool = False
    """Also drop rows whose image looks the same *and* whose question says the same in nearly the same words.

    Off by default: puzzles drawn from one template differ in less than a perceptual hash can see.
    """

    image_distance: int = Field(default=2, ge=0, le=8)
    """Bits of the 64-bit perceptual hash that may differ between near duplicates."""

    question_similarity: float = Field(default=0.9, ge=0.5, le=1)
    """Least share of common 5-letter pieces (Jaccard, estimated by MinHash) between near duplicates' questions."""


class ContaminationSettings(Settings):
    """When a row counts as a copy of a benchmark's item: its image *or* its question matches."""

    ngram: int = Field(default=8, ge=3, le=50)
    """Words in one n-gram of the question."""

    question_overlap: float = Field(default=0.7, gt=0, le=1)
    """Least share of the benchmark question's n-grams that the row's question must contain."""

    min_ngrams: int = Field(default=5, ge=1)
    """Questions with fewer n-grams than this prove nothing by their text ("Find x."): only their image is compared."""

    template_items: int = Field(default=5, ge=1)
    """What more than this many questions of one benchmark share is its template, and proves nothing either.

    So is an item's question or look that more than this many rows with different images share.
    """

    image_distance: int = Field(default=2, ge=0, le=8)
    """Bits of the 64-bit perceptual hash in which a copy of the image may differ."""
