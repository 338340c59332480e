"""Where rows come from: one `SourceSettings` for each entry of the recipe's `sources:` list.

A source is one of three things: a known one (`use: GameQA-140K`), the built-in puzzles (`use: puzzles`), or own data
(no `use`, but `columns`). Where its files lie is said by `path` (a file, folder, glob or storage URL) or by `hub`; a
known source that is given neither is read from its publisher's hub repository.
"""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator

from mmfinereason.recipe.base import Place, Settings
from mmfinereason.schema import Domain

PUZZLES = "puzzles"

Format = Literal["auto", "parquet", "jsonl", "json", "csv", "tsv", "sharegpt", "vlmevalkit", "webdataset", "datasets"]
Value = str | int | float | bool | None


class HubSettings(Settings):
    """A dataset repository on the hub (needs the `hub` extra)."""

    id: str = Field(pattern=r"^[\w.-]+/[\w.-]+$")
    """Owner and name, `MathLLMs/MM-MathInstruct`."""
    revision: str | None = None
    """Branch, tag or commit. Pinned to a commit when the run starts, and recorded in the saved recipe."""
    config: str | None = None
    """Only files in the folder of this name."""
    split: str | None = None
    """Only files of this split: `train-*`, `train.*` or in a folder `train`."""
    files: str | None = None
    """Glob inside the repository, instead of `config` and `split`: `data/train-*.parquet`."""


class Columns(Settings):
    """Which raw column holds what. A dot leads into nested values: `json.question`, `conversations.0.value`."""

    question: str
    """The question's text."""
    image: str
    """The image: bytes, `{bytes, path}`, base64, a path in the source's folder, an allowed URL; or a list of these."""
    answer: str | None = None
    """The reference answer."""
    id: str | None = None
    """The row's id within the source. Without it the id is made from the content."""
    options: str | list[str] | None = None
    """One column with the list (or dict) of option texts, or one column for each option in the order A, B, C..."""
    first_option: Literal[0, 1] | None = None
    """Where answers count options instead of naming them: the number of the first one."""
    hint: str | None = None
    """Text put before the question."""
    extra: list[str] = []
    """Further columns to keep as they are."""


class PuzzleSettings(Settings):
    """What to draw when the source is the built-in puzzles."""

    world: Literal["standard", "small"] = "standard"
    """`small`: puzzles of 96 x 96 pixels that a very small model can learn to solve."""
    families: list[str] = []
    """Which puzzle families, of either world; empty means all of `world`."""
    part: Literal["all", "train", "test"] = "all"
    """`train` and `test` share no picture, whatever their seeds; about a fifth of all pictures is for testing."""
    count: int = Field(default=100, ge=1)
    """Number of puzzles."""
    levels: list[int] = [1, 2, 3]
    """Difficulty levels to draw from, 1 is the easiest."""
    multiple_choice_share: float = Field(default=0.5, ge=0, le=1)
    """Share of puzzles with lettered options."""
    dirty: float = Field(default=0.0, ge=0, le=1)
    """Share of questions made dirty the way the paper's sources are (Chinese, links, numbers, cut off...)."""
    spoil: float = Field(default=0.0, ge=0, le=1)
    """Share of images that are spoilt (truncated, CMYK, rotated, huge, animated, not an image...)."""
    seed: int = 0
    """The same seed gives the same puzzles."""


class SourceSettings(Settings):
    """One source of image-question pairs."""

    name: str | None = Field(default=None, min_length=1)
    """Name in the `source` column. A known source keeps its own name unless this is set."""
    use: str | None = None
    """A known source by name (see docs/sources.md), `puzzles`, or nothing for own data."""
    path: Place | None = None
    """File, folder, glob or storage URL (`s3://`, `memory://`). Relative paths start at the working directory."""
    hub: HubSettings | None = None
    """A hub repository instead of `path`."""
    files: list[str] = []
    """Of a folder, only files of these names (`train-*.parquet`); a known source knows its own."""
    format: Format = "auto"
    """How the files are read; `auto` goes by their names."""
    images: Place | None = None
    """Folder that image paths are relative to, where it is not the source's own folder."""
    columns: Columns | None = None
    """For own data: which column holds what."""
    domain: Domain | None = None
    """Domain of all rows; a known source has its own."""
    licence: str | None = None
    """SPDX identifier, or the publisher's words; a known source has its own."""
    fixed_answer: bool = True
    """False where questions have no single right answer, such as descriptions."""
    id_from: Literal["source", "origin", "content"] = "source"
    """Take ids from the source's own column, from file and row number, or from the content."""
    limit: int | None = Field(default=None, ge=1)
    """Read at most this many raw rows."""
    sample: float | None = Field(default=None, gt=0, le=1)
    """Read only this share of the raw rows, drawn by `seed` and the row's position."""
    seed: int = 0
    """Seed of `sample`."""
    include: dict[str, list[Value]] = {}
    """Only rows whose raw column has one of these values; others are rejected as `not_included`."""
    exclude: dict[str, list[Value]] = {}
    """Rows whose raw column has one of these values are rejected as `not_included`."""
    paper_exclusions: bool = True
    """Leave out what the paper leaves out: multi-image rows, CLEVR and geo170k(align), medical images, EXAMS-V."""
    allow_urls: bool = False
    """Whether images given as http(s) URLs may be fetched."""
    puzzles: PuzzleSettings | None = None
    """Settings of the built-in puzzles; only with `use: puzzles`."""

    @model_validator(mode="after")
    def _one_place(self) -> SourceSettings:
        if self.path and self.hub:
            raise ValueError("give either `path` or `hub`, not both")
        if self.use == PUZZLES and (self.path or self.hub or self.columns):
            raise ValueError("the built-in puzzles take `puzzles`, not `path`, `hub` or `columns`")
        if self.use != PUZZLES and self.puzzles:
            raise ValueError("`puzzles` goes with `use: puzzles`")
        return self

    @model_validator(mode="after")
    def _own_data(self) -> SourceSettings:
        if self.use:
            if self.columns:
                raise ValueError("a known source has its own columns: leave out `use` or `columns`")
            return self
        if not (self.path or self.hub):
            raise ValueError("say where the rows are: `path`, `hub`, or `use` with a known source")
        if not self.name:
            raise ValueError("own data needs a `name`")
        if not self.columns and self.format not in ("sharegpt", "vlmevalkit"):
            raise ValueError("own data needs `columns`, at least `question` and `image`")
        return self
