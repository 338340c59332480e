"""How quickly a tiny Qwen3-VL writes: transformers, torch.compile, ONNX Runtime and numpy, one thread each, in turn.

`replies` is the whole way from messages and pictures to texts, by the two engines the lab server has. `decoding` is
what the other two are judged by as well: one token for every row of a batch, again and again, greedily and without
tokenizer, after prompts of 47 tokens. One run on one machine; only the ratios mean something.

    OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 .venv-train/bin/python benchmarks/engines.py

torch.compile needs a C++ compiler, ONNX Runtime the packages onnxruntime and onnxscript; what is missing is left out.
"""

from __future__ import annotations

import platform
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image

from mmfinereason.lab.engines.base import Engine, Sampling, Wanted
from mmfinereason.lab.engines.numpy_engine.engine import NumpyEngine
from mmfinereason.lab.engines.numpy_engine.text import Cache
from mmfinereason.lab.engines.transformers_engine.engine import TransformersEngine

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))
BATCHES = (1, 16, 64)
PROMPT, REPLY, ROUNDS = 47, 60, 5
PICTURES = np.random.default_rng(0)
Decode = Callable[[int], None]
"""Write a reply's tokens for so many rows."""


def wanted(rows: int) -> list[Wanted]:
    """Rows with pictures no one has seen before, each with a seed."""
    pixels = PICTURES.integers(0, 255, (rows, 96, 96, 3), dtype=np.uint8)
    text = "How many red dots are there in the picture, and the other?"
    message = {"role": "user", "content": [{"type": "image"}, {"type": "text", "text": text}]}
    sampling = [Sampling(seed=row, max_tokens=REPLY) for row in range(rows)]
    return [Wanted([message], (Image.fromarray(one),), how) for one, how in zip(pixels, sampling, strict=True)]


def replies(engine: Engine) -> Decode:
    """Whole replies."""
    return lambda rows: sum(1 for _ in engine.write(wanted(rows)))


def numpy_decoding(engine: NumpyEngine) -> Decode:
    """Decoding by numpy."""
    text, config = engine._model.text, engine._model.config.text

    def decode(rows: int) -> None:
        cache = Cache(config, rows, PROMPT + REPLY)
        ids = np.zeros(rows, np.int64)
        for place in range(PROMPT, PROMPT + REPLY):
            places = np.full((rows, 1), place)
            hidden = text(text.embeddings[ids][:, None], places, np.full((rows, 1, 3), place), cache, None)
            ids = text.logits(hidden[:, 0]).argmax(axis=1)

    return decode


class Step(torch.nn.Module):
    """One token for every row: its id, and the cache one place longer."""

    def __init__(self, model: Any) -> None:
        super().__init__()
        self.text, self.head = model.model.language_model, model.lm_head

    def forward(self, ids: Any, positions: Any, *cached: Any) -> tuple[Any, ...]:
        """`cached` are keys and values in turn, layer by layer."""
        from transformers import DynamicCache

        cache = DynamicCache()
        for layer in range(len(cached) // 2):
            cache.update(cached[2 * layer], cached[2 * layer + 1], layer)
        embedded = self.text.embed_tokens(ids)
        said = self.text(inputs_embeds=embedded, position_ids=positions, past_key_values=cache, use_cache=True)
        chosen = self.head(said.last_hidden_state).argmax(-1)
        return chosen, *(part for layer in cache.layers for part in (layer.keys, layer.values))


def empty(model: Any, rows: int) -> list[Any]:
    """A cache after a prompt."""
    config = model.config.text_config
    shape = (rows, config.num_key_value_heads, PROMPT, config.head_dim)
    return [torch.zeros(shape) for _ in range(2 * config.num_hidden_layers)]


def torch_decoding(model: Any, step: Callable[..., Any]) -> Decode:
    """Decoding by torch, compiled or not."""

    def decode(rows: int) -> None:
        ids, cached = torch.zeros(rows, 1, dtype=torch.long), empty(model, rows)
        with torch.inference_mode():
            for place in range(PROMPT, PROMPT + REPLY):
                ids, *cached = step(ids, torch.full((3, rows, 1), place), *cached)

    return decode


def onnx_decoding(model: Any, folder: Path) -> Decode:
    """Decoding by ONNX Runtime."""
    import onnxruntime

    path = folder / "step.onnx"
    cached = empty(model, 2)
    rows, places = torch.export.Dim("rows"), torch.export.Dim("places")
    torch.onnx.export(
        Step(model).eval(),
        (torch.zeros(2, 1, dtype=torch.long), torch.full((3, 2, 1), PROMPT), *cached),
        str(path),
        dynamo=True,
        dynamic_shapes=({0: rows}, {1: rows}, tuple({0: rows, 2: places} for _ in cached)),
        verbose=False,
    )
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    names = [one.name for one in session.get_inputs()]

    def decode(rows: int) -> None:
        ids, cached = np.zeros((rows, 1), np.int64), [one.numpy() for one in empty(model, rows)]
        for place in range(PROMPT, PROMPT + REPLY):
            given = [ids, np.full((3, rows, 1), place), *cached]
            ids, *cached = session.run(None, dict(zip(names, given, strict=True)))

    return decode


def contestants(folder: Path) -> dict[str, Decode]:
    """What can be timed here."""
    ours, theirs = NumpyEngine(folder), TransformersEngine(folder, "cpu", threads=1)
    ours._prompts.ends = frozenset()
    model = theirs._model
    found = {
        "replies, transformers": replies(theirs),
        "replies, numpy": replies(ours),
        "decoding, transformers": torch_decoding(model, Step(model)),
    }
    tries: dict[str, Callable[[], Decode]] = {
        "decoding, torch.compile": lambda: torch_decoding(model, torch.compile(Step(model), dynamic=True)),
        "decoding, ONNX Runtime": lambda: onnx_decoding(model, folder),
        "decoding, numpy": lambda: numpy_decoding(ours),
    }
    for name, make in tries.items():
        try:
            found[name] = make()
            found[name](2)
        except Exception as error:  # noqa: BLE001 - whatever is missing or cannot be compiled
            found.pop(name, None)
            print(f"{name}: left out, {type(error).__name__}: {str(error).splitlines()[0][:150]}")
    return found


def main() -> None:
    from tiny_model import build_tiny_qwen3vl

    torch.set_num_threads(1)
    with tempfile.TemporaryDirectory() as folder:
        path = build_tiny_qwen3vl(folder)
        (path / "generation_config.json").write_text("{}")  # no reply ends before its limit
        found = contestants(path)
        best: dict[tuple[str, int], float] = {}
        for rows in BATCHES:
            for work in found.values():
                work(rows)
            for _ in range(ROUNDS):
                for name, work in found.items():
                    start = time.perf_counter()
                    work(rows)
                    best[name, rows] = min(best.get((name, rows), 1e9), time.perf_counter() - start)
    print(f"{platform.machine()}, torch {torch.__version__}, numpy {np.__version__}, one thread; tokens a second")
    print(f"{'':28}" + "".join(f"{f'{rows} rows':>22}" for rows in BATCHES))
    for name in found:
        base = f"{name.partition(',')[0]}, transformers"
        shown = (
            f"{rows * REPLY / best[name, rows]:9,.0f} ({best[base, rows] / best[name, rows]:4.1f} x)"
            for rows in BATCHES
        )
        print(f"{name:28}" + "".join(f"{one:>22}" for one in shown))


if __name__ == "__main__":
    main()
