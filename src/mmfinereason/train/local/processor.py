"""The processor of Qwen3-VL without its video half: only that needs torchvision.

Import this module only where transformers is there: its classes derive from transformers' own.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from transformers import AutoTokenizer
from transformers.models.qwen2_vl.image_processing_pil_qwen2_vl import Qwen2VLImageProcessorPil
from transformers.models.qwen3_vl.processing_qwen3_vl import Qwen3VLProcessor

from mmfinereason.train.local.checkpoint import copy_processor


class PictureProcessor(Qwen3VLProcessor):  # type: ignore[misc]
    """Text and images. It is saved as what it was read from, so that other tools read what they know."""

    origin: Path

    def check_argument_for_proper_class(self, argument_name: str, argument: Any) -> Any:
        """As in transformers, but the video processor may be missing."""
        return None if argument is None else super().check_argument_for_proper_class(argument_name, argument)

    def image_tokens(self, width: int, height: int) -> int:
        """Tokens of an image of this size in pixels."""
        patches: int = self.image_processor.get_number_of_image_patches(height, width, {})
        merged: int = self.image_processor.merge_size**2
        return patches // merged

    def save_pretrained(self, save_directory: str | Path, **_: Any) -> None:
        """Copy the files of the checkpoint."""
        Path(save_directory).mkdir(parents=True, exist_ok=True)
        copy_processor(self.origin, Path(save_directory))


def load(folder: Path, pixels: tuple[int, int] | None, padding: str) -> PictureProcessor:
    """The processor of a checkpoint. Without `pixels` the checkpoint's own limits of an image hold."""
    tokenizer = AutoTokenizer.from_pretrained(folder, padding_side=padding)
    size = {"size": {"shortest_edge": pixels[0], "longest_edge": pixels[1]}} if pixels else {}
    images = Qwen2VLImageProcessorPil.from_pretrained(folder, **size)
    processor = PictureProcessor(images, tokenizer, None, chat_template=_template(folder) or tokenizer.chat_template)
    processor.origin = folder
    return processor


def _template(folder: Path) -> str | None:
    """The chat template where it stands in a file of its own, as in Qwen's repositories."""
    path = folder / "chat_template.json"
    return json.loads(path.read_text())["chat_template"] if path.is_file() else None
