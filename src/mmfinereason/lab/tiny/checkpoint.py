"""An untaught Qwen3-VL of about a million parameters, in the files a real checkpoint has.

Needs torch and transformers, no download and no torchvision.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

SPECIAL = (
    "<|endoftext|>",
    "<|im_start|>",
    "<|im_end|>",
    "<|vision_start|>",
    "<|vision_end|>",
    "<|vision_pad|>",
    "<|image_pad|>",
    "<|video_pad|>",
)
TAGS = ("<think>", "</think>", "<answer>", "</answer>")
"""Tokens of their own, but not special: decoding keeps them, as Qwen's tokenizer does."""
PATCH, MERGE = 16, 2
"""A token sees a cell of PATCH x MERGE = 32 pixels: one cell of a small puzzle at 96 pixels."""
HEAD = 32
CONTEXT = 4096
"""Most tokens of prompt and reply."""
WORD = r" ?[A-Za-z]+| ?\d+| ?[^\sA-Za-z\d]+|\s+"
"""How text is cut before bytes are merged."""
MEAN, STD = 0.9, 0.25
"""Of pixel values. Drawings are mostly white: normalised as photographs are, all look alike to a small tower."""

TEMPLATE = """\
{%- for message in messages %}
{{- '<|im_start|>' + message.role + '\\n' }}
{%- if message.content is string %}
{{- message.content }}
{%- else %}
{%- for part in message.content %}
{%- if part.type == 'image' %}
{{- '<|vision_start|><|image_pad|><|vision_end|>' }}
{%- else %}
{{- part.text }}
{%- endif %}
{%- endfor %}
{%- endif %}
{{- '<|im_end|>\\n' }}
{%- endfor %}
{%- if add_generation_prompt %}
{{- '<|im_start|>assistant\\n' }}
{%- endif %}
"""


@dataclass(frozen=True, slots=True)
class Size:
    """Widths and depths of a model; `hidden` and `vision` are multiples of 32 and of 4 x 4."""

    hidden: int
    layers: int
    inner: int
    vision: int
    depth: int

    @property
    def heads(self) -> int:
        return self.hidden // HEAD


LARGE = Size(hidden=128, layers=4, inner=384, vision=96, depth=2)
SMALL = Size(hidden=96, layers=3, inner=256, vision=64, depth=2)


def build(folder: Path, size: Size, texts: Iterable[str], *, seed: int = 0, vocabulary: int = 1024) -> Path:
    """Write model, tokenizer and image processor into `folder`; the tokenizer learns its words from `texts`."""
    import torch
    from transformers import Qwen3VLConfig, Qwen3VLForConditionalGeneration
    from transformers.utils import logging

    logging.disable_progress_bar()
    folder.mkdir(parents=True, exist_ok=True)
    tokenizer = _tokenizer(texts, vocabulary)
    tokenizer.save_pretrained(folder)
    (folder / "chat_template.jinja").write_text(TEMPLATE)
    _write_image_processor(folder)
    torch.manual_seed(seed)
    model = Qwen3VLForConditionalGeneration(Qwen3VLConfig(**_config(size, tokenizer)))
    model.generation_config.eos_token_id = [tokenizer.convert_tokens_to_ids(name) for name in SPECIAL[2::-2]]
    model.generation_config.pad_token_id = tokenizer.pad_token_id
    model.save_pretrained(folder)
    return folder


def _write_image_processor(folder: Path) -> None:
    """The class names are those a published checkpoint carries."""
    from transformers.models.qwen2_vl.image_processing_pil_qwen2_vl import Qwen2VLImageProcessorPil

    Qwen2VLImageProcessorPil(
        patch_size=PATCH,
        temporal_patch_size=2,
        merge_size=MERGE,
        size={"shortest_edge": (PATCH * MERGE) ** 2, "longest_edge": 768 * 768},
        image_mean=[MEAN] * 3,
        image_std=[STD] * 3,
    ).save_pretrained(folder)
    path = folder / "preprocessor_config.json"
    names = {"image_processor_type": "Qwen2VLImageProcessorFast", "processor_class": "Qwen3VLProcessor"}
    path.write_text(json.dumps(json.loads(path.read_text()) | names, indent=2))


def _config(size: Size, tokenizer: Any) -> dict[str, Any]:
    token = tokenizer.convert_tokens_to_ids
    return {
        "text_config": {
            "vocab_size": len(tokenizer),
            "hidden_size": size.hidden,
            "intermediate_size": size.inner,
            "num_hidden_layers": size.layers,
            "num_attention_heads": size.heads,
            "num_key_value_heads": size.heads,
            "head_dim": HEAD,
            "max_position_embeddings": CONTEXT,
            "rope_parameters": {
                "rope_type": "default",
                "rope_theta": 10_000.0,
                "mrope_section": [6, 5, 5],
                "mrope_interleaved": True,
            },
            "tie_word_embeddings": True,
            "pad_token_id": tokenizer.pad_token_id,
            "eos_token_id": token("<|im_end|>"),
        },
        "vision_config": {
            "depth": size.depth,
            "hidden_size": size.vision,
            "intermediate_size": size.vision * 5 // 2,
            "num_heads": size.vision // 16,
            "patch_size": PATCH,
            "spatial_merge_size": MERGE,
            "temporal_patch_size": 2,
            "out_hidden_size": size.hidden,
            "num_position_embeddings": 64,
            "deepstack_visual_indexes": [0],
        },
        "image_token_id": token("<|image_pad|>"),
        "video_token_id": token("<|video_pad|>"),
        "vision_start_token_id": token("<|vision_start|>"),
        "vision_end_token_id": token("<|vision_end|>"),
        "tie_word_embeddings": True,
    }


def _tokenizer(texts: Iterable[str], vocabulary: int) -> Any:
    """Byte-level BPE over the world's own words; a word or a number takes the space before it along.

    A space that is a token of its own would stand between a name and its number, and a small model finds what comes
    next to a name much sooner than what comes next but one.
    """
    from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, pre_tokenizers, trainers
    from transformers import PreTrainedTokenizerFast

    raw = Tokenizer(models.BPE())
    words = pre_tokenizers.Split(Regex(WORD), behavior="isolated")
    raw.pre_tokenizer = pre_tokenizers.Sequence(
        [words, pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)]
    )
    raw.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=vocabulary, initial_alphabet=pre_tokenizers.ByteLevel.alphabet(), show_progress=False
    )
    raw.train_from_iterator(texts, trainer)
    raw.add_special_tokens([AddedToken(name, special=True, normalized=False) for name in SPECIAL])
    raw.add_tokens([AddedToken(name, special=False, normalized=False) for name in TAGS])
    return PreTrainedTokenizerFast(  # Qwen's own class would cut words by Qwen's rule
        tokenizer_object=raw, eos_token="<|im_end|>", pad_token="<|endoftext|>", unk_token=None, bos_token=None
    )
