"""A random Qwen3-VL of a few ten thousand parameters, in the files a real checkpoint has, written without torch."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers
from tokenizers.trainers import BpeTrainer

SPECIAL = ("<|endoftext|>", "<|im_start|>", "<|im_end|>", "<|vision_start|>", "<|vision_end|>", "<|image_pad|>")
TAGS = ("<think>", "</think>", "<answer>", "</answer>")
TEXT = {"size": 32, "wide": 48, "layers": 2, "heads": 4, "key_heads": 2, "head": 12}
VISION = {"size": 24, "wide": 40, "depth": 2, "heads": 2, "patch": 8, "side": 6}
TEMPLATE = (
    "{% for message in messages %}<|im_start|>{{ message.role }}\n"
    "{% if message.content is string %}{{ message.content }}{% else %}{% for part in message.content %}"
    "{% if part.type == 'image' %}<|vision_start|><|image_pad|><|vision_end|>{% else %}{{ part.text }}{% endif %}"
    "{% endfor %}{% endif %}<|im_end|>\n{% endfor %}<|im_start|>assistant\n"
)


def build_numpy_qwen3vl(path: str | Path, seed: int = 0, context: int = 256) -> Path:
    """Write a checkpoint with tied embeddings in bf16 into `path`; returns it."""
    folder = Path(path)
    folder.mkdir(parents=True, exist_ok=True)
    tokenizer = _tokenizer()
    tokenizer.save(str(folder / "tokenizer.json"))
    token = tokenizer.token_to_id
    write = {
        "config.json": _config(tokenizer.get_vocab_size(), token("<|image_pad|>"), context),
        "generation_config.json": {"eos_token_id": [token("<|im_end|>"), token("<|endoftext|>")]},
        "tokenizer_config.json": {"tokenizer_class": "Qwen2Tokenizer", "eos_token": "<|im_end|>"},
        "preprocessor_config.json": {
            "size": {"shortest_edge": 256, "longest_edge": 128 * 128},
            "image_mean": [0.5] * 3,
            "image_std": [0.5] * 3,
        },
    }
    for name, content in write.items():
        (folder / name).write_text(json.dumps(content))
    (folder / "chat_template.jinja").write_text(TEMPLATE)
    _save(folder / "model.safetensors", _weights(tokenizer.get_vocab_size(), seed))
    return folder


def _tokenizer() -> Tokenizer:
    raw = Tokenizer(models.BPE())
    raw.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    raw.decoder = decoders.ByteLevel()
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    raw.train_from_iterator(
        ["how many dots are red, and which is larger?"] * 3,
        BpeTrainer(vocab_size=288, initial_alphabet=alphabet, show_progress=False),
    )
    raw.add_special_tokens([AddedToken(name, special=True, normalized=False) for name in SPECIAL])
    raw.add_tokens([AddedToken(name, special=False, normalized=False) for name in TAGS])
    return raw


def _config(vocabulary: int, image_token: int, context: int) -> dict:
    text = {
        "model_type": "qwen3_vl_text",
        "vocab_size": vocabulary,
        "hidden_size": TEXT["size"],
        "intermediate_size": TEXT["wide"],
        "num_hidden_layers": TEXT["layers"],
        "num_attention_heads": TEXT["heads"],
        "num_key_value_heads": TEXT["key_heads"],
        "head_dim": TEXT["head"],
        "max_position_embeddings": context,
        "rope_parameters": {"rope_type": "default", "rope_theta": 1e4, "mrope_section": [2, 2, 2]},
        "tie_word_embeddings": True,
    }
    vision = {
        "model_type": "qwen3_vl_vision",
        "depth": VISION["depth"],
        "hidden_size": VISION["size"],
        "intermediate_size": VISION["wide"],
        "num_heads": VISION["heads"],
        "patch_size": VISION["patch"],
        "out_hidden_size": TEXT["size"],
        "num_position_embeddings": VISION["side"] ** 2,
        "deepstack_visual_indexes": [0],
    }
    whole = {"model_type": "qwen3_vl", "image_token_id": image_token, "tie_word_embeddings": True, "dtype": "bfloat16"}
    return whole | {"text_config": text, "vision_config": vision}


def _weights(vocabulary: int, seed: int) -> dict[str, np.ndarray]:
    size, wide = TEXT["size"], TEXT["wide"]
    shapes = {"language_model.embed_tokens": (vocabulary, size), "language_model.norm": (size,)}
    for number in range(TEXT["layers"]):
        layer = {
            "input_layernorm": (size,),
            "post_attention_layernorm": (size,),
            "mlp.gate_proj": (wide, size),
            "mlp.up_proj": (wide, size),
            "mlp.down_proj": (size, wide),
            "self_attn.q_norm": (TEXT["head"],),
            "self_attn.k_norm": (TEXT["head"],),
            "self_attn.q_proj": (TEXT["heads"] * TEXT["head"], size),
            "self_attn.k_proj": (TEXT["key_heads"] * TEXT["head"], size),
            "self_attn.v_proj": (TEXT["key_heads"] * TEXT["head"], size),
            "self_attn.o_proj": (size, TEXT["heads"] * TEXT["head"]),
        }
        shapes |= {f"language_model.layers.{number}.{name}": shape for name, shape in layer.items()}
    shapes |= {f"visual.{name}": shape for name, shape in _vision_shapes().items()}
    random = np.random.default_rng(seed)
    return {
        f"model.{name}.{kind}": value for name, shape in shapes.items() for kind, value in _made(random, name, shape)
    }


def _vision_shapes() -> dict[str, tuple[int, ...]]:
    size, patch = VISION["size"], VISION["patch"]
    shapes = {"patch_embed.proj": (size, 3, 2, patch, patch), "pos_embed": (VISION["side"] ** 2, size)}
    for number in range(VISION["depth"]):
        block = {
            "norm1": (size,),
            "norm2": (size,),
            "attn.qkv": (3 * size, size),
            "attn.proj": (size, size),
            "mlp.linear_fc1": (VISION["wide"], size),
            "mlp.linear_fc2": (size, VISION["wide"]),
        }
        shapes |= {f"blocks.{number}.{name}": shape for name, shape in block.items()}
    for name, norm in (("merger", size), ("deepstack_merger_list.0", 4 * size)):
        shapes |= {f"{name}.norm": (norm,), f"{name}.linear_fc1": (4 * size, 4 * size)}
        shapes |= {f"{name}.linear_fc2": (TEXT["size"], 4 * size)}
    return shapes


def _made(random, name: str, shape: tuple[int, ...]):
    """Weights, and for layers of the vision tower biases, large enough that what is asked shows in what is said."""
    if "norm" in name.rsplit(".", 1)[-1]:
        yield "weight", random.normal(1, 0.1, shape)
    else:
        yield "weight", random.normal(0, 0.3, shape)
    if name.startswith("visual") and "pos_embed" not in name:
        yield "bias", random.normal(0, 0.1, shape[0])


def _save(path: Path, weights: dict[str, np.ndarray]) -> None:
    """As bf16: the upper half of a float."""
    header, parts, at = {}, [], 0
    for name, value in weights.items():
        part = (np.ascontiguousarray(value, np.float32).view(np.uint32) >> 16).astype("<u2").tobytes()
        header[name] = {"dtype": "BF16", "shape": list(value.shape), "data_offsets": [at, at + len(part)]}
        parts.append(part)
        at += len(part)
    head = json.dumps(header).encode()
    path.write_bytes(len(head).to_bytes(8, "little") + head + b"".join(parts))
