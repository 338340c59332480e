"""One function a format: an `ExportRow` becomes the row that trainer reads. All of a format's rules stand here.

What a row asks, `prompt`, is the same text in every format (`asking`); formats differ in where the image goes.

The layouts were checked against LLaMA-Factory 0.9.5, veRL 0.9.1, TRL 1.16 and `datasets` 5: image lists hold
`{bytes, path}`, which all of them take, and `path` is a bare name, since an existing path makes `datasets` drop the
bytes.
"""

from __future__ import annotations

from typing import Any

import orjson
import pyarrow as pa

from mmfinereason.export.rows import ExportRow
from mmfinereason.recipe.export import ExportSettings
from mmfinereason.schema import CANONICAL_COLUMNS, IMAGE_TYPE
from mmfinereason.trace import inert

MARKER = "<image>"

DATA_SOURCE = "mmfinereason"
"""`data_source` of veRL rows. veRL knows no such source: its reward function is given by path and name."""


def prompt_text(row: ExportRow) -> str:
    """The question without its image marker, and with nothing in it that a trainer would take for a tag."""
    return inert(row.question.removeprefix(MARKER)).strip()


def target(row: ExportRow, variant: str) -> str:
    """What the student learns to write."""
    if variant == "no_think":
        return inert(row.answer_text, keep_answer=True).strip()
    if variant == "caption" and row.caption:
        return row.trace.replace("<think>\n", f"<think>\n{inert(row.caption).strip()}\n\n", 1)
    return row.trace


def image(row: ExportRow) -> dict[str, Any]:
    return {"bytes": row.image, "path": row.image_name}


# --- dataset ----------------------------------------------------------------------------------------------------------

_CANONICAL_TYPES: dict[str, pa.DataType] = {
    "image": IMAGE_TYPE,
    "qwen3vl_4b_pass_rate": pa.float64(),
    "is_consistent": pa.bool_(),
}


def dataset_schema(settings: ExportSettings) -> pa.Schema:
    """The canonical columns under the recipe's names, with the metadata by which `datasets` opens images."""
    fields = [(settings.column(name), _CANONICAL_TYPES.get(name, pa.string())) for name in CANONICAL_COLUMNS]
    features = {name: _feature(kind) for name, kind in fields}
    metadata = {b"huggingface": orjson.dumps({"info": {"features": features}})}
    return pa.schema(fields, metadata=metadata)


def _feature(kind: pa.DataType) -> dict[str, str]:
    if kind == IMAGE_TYPE:
        return {"_type": "Image"}
    names = {pa.float64(): "float64", pa.bool_(): "bool", pa.string(): "string"}
    return {"dtype": names[kind], "_type": "Value"}


def dataset_row(row: ExportRow, settings: ExportSettings) -> dict[str, Any]:
    """A row of the published layout. Texts are as the run has them: tags are made harmless for trainers only."""
    values = {
        "source": row.source,
        "id": row.source_id,
        "original_question": row.original_question,
        "original_answer": row.original_answer,
        "image": image(row),
        "question": row.question,
        "answer": row.answer,
        "qwen3vl_235b_instruct_caption": row.caption,
        "qwen3vl_235b_thinking_response": row.trace if row.reasoning or row.answer_text else None,
        "qwen3vl_4b_pass_rate": row.pass_rate,
        "is_consistent": row.is_consistent,
        "consistency_analysis": row.consistency_analysis,
    }
    return {settings.column(name): values[name] for name in CANONICAL_COLUMNS}


# --- LLaMA-Factory ----------------------------------------------------------------------------------------------------

LLAMAFACTORY = pa.schema(
    [
        ("conversations", pa.list_(pa.struct([("from", pa.string()), ("value", pa.string())]))),
        ("images", pa.list_(IMAGE_TYPE)),
        ("id", pa.string()),
    ]
)


def llamafactory_row(row: ExportRow, prompt: str, settings: ExportSettings) -> dict[str, Any]:
    """ShareGPT turns; as many `<image>` as images over all of them, the one of the prompt in front."""
    return {
        "conversations": [
            {"from": "human", "value": f"{MARKER}{prompt}"},
            {"from": "gpt", "value": target(row, settings.variant)},
        ],
        "images": [image(row)],
        "id": row.id,
    }


def llamafactory_entry(file_name: str) -> dict[str, Any]:
    """The entry of `dataset_info.json`. A key left out of `columns` or `tags` becomes None there: all are given."""
    return {
        "file_name": file_name,
        "formatting": "sharegpt",
        "columns": {"messages": "conversations", "images": "images"},
        "tags": {
            "role_tag": "from",
            "content_tag": "value",
            "user_tag": "human",
            "assistant_tag": "gpt",
            "observation_tag": "observation",
            "function_tag": "function_call",
            "system_tag": "system",
        },
    }


# --- veRL -------------------------------------------------------------------------------------------------------------

_CHAT = pa.list_(pa.struct([("role", pa.string()), ("content", pa.string())]))

VERL = pa.schema(
    [
        ("data_source", pa.string()),
        ("prompt", _CHAT),
        ("images", pa.list_(IMAGE_TYPE)),
        ("ability", pa.string()),
        ("reward_model", pa.struct([("style", pa.string()), ("ground_truth", pa.string())])),
        (
            "extra_info",
            pa.struct(
                [
                    ("split", pa.string()),
                    ("index", pa.int64()),
                    ("id", pa.string()),
                    ("answer", pa.string()),
                    ("question", pa.string()),
                ]
            ),
        ),
    ]
)


def verl_row(row: ExportRow, prompt: str, index: int) -> dict[str, Any]:
    """An RL prompt with what its reward needs. The answer is never in the prompt."""
    return {
        "data_source": DATA_SOURCE,
        "prompt": [{"role": "user", "content": f"{MARKER}{prompt}"}],
        "images": [image(row)],
        "ability": row.domain,
        "reward_model": {"style": "rule", "ground_truth": row.answer or ""},
        "extra_info": {
            "split": "train",
            "index": index,
            "id": row.id,
            "answer": row.answer,
            "question": prompt_text(row),
        },
    }


# --- TRL --------------------------------------------------------------------------------------------------------------

TRL_SFT = pa.schema([("prompt", _CHAT), ("completion", _CHAT), ("images", pa.list_(IMAGE_TYPE)), ("id", pa.string())])

TRL_RL = pa.schema(
    [
        ("prompt", _CHAT),
        ("images", pa.list_(IMAGE_TYPE)),
        ("ground_truth", pa.string()),
        ("question", pa.string()),
        ("id", pa.string()),
    ]
)


def trl_sft_row(row: ExportRow, prompt: str, settings: ExportSettings) -> dict[str, Any]:
    """Prompt and completion apart, so that the loss can be taken on the completion alone. TRL puts the image in."""
    return {
        "prompt": [{"role": "user", "content": prompt}],
        "completion": [{"role": "assistant", "content": target(row, settings.variant)}],
        "images": [image(row)],
        "id": row.id,
    }


def trl_rl_row(row: ExportRow, prompt: str) -> dict[str, Any]:
    """A prompt for GRPO-type trainers; further columns reach the reward function by name."""
    return {
        "prompt": [{"role": "user", "content": prompt}],
        "images": [image(row)],
        "ground_truth": row.answer or "",
        "question": prompt_text(row),
        "id": row.id,
    }
