"""What a source is: facts about a publisher's dataset, and a function from its raw row to drafts.

A `Draft` is a row as its publisher meant it, before any cleaning: text as it is to be shown, and references to images
that `collect.locate` turns into bytes. What the mapping itself leaves out is a `Skip`: it ends among the rejects.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from mmfinereason.collect.readers.rows import RawRow
from mmfinereason.schema import Domain, Reason


@dataclass(frozen=True, slots=True)
class Published:
    """What a source already knows of a row: field for field the `published` column of the samples table."""

    caption: str | None = None
    trace: str | None = None
    pass_rate: float | None = None
    is_consistent: bool | None = None
    consistency_analysis: str | None = None


@dataclass(frozen=True, slots=True)
class Draft:
    """One image-question pair.

    `original_question` and `original_answer` are the publisher's texts, letter for letter. `question` is what a model
    shall read: without image markers, with options as `A. ...` lines where the source keeps them apart. `answer` is the
    reference where the layout marks it, a letter where there are `options`; None leaves it to the answer extraction,
    which then works on `original_answer`.
    """

    source_id: str | None
    question: str
    answer: str | None
    images: tuple[Any, ...]
    original_question: str
    original_answer: str | None = None
    options: tuple[str, ...] = ()
    domain: Domain | None = None
    fixed_answer: bool = True
    published: Published | None = None
    source: str | None = None
    licence: str | None = None
    extra: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Skip:
    """A row that the source's inclusion rule or one of the paper's exclusions leaves out."""

    reason: Reason
    detail: str
    source_id: str | None = None
    question: str = ""


Drafts = Iterable[Draft | Skip]
Map = Callable[[RawRow], Drafts]

OTHER_LAYOUT = (KeyError, IndexError, TypeError, ValueError, AttributeError)
"""What a mapping may raise on a row that is not laid out as its source says."""


@dataclass(frozen=True)
class Source:
    """A dataset that `use:` can name, with what its publisher says of it."""

    name: str
    domain: Domain
    licence: str
    """SPDX identifier or the publisher's words; `unknown` where no statement was found."""
    map: Map
    homepage: str | None = None
    hub_id: str | None = None
    revision: str | None = None
    """Commit of the hub repository that the layout was seen at."""
    config: str | None = None
    files: str | None = None
    """Glob of the data files in the hub repository."""
    names: tuple[str, ...] = ()
    """Names of the data files, where a download holds other files that would be read too."""
    unpack: str | None = None
    """What has to be unpacked before the images can be read; such a source needs `path`."""
    inclusion: str = "all rows"
    confirmed: str | None = None
    """Where the raw layout was found; None if it could not be confirmed."""
    answer_tag_exempt: bool = False
    """Whether the paper's template check lets traces of this source go without an answer tag."""
    aliases: tuple[str, ...] = ()
