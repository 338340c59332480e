"""A Qwen3-VL checkpoint in a folder: its processor without torchvision, its weights, and how it is saved again.

Weights that are trained are kept in 32 bits, since a learning rate of 1e-6 changes nothing in 16; where the device has
bf16, the arithmetic is done in it. What is saved has the precision the checkpoint came in, and its processor files.
"""

from __future__ import annotations

import importlib.util
import json
import shutil
from pathlib import Path
from typing import Any

from mmfinereason.errors import TrainError
from mmfinereason.lab.tiny.shipped import folder_of

MODEL_TYPES = ("qwen3_vl", "qwen3_vl_moe")
_WEIGHTS = (".safetensors", ".bin", ".pt", ".pth", ".gguf", ".index.json")
_OWN = ("config.json", "generation_config.json")


def require(*names: str) -> None:
    """Raises TrainError where torch, transformers or one of `names` is not installed."""
    missing = [name for name in ("torch", "transformers", *names) if importlib.util.find_spec(name) is None]
    if missing:
        raise TrainError(f"a local model needs {', '.join(missing)}", "pip install 'mmfinereason[train]'")


def locate(name: str) -> Path:
    """The folder of a checkpoint: a path, or a name on the hub.

    Raises:
        TrainError: there is no such model, or it is no Qwen3-VL.
    """
    folder = folder_of(name)
    if not folder.is_dir():
        folder = _fetch(name)
    path = folder / "config.json"
    if not path.is_file():
        raise TrainError(f"{name} holds no model: there is no config.json in it")
    kind = json.loads(path.read_text()).get("model_type")
    if kind not in MODEL_TYPES:
        raise TrainError(f"{name} is a {kind} model", "the local trainer knows Qwen3-VL only")
    return folder


def dense(folder: Path) -> bool:
    """Whether it is no mixture of experts."""
    return bool(json.loads((folder / "config.json").read_text()).get("model_type") == MODEL_TYPES[0])


def _fetch(name: str) -> Path:
    from huggingface_hub import snapshot_download

    try:
        return Path(snapshot_download(name))
    except (OSError, ValueError) as error:
        raise TrainError(f"no model {name!r}: no such folder, and not to be had from the hub ({error})") from error


def device_of(wanted: str) -> str:
    """`cpu` or `cuda`. Raises TrainError where a GPU is asked for and missing, or where there are several."""
    import torch

    found = torch.cuda.device_count() if torch.cuda.is_available() else 0
    if wanted == "cuda" and not found:
        raise TrainError("no CUDA device can be used here", "set train.local.device=cpu")
    if wanted != "cpu" and found > 1:
        raise TrainError(
            f"the local trainer uses one GPU, and {found} are visible",
            "set CUDA_VISIBLE_DEVICES=0, or use --backend llamafactory or verl for several",
        )
    return "cuda" if found and wanted != "cpu" else "cpu"


def load_processor(folder: Path, pixels: tuple[int, int] | None = None, *, padding: str = "left") -> Any:
    """Tokenizer and image processor of a checkpoint; `pixels` are the least and the most pixels of an image."""
    from mmfinereason.train.local.processor import load

    return load(folder, pixels, padding)


def load_model(folder: Path, device: str, *, trained: bool = True, attention: str = "sdpa") -> Any:
    """The weights, on the CPU for a trainer to place; in 32 bits if they are `trained`, else as they are stored."""
    import torch
    from transformers import AutoModelForImageTextToText
    from transformers.utils import logging

    logging.disable_progress_bar()
    wanted = torch.float32 if trained or device == "cpu" else "auto"
    return AutoModelForImageTextToText.from_pretrained(folder, dtype=wanted, attn_implementation=attention)


def bf16(device: str) -> bool:
    """Whether arithmetic in bf16 is native there."""
    import torch

    return device == "cuda" and bool(torch.cuda.is_bf16_supported())


def freeze(model: Any, *, vision: bool, projector: bool) -> None:
    """Take the vision tower or the projectors (its mergers) out of the training."""
    for name, weight in model.model.visual.named_parameters():
        if projector if "merger" in name else vision:
            weight.requires_grad_(False)


def save(model: Any, base: Path, folder: Path) -> None:
    """Write a trained model as a whole checkpoint: adapters merged, stored precision and processor of its base."""
    import torch

    if hasattr(model, "merge_and_unload"):
        model = model.merge_and_unload()
    stored = json.loads((base / "config.json").read_text())
    name = stored.get("dtype") or stored.get("torch_dtype") or stored.get("text_config", {}).get("dtype") or "float32"
    model.to(getattr(torch, name)).save_pretrained(folder)
    copy_processor(base, folder)


def copy_processor(base: Path, folder: Path) -> None:
    """Everything of a checkpoint but its weights and configurations: tokenizer, image processor, chat template."""
    for path in base.iterdir():
        if path.is_file() and path.name not in _OWN and not path.name.endswith(_WEIGHTS):
            shutil.copyfile(path, folder / path.name)
