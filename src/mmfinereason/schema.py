"""The vocabulary: every column, reason and name that more than one module uses.

Each stage of a run writes one table, shard by shard aligned with `samples`; `id` joins them. The canonical columns are
those of the published dataset (arXiv 2601.21821, section 3 and its dataset card). Raise `SCHEMA_VERSION` when the
meaning or type of a column changes: a run folder of another version is refused with a sentence, never misread.
"""

from __future__ import annotations

from enum import StrEnum

import pyarrow as pa

SCHEMA_VERSION = 1


class Stage(StrEnum):
    """The stages of a run in their order; each value is the name of the folder its table lives in."""

    COLLECT = "samples"
    CAPTION = "captions"
    DISTILL = "traces"
    VERIFY = "verdicts"
    PROBE = "rollouts"
    SELECT = "selection"

    @property
    def command(self) -> str:
        """The word a user types for this stage."""
        return self.name.lower()


UPSTREAM: dict[Stage, tuple[Stage, ...]] = {
    Stage.COLLECT: (),
    Stage.CAPTION: (Stage.COLLECT,),
    Stage.DISTILL: (Stage.COLLECT,),
    Stage.VERIFY: (Stage.COLLECT, Stage.DISTILL),
    Stage.PROBE: (Stage.COLLECT, Stage.VERIFY),
    Stage.SELECT: (Stage.COLLECT, Stage.CAPTION, Stage.DISTILL, Stage.VERIFY, Stage.PROBE),
}
"""Which tables a stage reads. `select` reads those that exist."""


class Domain(StrEnum):
    """The four domains of the paper (its Figure 4)."""

    MATHEMATICS = "Mathematics"
    SCIENCE = "Science"
    PUZZLE = "Puzzle/Game"
    GENERAL = "General/OCR"


STEM_CATEGORIES: tuple[str, ...] = (
    "Geometric Diagram",
    "Mathematical Plot / Chart",
    "Puzzle / Logic Diagram",
    "Diagram / Flowchart",
    "Table / Matrix",
    "Textbook Illustration",
    "Abstract Mathematical Representation",
    "Spatial Reasoning Scene",
    "Physics / Mechanics Diagram",
    "Biological Structure",
    "Experimental Setup",
    "Geological / Earth Science Diagram",
    "Circuit / Network Diagram",
    "Astronomy / Space Visualization",
    "Molecular / Chemical Diagram",
)
"""The 15 STEM and diagrammatic image categories (paper, Table 2), most frequent first."""

NATURAL_CATEGORIES: tuple[str, ...] = (
    "Urban / Street Scene",
    "Indoor / Interior Scene",
    "Human Portrait / Activity",
    "Sports / High-Motion Scene",
    "Document / Text Image",
    "Animal / Wildlife Scene",
    "Natural Landscape Scene",
    "Food / Beverage Item",
    "Vehicle / Machinery Object",
    "Product / Still Life Object",
    "Artwork / Illustration",
    "Technical / Surveillance / Medical",
)
"""The 12 natural image categories (paper, Table 2), most frequent first."""

CATEGORIES: tuple[str, ...] = STEM_CATEGORIES + NATURAL_CATEGORIES


class Reason(StrEnum):
    """Why a row left. This list is closed: a new check adds its reason here."""

    # reading a source
    UNREADABLE_ROW = "unreadable_row"
    MISSING_FIELD = "missing_field"
    MISSING_IMAGE = "missing_image"
    OUTSIDE_SOURCE = "outside_source"
    URL_NOT_ALLOWED = "url_not_allowed"
    FETCH_FAILED = "fetch_failed"
    WORKER_DIED = "worker_died"
    # the paper's exclusions, and a source's own inclusion rule
    MULTI_IMAGE = "multi_image"
    TOO_EASY_FAMILY = "too_easy_family"
    MEDICAL = "medical"
    MINOR_LANGUAGE = "minor_language"
    NOT_INCLUDED = "not_included"
    # text
    EMPTY_QUESTION = "empty_question"
    NOT_A_QUESTION = "not_a_question"
    DRAWING_TASK = "drawing_task"
    CODING_TASK = "coding_task"
    CUT_OFF = "cut_off"
    NOT_ENGLISH = "not_english"
    CLEANER_REJECTED = "cleaner_rejected"
    # image
    BAD_IMAGE = "bad_image"
    IMAGE_TOO_LARGE = "image_too_large"
    IMAGE_TOO_SMALL = "image_too_small"
    ASPECT_RATIO = "aspect_ratio"
    # across rows
    DUPLICATE_ID = "duplicate_id"
    DUPLICATE = "duplicate"
    NEAR_DUPLICATE = "near_duplicate"
    CONTAMINATED = "contaminated"
    # a model's reply
    TRUNCATED = "truncated"
    TEMPLATE = "template"
    TOO_SHORT = "too_short"
    TOO_LONG = "too_long"
    REPETITION = "repetition"
    LEAK = "leak"
    BLIND_REPLY = "blind_reply"
    WRONG_LANGUAGE = "wrong_language"
    EMPTY_REPLY = "empty_reply"
    BAD_REPLY = "bad_reply"
    REFUSED_REQUEST = "refused_request"
    TIMEOUT = "timeout"
    CONNECTION = "connection"
    RATE_LIMITED = "rate_limited"
    SERVER_ERROR = "server_error"
    # selection
    NO_TRACE = "no_trace"
    INCONSISTENT = "inconsistent"
    UNDECIDED = "undecided"
    REFERENCE_SUSPECT = "reference_suspect"
    IMAGE_NOT_NEEDED = "image_not_needed"
    NO_RULE_MATCHED = "no_rule_matched"
    NOT_DRAWN = "not_drawn"


IMAGE_TYPE = pa.struct([("bytes", pa.binary()), ("path", pa.string())])
"""The `datasets` image layout. `path` is a bare file name: an existing path would make `datasets` drop the bytes."""

CANONICAL_COLUMNS: tuple[str, ...] = (
    "source",
    "id",
    "original_question",
    "original_answer",
    "image",
    "question",
    "answer",
    "qwen3vl_235b_instruct_caption",
    "qwen3vl_235b_thinking_response",
    "qwen3vl_4b_pass_rate",
    "is_consistent",
    "consistency_analysis",
)
"""The published dataset's columns, in its order."""

EARLIER_NAMES: dict[str, str] = {
    "ori_question": "original_question",
    "ori_answer": "original_answer",
    "caption": "qwen3vl_235b_instruct_caption",
    "solution": "qwen3vl_235b_thinking_response",
    "pass_rate": "qwen3vl_4b_pass_rate",
}
"""Column names of earlier published versions, and what they are called now."""

_PUBLISHED = pa.struct(
    [
        ("caption", pa.string()),
        ("trace", pa.string()),
        ("pass_rate", pa.float64()),
        ("is_consistent", pa.bool_()),
        ("consistency_analysis", pa.string()),
    ]
)

SAMPLES = pa.schema(
    [
        ("id", pa.string()),  # `<source>/<id in the source, or a content hash>`: unique in the run
        ("source", pa.string()),
        ("domain", pa.string()),
        ("licence", pa.string()),  # SPDX identifier, or the publisher's own words
        ("original_question", pa.string()),
        ("original_answer", pa.string()),
        ("question", pa.string()),
        ("answer", pa.string()),  # short reference answer; null where none is known
        ("options", pa.list_(pa.string())),  # option texts in the order A, B, C...; empty when free-form
        ("image", IMAGE_TYPE),
        ("width", pa.int32()),  # pixels, as stored
        ("height", pa.int32()),
        ("format", pa.string()),  # PNG, JPEG, WEBP, ...
        ("byte_size", pa.int64()),
        ("image_sha256", pa.string()),  # of the stored bytes, hex
        ("image_phash", pa.string()),  # 64-bit perceptual hash, 16 hex digits
        ("edits", pa.list_(pa.string())),  # names of the rules that changed text or image, in order
        ("needs", pa.list_(pa.string())),  # what only a model can do: `translate`, `clean`, `answer`
        ("fixed_answer", pa.bool_()),  # false: the source's questions have no single right answer
        ("language", pa.string()),  # ISO 639-1 of the original question
        ("published", _PUBLISHED),  # what the source already knew of the row; null elsewhere
        ("extra", pa.string()),  # the source's further fields as JSON
        ("origin", pa.string()),  # file and row it was read from
    ]
)

CAPTIONS = pa.schema(
    [
        ("id", pa.string()),
        ("image_sha256", pa.string()),
        ("caption", pa.string()),
        ("category", pa.string()),  # one of CATEGORIES, or as the model wrote it
        ("known_category", pa.bool_()),
        ("sections", pa.list_(pa.string())),  # which of the five demanded sections were found
        ("words", pa.int32()),
        ("status", pa.string()),  # `ok`, or the Reason it failed with
        ("detail", pa.string()),
        ("model", pa.string()),
        ("endpoint", pa.string()),
        ("prompt", pa.string()),  # prompt name and hash, `caption@1a2b3c4d`
        ("finish_reason", pa.string()),
        ("prompt_tokens", pa.int64()),
        ("completion_tokens", pa.int64()),
        ("cost", pa.float64()),  # US dollars
        ("latency", pa.float64()),  # seconds
        ("request_key", pa.string()),
        ("raw", pa.string()),  # the reply's message as it came, JSON
    ]
)

TRACES = pa.schema(
    [
        ("id", pa.string()),
        ("candidate", pa.int32()),  # 0..n-1: independent traces asked for
        ("attempt", pa.int32()),  # 0.. : tries of one candidate; the last one counts
        ("last", pa.bool_()),  # true on the attempt that stands for its candidate
        ("status", pa.string()),  # `ok`, or the Reason the attempt failed with
        ("flags", pa.list_(pa.string())),  # every screen that failed, as Reason values
        ("detail", pa.string()),
        ("reasoning", pa.string()),
        ("answer_text", pa.string()),  # what follows the thoughts, answer tag included
        ("finish_reason", pa.string()),
        ("words", pa.int32()),
        (
            "tokens",
            pa.int64(),
        ),  # of reasoning and answer text, by the recipe's tokenizer or the stated estimate
        ("prompt_tokens", pa.int64()),  # as the server counted
        ("completion_tokens", pa.int64()),
        ("reasoning_tokens", pa.int64()),
        ("cost", pa.float64()),  # US dollars
        ("latency", pa.float64()),  # seconds
        ("model", pa.string()),
        ("endpoint", pa.string()),
        ("prompt", pa.string()),
        ("temperature", pa.float64()),
        ("max_tokens", pa.int32()),
        ("seed", pa.int64()),
        ("request_key", pa.string()),
        ("raw", pa.string()),
    ]
)

VERDICTS = pa.schema(
    [
        ("id", pa.string()),
        ("candidate", pa.int32()),
        ("chosen", pa.bool_()),  # the candidate that stands for the row
        ("extracted_answer", pa.string()),
        ("extraction", pa.string()),  # how it was found: answer_tag, boxed, phrase, ...
        ("outcome", pa.string()),  # equal, different, undecided, no_answer, not_checked, no_trace
        ("method", pa.string()),  # a method of answers.METHODS, `judge`, `published`, `no_fixed_answer`
        ("detail", pa.string()),
        ("is_consistent", pa.bool_()),  # null while undecided
        ("consistency_analysis", pa.string()),
        ("judge_calls", pa.int32()),
        ("cost", pa.float64()),  # US dollars
    ]
)

ROLLOUT = pa.struct(
    [
        ("index", pa.int32()),
        ("blind", pa.bool_()),  # asked without the image
        ("outcome", pa.string()),  # correct, wrong, truncated, error, unparsable, undecided
        ("answer", pa.string()),
        ("method", pa.string()),
        ("detail", pa.string()),
        ("finish_reason", pa.string()),
        ("completion_tokens", pa.int64()),
        ("cost", pa.float64()),
        ("seed", pa.int64()),
        ("model", pa.string()),
        ("request_key", pa.string()),
        ("text", pa.string()),  # the reply after the thoughts
    ]
)

ROLLOUTS = pa.schema(
    [
        ("id", pa.string()),
        ("pass_rate", pa.float64()),  # correct / (correct + wrong); null when nothing counted
        ("pass_low", pa.float64()),  # 95 % Wilson interval
        ("pass_high", pa.float64()),
        ("correct", pa.int32()),
        ("wrong", pa.int32()),
        ("truncated", pa.int32()),
        ("error", pa.int32()),
        ("unparsable", pa.int32()),
        ("undecided", pa.int32()),
        ("blind_pass_rate", pa.float64()),
        ("image_not_needed", pa.bool_()),
        ("reference_suspect", pa.bool_()),
        ("suspect_evidence", pa.string()),
        ("rollouts", pa.list_(ROLLOUT)),
    ]
)

SELECTION = pa.schema(
    [
        ("id", pa.string()),
        ("subsets", pa.list_(pa.string())),
        ("reason", pa.string()),  # why the row is in no subset; null when it is in one
        ("detail", pa.string()),
    ]
)

REJECTS = pa.schema(
    [
        ("id", pa.string()),
        ("stage", pa.string()),
        ("reason", pa.string()),
        ("detail", pa.string()),  # what a person needs to act: field, value, twin, position
        ("source", pa.string()),
        ("origin", pa.string()),
        ("question", pa.string()),  # as far as it was known, for the report
    ]
)

TABLES: dict[Stage, pa.Schema] = {
    Stage.COLLECT: SAMPLES,
    Stage.CAPTION: CAPTIONS,
    Stage.DISTILL: TRACES,
    Stage.VERIFY: VERDICTS,
    Stage.PROBE: ROLLOUTS,
    Stage.SELECT: SELECTION,
}
